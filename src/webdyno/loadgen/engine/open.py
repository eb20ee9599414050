"""Open load: requests are due at moments that were decided beforehand, whatever the server does."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from itertools import chain, islice

import numpy as np

from ...model.load import OpenLoad
from ..arrivals import arrivals_ns
from ..job import LoadJob, RunEvent
from .connection import IDLE, Connection
from .execution import Execution
from .journey import Journey
from .loop import MOST_EVENTS, clock
from .parked import Parked
from .recorder import NEVER, Attempt

# A sleep ends 25-80 us late even with the least timer slack (measured); so the last stretch of a wait is spun.
SPIN_NS = 100_000


class OpenExecution(Execution):
    """Sends each arrival on the connection that has been free for longest, so that all carry an equal share.

    Connections are opened when an arrival finds none free, up to the load's limit. Arrivals wait in the order of their
    coming; those that find too many waiting are dropped. In a scenario an arrival is a user who sends the first step of
    a flow; the later ones are due when the answer before has come and the user has thought, and are treated alike.
    """

    open_load = True

    def __init__(
        self,
        job: LoadJob,
        emit: Callable[[RunEvent], None],
        parent: int | None = None,
        parked: Parked | None = None,
        *,
        spin: bool = True,
    ) -> None:
        """Prepare.

        Args:
            job: what to do.
            emit: is told when the window opens and closes, and how it goes if the job asks for that.
            parent: a descriptor whose hang-up means that nobody waits for the result.
            parked: as in `Loop`.
            spin: wait for near arrivals by spinning, which is exact but needs a processor of its own.
        """
        self.spinning = spin
        super().__init__(job, emit, parent, parked=parked)
        assert isinstance(job.load, OpenLoad)
        self._load = job.load
        self._spin_ns = SPIN_NS if spin else 0
        window = job.window
        span_s = window.warmup_s + window.duration_s
        schedule = arrivals_ns(job.load, span_s, job.seed, opens_s=window.warmup_s, share=job.share)
        # The first portion now: the arrivals in it may be due at once.
        self._schedule = chain(list(islice(schedule, 1)), schedule)
        self._counted = 0

    def begin(self, start: int) -> None:
        """Put the schedule on the clock."""
        self._arrivals = self._on_clock(start)
        self._next = next(self._arrivals)
        self.idle.extend(self.adopt(self._load.connections))

    def advance(self, now: int) -> int:
        """Take every arrival that is due, and let users go on."""
        due = self._next
        if due <= now:
            begin = None if self.journeys.only else self.journeys.begin
            while due <= now:
                self._take(due, now, begin() if begin else None)
                due = next(self._arrivals)
            self._next = due
        thought = self.advance_thinking(now) if self.thinking else NEVER
        if len(self.waiting) > self.connecting:
            self._grow(now)
        return min(due, thought)

    def wait(self, wait_ns: int) -> list[tuple[int, int]]:
        """Sleep for most of the way: select has microseconds where epoll has milliseconds."""
        if wait_ns > self._spin_ns:
            select.select((self.epoll,), (), (), (wait_ns - self._spin_ns) / 1e9)
        return self.epoll.poll(0, MOST_EVENTS)

    def _take(self, due: int, now: int, journey: Journey | None) -> None:
        connection = self.take_idle()
        if connection:
            self.start(connection, due, None, journey)
            return
        # Those that were due before it have taken their time since `now`.
        now = clock()
        self.waiting.append((due, now, journey))
        self._grow(now)
        if len(self.waiting) > self._load.waiting + self.connecting:
            self.waiting.pop()
            self.recorder.dropped(Attempt(self.place(journey), due, now, 0))

    def _grow(self, now: int) -> None:
        """Open a connection for every arrival that waits, as far as may be."""
        room = min(len(self.waiting) - self.connecting, self._load.connections - len(self.connections))
        for _ in range(room):
            self.connect(now)

    def free(self, connection: Connection, now: int) -> None:
        """Send what has waited longest, if anything waits."""
        if self.waiting:
            self.start(connection, *self.waiting.popleft())
        elif now < self.stops:
            self.idle.append(connection)
        else:
            self.retire(connection)

    def gone(self, connection: Connection, now: int) -> None:
        """Leave it: the next arrival that needs one opens another."""

    def not_connected(self, reason: str, now: int) -> None:
        """The arrival that has waited longest fails."""
        if self.waiting:
            due, turned, journey = self.waiting.popleft()
            self.recorder.failed("connect", reason, 0, Attempt(self.place(journey), due, turned, 0), now)

    def step_due(self, due: int, now: int, journey: Journey) -> None:
        """Take it like an arrival."""
        self._counted += due >= self.opens
        self._take(due, now, journey)

    def journey_ended(self, due: int, now: int) -> None:
        """Leave it: the schedule says when the next begins."""

    def steady_at(self) -> int | None:
        """At once: the schedule has the window in it."""
        return self.began

    def let_go(self) -> None:
        """Let go of connections that nothing waits for."""
        for connection in list(self.connections.values()):
            if connection.state is IDLE:
                self.retire(connection)
        self.idle.clear()

    def scheduled(self) -> int | None:
        """The arrivals in the window, and the later steps that were due in it."""
        return self._counted

    def _on_clock(self, start: int) -> Iterator[int]:
        """The arrivals on the clock, made shortly before they are due; those in the window are counted."""
        opens = self.origin
        closes = opens + round(self.job.window.duration_s * 1e9)
        for portion in self._schedule:
            moments = portion + start
            self._counted += int(np.count_nonzero((moments >= opens) & (moments < closes)))
            yield from moments.tolist()
        while True:
            yield NEVER
