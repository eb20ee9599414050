"""Probe: what watches a stack while it is measured. The boundary behind which other packages bring their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self


class Subject(NamedTuple):
    """What a probe may see of one stack in one trial.

    Attributes:
        pid: the root of its process tree; None where its processes cannot be seen.
        host, port: its address.
        cpus: the CPUs that serve and load; empty where none is named.
    """

    pid: int | None
    host: str
    port: int
    cpus: frozenset[int] = frozenset()


class Watcher(ABC):
    """Watches one subject in one trial; made for it. A context manager that starts and stops itself."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Begin, before the load does."""

    @abstractmethod
    def stop(self) -> None:
        """End, whatever happened; everything that was started is stopped."""

    @abstractmethod
    def opened(self, at: float) -> None:
        """A measured window opened at this moment of the monotonic clock, in seconds; a trial may have several."""

    @abstractmethod
    def closed(self, at: float) -> None:
        """It closed at this moment of the monotonic clock, in seconds."""

    @abstractmethod
    def found(self) -> object:
        """What it saw in the windows, all together, as JSON can hold it: asked once, after the last `closed`."""


@dataclass(frozen=True)
class Probe:
    """A probe as it is found by name.

    Attributes:
        name: as `--probe` takes it, and under which what it found is kept.
        summary: what it watches, in a few words.
        watcher: makes one for a trial.
    """

    name: str
    summary: str
    watcher: Callable[[Subject], Watcher]
