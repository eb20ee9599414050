"""Closed load: every connection sends its next request when the last one is answered."""

from __future__ import annotations

import heapq

from ...model.load import ClosedLoad
from .connection import BUSY, IDLE, Connection, State
from .dialogue import KEPT, After
from .execution import Execution
from .journey import Journey
from .loop import IN, MOST_EVENTS, clock
from .phases import spread
from .recorder import NEVER, Attempt

# A server that refuses connections, or cuts them off before the first answer, is asked again after this pause.
BACKOFF_NS = 50_000_000


class ClosedExecution(Execution):
    """Keeps a fixed number of connections busy, or as many users, who think between their steps.

    A request is due when it is sent. A connection that cannot be opened is a request that could not be sent: it fails
    with `connect` at that moment, and is tried again after a pause.

    All begin at once, and would go on in step: where requests take long against the window, its edges would cut all of
    them at the same place, in every window alike. So in the warm-up each connection or user is held when its first
    request has ended; once all are, each goes on at a moment of its own (see `phases`).
    """

    open_load = False

    def begin(self, start: int) -> None:
        """Open all connections, and let a user begin for each."""
        assert isinstance(self.job.load, ClosedLoad)
        self._only = self.journeys.only is not None
        self._resumes: list[tuple[int, int, Connection | None]] = []
        self._begun = self._ended = self._resumed = 0
        self._held: list[Connection | Journey | None] = []
        self._resting: set[Connection] = set()
        self._cycles: list[int] = []
        self._longest = 0
        self._gathering = False
        for _ in range(self.job.load.connections):
            self._begin_journey(start, start)
        # Without a warm-up everything counts from the first request on.
        self._gathering = self.job.window.warmup_s > 0 and self.job.journeys is None
        self._steady_at = None if self._gathering else start
        adopted = self.adopt(self.job.load.connections)
        for connection in adopted:
            self.free(connection, start)
        for _ in range(self.job.load.connections - len(adopted)):
            self.connect(start)

    def steady_at(self) -> int | None:
        """The longest that a request took after all connections or users were held, so that all under way are spread.

        Users who think for longer go on later, each at his own moment.
        """
        return self._steady_at

    @property
    def over(self) -> bool:
        """All the journeys that were asked for have ended."""
        return self.job.journeys is not None and self._ended == self.job.journeys

    def advance(self, now: int) -> int:
        """Open connections anew after their pause, and let users go on."""
        resumes = self._resumes
        while resumes and resumes[0][0] <= now:
            connection = heapq.heappop(resumes)[2]
            if connection:
                self._resting.discard(connection)
            if connection and connection.state is IDLE:
                self.start(connection, now, now, None)
            else:
                self.connect(now)
        thought = self.advance_thinking(now) if self.thinking else NEVER
        return min(resumes[0][0], thought) if resumes else thought

    def wait(self, wait_ns: int) -> list[tuple[int, int]]:
        """Sleep until something happens."""
        return self.epoll.poll(wait_ns / 1e9, MOST_EVENTS)

    def handle(self, events: list[tuple[int, int]]) -> None:
        """Read what has come.

        Where all requests are the same, the right answer that was seen before is followed by the next request right
        here: the way over `settle`, `free` and `start` costs 6 % of the rate.
        """
        request = self.request
        if not self._only or self.most_carried or request is None or self._gathering or self.any_status[0]:
            super().handle(events)
            return
        connections, stops, right = self.connections, self.stops, self.recorder.right
        endpoint, dialogue = self.endpoint, self.endpoint.dialogue
        for fd, event in events:
            connection = connections.get(fd)
            if connection is None or event != IN or connection.state is not BUSY:
                super().handle([(fd, event)])
                continue
            outcome = connection.receive()
            if outcome is None:
                continue
            now = clock()
            if outcome is not dialogue.known_outcome or outcome.after is not KEPT or connection.unsent:
                self.settle(connection, outcome, now)
                continue
            sent = connection.since
            right((0, sent, sent, sent, now))
            now = clock()
            if now >= stops:
                self.retire(connection)
                continue
            outcome = connection.start(endpoint, request, now, now, now)
            if outcome is not None or connection.unsent:
                self.sent(connection, outcome)

    def free(self, connection: Connection, now: int) -> None:
        """Send the next request."""
        if self._gathering and self._only and connection.due:
            self._hold_connection(connection, now, since=connection.since)
        elif self._only:
            self.start(connection, now, now, None)
        elif self.waiting:
            self.start(connection, *self.waiting.popleft())
        elif now < self.stops:
            self.idle.append(connection)
        else:
            self.retire(connection)

    def gone(self, connection: Connection, now: int) -> None:
        """Replace it, after a pause if it never carried an answer, or once it would have gone on."""
        if now >= self.stops or connection in self._resting:
            return
        if self._gathering and self._only:
            # Another will have to be opened for each request.
            self._hold_connection(connection, now, since=connection.begun)
        elif connection.answered:
            self.connect(now)
        else:
            self._resume(None, now + BACKOFF_NS)

    def not_connected(self, reason: str, now: int) -> None:
        """Count it for whoever has waited longest, and try again after a pause."""
        if now >= self.stops:
            return
        if self._gathering and self._only:
            self._hold(None, now)
        else:
            self._resume(None, now + BACKOFF_NS)
        journey = None
        if not self._only:
            if not self.waiting:
                return
            journey = self.waiting.popleft()[2]
        self.recorder.failed("connect", reason, 0, Attempt(self.place(journey), now, now, 0), now)
        if journey:
            self.journey_ended(now, now)

    def step_due(self, due: int, now: int, journey: Journey) -> None:
        """Send it on a free connection, or on the next that is."""
        connection = self.take_idle()
        if connection:
            self.start(connection, due, now, journey)
        else:
            self.waiting.append((due, now, journey))

    def journey_ended(self, due: int, now: int) -> None:
        """The next user begins when this one has thought."""
        self._ended += 1
        self._begin_journey(due, now)

    def _begin_journey(self, due: int, now: int) -> None:
        if self._only:
            return
        if self.job.journeys is None:
            journey = self.journeys.begin()
        elif self._begun < self.job.journeys:
            journey = self.journeys.begin_next()
        else:
            return
        self._begun += 1
        self.think(journey, due)

    def think(self, journey: Journey, due: int) -> None:
        """Let a user send at `due`; in the warm-up hold whoever has sent."""
        if self._gathering:
            now = clock()
            self._cycles.append(max(due, now) - self.began)
            self._longest = max(self._longest, now - self.began)
            self._hold(journey, now)
        else:
            super().think(journey, due)

    def _hold_connection(self, connection: Connection, now: int, *, since: int) -> None:
        self._resting.add(connection)
        if connection.answered:
            self._cycles.append(now - since)
            self._longest = max(self._longest, now - since)
        self._hold(connection, now)

    def _hold(self, who: Connection | Journey | None, now: int) -> None:
        """Keep it from going on until all are held; then let each go on at a moment of its own."""
        self._held.append(who)
        assert isinstance(self.job.load, ClosedLoad)
        if len(self._held) < self.job.load.connections:
            return
        self._gathering = False
        self._steady_at = now + self._longest
        waits = spread(self._cycles, len(self._held), f"phases {self.job.seed}/{self.job.share}")
        for who, wait in zip(self._held, waits, strict=True):
            if isinstance(who, Journey):
                self.think(who, now + wait)
            else:
                self._resume(who, now + wait)
        self._held.clear()

    def _resume(self, connection: Connection | None, at: int) -> None:
        """Let a connection send at a moment; open another where there is none, or where it is closed by then."""
        self._resumed += 1
        heapq.heappush(self._resumes, (at, self._resumed, connection))

    def let_go(self) -> None:
        """Let go of connections that carry nothing, and of users who have not sent."""
        self._resumes.clear()
        self.waiting.clear()
        for connection in list(self.connections.values()):
            if connection.state is IDLE:
                self.retire(connection)
            elif connection.state is State.CONNECTING:
                self.drop(connection, after=After.SPOILED)

    def scheduled(self) -> int | None:
        """None: the answers set the pace."""
        return None
