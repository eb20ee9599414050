"""All probes of one stack in one trial."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from ..model.trial import ProbeFinding, ResourceUse, SystemUse
from .aside import WITHIN_S, Aside
from .monitor import Monitor
from .probe import Probe, Subject
from .system import SystemWatcher, WindowUse


class Probes:
    """Starts, tells, asks and stops them, as a context manager: webdyno's own directly, the others aside.

    Args:
        subject: what they watch.
        asked: probes of other packages, by the name under which what they find is kept.
    """

    def __init__(self, subject: Subject, asked: Mapping[str, Probe]) -> None:
        self._monitor = None if subject.pid is None else Monitor(subject.pid, cpus=subject.cpus)
        self._own = self._monitor or SystemWatcher(subject.cpus)
        self._others = {name: Aside(probe, subject) for name, probe in asked.items()}

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self._own.start()
            started.callback(self._own.stop)
            for other in self._others.values():
                other.start()
                started.callback(other.end)
            self._started = started.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()

    def opened(self, at: float) -> None:
        """A measured window opened at this moment of the monotonic clock; CPU time is read first."""
        self._own.opened(at)
        for other in self._others.values():
            other.opened(at)

    def closed(self, at: float) -> None:
        """It closed at this moment of the monotonic clock."""
        self._own.closed(at)
        for other in self._others.values():
            other.closed(at)

    def used_s(self) -> float | None:
        """CPU seconds of the process tree until now; None where its processes cannot be seen."""
        return self._monitor.used_s() if self._monitor else None

    def use(self) -> ResourceUse | None:
        """What the process tree and the machine used; None where its processes cannot be seen."""
        return self._monitor.found() if self._monitor else None

    def system(self) -> SystemUse | None:
        """What the machine used, where nothing is known of the processes."""
        return self._own.found() if isinstance(self._own, SystemWatcher) else None

    def each(self) -> list[WindowUse]:
        """What was used in each window."""
        return self._own.each()

    def findings(self) -> dict[str, ProbeFinding]:
        """What the others found, asked after the load: waits for those that are slow, but not long."""
        deadline = time.monotonic() + WITHIN_S
        return {name: other.finding(deadline) for name, other in self._others.items()}
