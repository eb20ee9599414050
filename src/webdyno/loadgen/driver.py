"""Driver: what puts load on a server. The boundary behind which webdyno's own engine is one load tool among others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Literal, NamedTuple, Self

from ..model.trial import LoadFigures
from .job import LoadEvent, LoadJob

Ability = Literal[
    "poisson",
    "constant",
    "profile",
    "scenario",
    "websocket",
    "head",
    "status",
    "bodies",
    "tls",
    "unix-socket",
    "requests-per-connection",
    "fractions",
    "processes",
    "duet",
    "pauses",
]
ABILITIES: dict[Ability, str] = {
    "poisson": "open load with poisson arrivals",
    "constant": "open load with constant arrivals",
    "profile": "rates that change",
    "scenario": "scenarios",
    "websocket": "WebSockets",
    "head": "HEAD requests",
    "status": "checking each response for the status that is asked for",
    "bodies": "checking the body of each response",
    "tls": "https",
    "unix-socket": "Unix sockets",
    "requests-per-connection": "closing connections after so many requests",
    "fractions": "time-outs in fractions of a second, or of more than a minute",
    "processes": "several generator processes",
    "duet": "loading two stacks at the same time",
    "pauses": "short windows that alternate between stacks",
}
"""What one load tool can and another cannot; each can put a closed load of one request on a plain HTTP/1.1 server."""


class Seat(NamedTuple):
    """Where a load generator runs.

    Attributes:
        cpus: the processors that it may use; None for any.
        spin: wait for arrivals by spinning; None where there is a processor for that.
        processes: how many share the load, or are loaded at the same time.
    """

    cpus: tuple[int, ...] | None = None
    spin: bool | None = None
    processes: int = 1


def ignore(event: LoadEvent) -> None:
    """Take no notice."""


class Generator(ABC):
    """Puts load on servers, one job after the other; a context manager that ends whatever it has started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def start(self) -> None:
        """Begin to get ready, without waiting for it.

        Raises:
            EngineFailed: the system starts no further process.
        """

    @abstractmethod
    def run(self, job: LoadJob, on_event: Callable[[LoadEvent], None] = ignore) -> LoadFigures:
        """Do one job and wait for its result; what the tool does not tell is left out of it.

        Args:
            job: what to do; it needs no more than the driver's abilities.
            on_event: called in this thread as soon as the window opens and closes, and with ticks where the tool tells
                meanwhile how it goes.

        Raises:
            EngineFailed: it could not be done.
        """

    @abstractmethod
    def close(self) -> None:
        """End what was started."""

    def run_each(self, jobs: Sequence[LoadJob], on_event: Callable[[int, LoadEvent], None]) -> list[LoadFigures]:
        """Do several jobs at the same time and wait for all results; without the ability `duet` there is one only.

        Args:
            jobs: no more than the seat's processes; their windows open together.
            on_event: as in `run`, with the place of the job.

        Raises:
            EngineFailed: as in `run`.
        """
        (job,) = jobs
        return [self.run(job, partial(on_event, 0))]


@dataclass(frozen=True)
class Driver:
    """A load tool.

    Attributes:
        name: as `--driver` takes it.
        summary: one line.
        abilities: what it can do beyond a closed load of one request.
        version: its version, which is asked before anything is measured; raises UsageError where it is not installed,
            with how to get it.
        generator: makes one, which starts nothing yet.
    """

    name: str
    summary: str
    abilities: frozenset[Ability]
    version: Callable[[], str]
    generator: Callable[[Seat], Generator]
