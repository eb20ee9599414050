"""Dependency: a service that a workload needs. The boundary behind which the upstream is one among others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple

from ..model.workload import JsonScalar

Settings = Mapping[str, JsonScalar]
"""How it is to behave, as the workload gives it."""


class Place(NamedTuple):
    """Where a dependency runs.

    Attributes:
        cpus: the CPUs that it may use; empty for any.
        apart: these neither serve nor load.
    """

    cpus: tuple[int, ...] = ()
    apart: bool = False


class RunningDependency(ABC):
    """A dependency that runs and is ready.

    Attributes:
        address: where it answers, for the reader of a result.
        env: what every stack is told, as environment variables.
        argv: its command line; empty where no program was started for it.
    """

    def __init__(self, address: str, env: Mapping[str, str], argv: tuple[str, ...] = ()) -> None:
        self.address, self.env, self.argv = address, env, argv

    @abstractmethod
    def check(self) -> None:
        """Make sure that it runs and does what it is there for: asked when it has started, and after every load.

        It must come back in seconds whatever has become of the dependency, so that what it asks needs a time-out.

        Raises:
            DependencyFailed: it does not; with its last output.
        """

    def calls(self) -> int | None:
        """How often it has been called since its start; None where that is not counted. Asked around each load.

        Raises:
            DependencyFailed: it does not say.
        """
        return None


@dataclass(frozen=True)
class Dependency:
    """A dependency as it is found by name.

    Attributes:
        name: as workloads name it.
        summary: what it is, in a few words.
        version: of what would run with these settings. Asked before anything is started; raises UsageError where it is
            not installed or not of a version that will do, with how to get it, or where the settings are wrong.
        running: runs it for as long as the context lasts; inside, it is ready. Whatever it makes is removed when the
            context ends. Raises DependencyFailed where it does not start.
    """

    name: str
    summary: str
    version: Callable[[Settings], str]
    running: Callable[[Settings, Place], AbstractContextManager[RunningDependency]]
