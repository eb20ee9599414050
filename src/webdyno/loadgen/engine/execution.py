"""One job, from its first connection to its result: warm-up, window, and what is awaited after it."""

from __future__ import annotations

import select
from abc import abstractmethod
from collections.abc import Callable

from ...model.trial import LoadFigures
from ..job import Steady, WindowClosed, WindowOpened
from .connection import BUSY, Connection
from .live import Live
from .loop import IN, Loop, clock
from .recorder import NEVER, Attempt, Recorded, Recorder, Traffic

# After the window, what has not been sent is given up after so long; what has been sent is awaited until it times out.
UNSENT_NS = 1_000_000_000


class Execution(Loop):
    """The stages of a job, on the loop; what begins when is left to `closed` and `open`."""

    @abstractmethod
    def begin(self, start: int) -> None:
        """Make ready at the start of the warm-up."""

    @abstractmethod
    def steady_at(self) -> int | None:
        """From when on the load is as it will go on: the window opens no sooner. None while that is not known."""

    @abstractmethod
    def let_go(self) -> None:
        """Nothing new is begun from here on: let go of what only that would have needed."""

    @abstractmethod
    def scheduled(self) -> int | None:
        """How many requests were due in the window; None where there is no schedule."""

    @property
    def over(self) -> bool:
        """Nothing is left to do, whatever the clock says."""
        return False

    def measure(self, begin: Callable[[], int] = clock) -> LoadFigures:
        """Do the job.

        Args:
            begin: called when all is prepared; the moment at which to start, nanoseconds.

        Raises:
            ParentGone: the parent hung up.
        """
        with select.epoll() as self.epoll:
            if self.parent is not None:
                self.epoll.register(self.parent, IN if self.told else 0)
            self.began = self.turned = begin()
            self.live = Live(self.began) if self.job.ticks else None
            self.origin = self.began + round(self.job.window.warmup_s * 1e9)
            self.tick_at = self.next_second(self.began)
            self.recorder = Recorder(
                round(self.job.window.duration_s * 1e9),
                open_load=self.open_load,
                endpoints=[
                    Recorded(e.step.name, e.step.request.method, e.step.request.path, e.step.expected.status)
                    for e in self.journeys.endpoints
                ],
                apart=self.job.scenario is not None,
                seconds=self.job.seconds,
                live=self.live,
            )
            try:
                self.begin(self.began)
                return self._measure()
            finally:
                for connection in self.connections.values():
                    connection.close()

    def _measure(self) -> LoadFigures:
        self._warm_up()
        if self.job.window.warmup_s:
            self.tick(self.opens)
        before = self.traffic()
        self.own.begin()
        # A standstill that had begun before lasted into the window.
        self.own.gap_ns = self.turned - self.opens
        self.emit(WindowOpened(at=self.opens / 1e9))
        self.turn_until(self.closes, lambda: self.over)
        after, engine = self.traffic(), self.own.use()
        self.tick(self.closes)
        self.emit(WindowClosed(at=self.closes / 1e9))
        self._await_counted()
        engine = engine.model_copy(update={"loop_gap_max_s": self.own.gap_ns / 1e9})
        self._stop(self.turned)
        self.turn_until(self.turned + min(self.timeout_ns, UNSENT_NS), lambda: not self.connections)
        self._give_up(clock())
        traffic = Traffic(*(late - early for late, early in zip(after, before, strict=True)))
        result = self.recorder.result(self.scheduled(), self.opens - self.began, traffic, engine)
        return result.model_copy(update={"bodies": self.endpoint.dialogue.bodies()})

    def _warm_up(self) -> None:
        """Send what does not count, until the time for it is over and the load is steady."""
        while (steady := self.steady_at()) is None:
            self.turn_until(NEVER, lambda: self.steady_at() is not None)
        opens = max(self.origin, steady)
        if self.told:
            self.turn_until(opens)
            self.emit(Steady())
            self.turn_until(NEVER, lambda: self.told_at is not None)
            # Heard too late, it opens at once: what has been counted out cannot be counted in.
            opens = max(self.told_at or 0, self.turned)
        self.opens = self.origin = opens
        self.closes = opens + round(self.job.window.duration_s * 1e9)
        if self.open_load or not self.job.window.warmup_s:
            self.stops = self.closes
        self.recorder.open(opens)
        self.tick_at = self.next_second(self.turned)
        self.turn_until(opens)

    def _await_counted(self) -> None:
        """Wait until all that counts has ended.

        Closed load with a warm-up goes on meanwhile, so that the last requests of the window are answered like the
        first. What has been sent is awaited until its time-out; what still waits for a connection, for a moment.
        """
        if self.stops < NEVER:
            self._stop(self.closes)
            unsent_ends = self.closes + min(self.timeout_ns, UNSENT_NS)
            self.turn_until(unsent_ends, lambda: not self.waiting and not self.connections)
            self._give_up_waiting(clock())
        counted: list[Connection] = []

        def ended() -> bool:
            while counted and not self._counts(counted[-1]):
                counted.pop()
            if not counted:
                counted.extend(filter(self._counts, self.connections.values()))
            return not counted

        self.turn_until(self.closes + self.timeout_ns + 2 * self.look_ns, ended)

    def _counts(self, connection: Connection) -> bool:
        """Whether a request of the window is under way on it."""
        return connection.state is BUSY and connection.due < self.closes

    def _stop(self, at: int) -> None:
        self.stops = at
        self.thinking.clear()
        self.let_go()

    def _give_up(self, now: int) -> None:
        """What is still under way or waiting at the very end has no outcome."""
        for connection in self.connections.values():
            if connection.state is BUSY:
                attempt = Attempt(connection.endpoint, connection.due, connection.turned, connection.since)
                self.recorder.unfinished(attempt, now)
        self._give_up_waiting(now)

    def _give_up_waiting(self, now: int) -> None:
        for due, turned, journey in self.waiting:
            self.recorder.unfinished(Attempt(self.place(journey), due, turned, 0), now)
        self.waiting.clear()
