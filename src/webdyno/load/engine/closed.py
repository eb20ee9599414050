"""Closed load: every connection sends its next request when the last one is answered."""

from __future__ import annotations

from collections import deque

from ...model.load import ClosedLoad
from .connection import BUSY, Connection, State
from .dialogue import KEPT, After
from .journey import Journey
from .recorder import Attempt
from .run import IN, MOST_EVENTS, NEVER, Run, clock

# A server that refuses connections, or cuts them off before the first answer, is asked again after this pause.
BACKOFF_NS = 50_000_000


class ClosedRun(Run):
    """Keeps a fixed number of connections busy, or as many users, who think between their steps.

    A request is due when it is sent. A connection that cannot be opened is a request that could not be sent: it fails
    with `connect` at that moment, and is tried again after a pause.
    """

    open_load = False

    def begin(self, start: int) -> None:
        """Open all connections, and let a user begin for each."""
        assert isinstance(self.job.load, ClosedLoad)
        self._only = self.journeys.only is not None
        self._retries: deque[int] = deque()
        self._begun = self._ended = 0
        for _ in range(self.job.load.connections):
            self._begin_journey(start, start)
            self.connect(start)

    @property
    def over(self) -> bool:
        """All the journeys that were asked for have ended."""
        return self.job.journeys is not None and self._ended == self.job.journeys

    def advance(self, now: int) -> int:
        """Open connections anew after their pause, and let users go on."""
        while self._retries and self._retries[0] <= now:
            self._retries.popleft()
            self.connect(now)
        thought = self.advance_thinking(now) if self.thinking else NEVER
        return min(self._retries[0], thought) if self._retries else thought

    def wait(self, wait_ns: int) -> list[tuple[int, int]]:
        """Sleep until something happens."""
        return self.epoll.poll(wait_ns / 1e9, MOST_EVENTS)

    def handle(self, events: list[tuple[int, int]]) -> None:
        """Read what has come.

        Where all requests are the same, the right answer that was seen before is followed by the next request right
        here: the way over `settle`, `free` and `start` costs 6 % of the rate.
        """
        request = self.request
        if not self._only or self.most_carried or request is None:
            super().handle(events)
            return
        connections, closes, right = self.connections, self.closes, self.recorder.right
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
            if now >= closes:
                self.drop(connection, after=After.SPOILED)
                continue
            outcome = connection.start(endpoint, request, now, now, now)
            if outcome is not None or connection.unsent:
                self.sent(connection, outcome)

    def free(self, connection: Connection, now: int) -> None:
        """Send the next request."""
        if self._only:
            self.start(connection, now, now, None)
        elif self.waiting:
            self.start(connection, *self.waiting.popleft())
        elif now < self.closes:
            self.idle.append(connection)
        else:
            self.drop(connection, after=After.SPOILED)

    def gone(self, connection: Connection, now: int) -> None:
        """Replace it, after a pause if it never carried an answer."""
        if now >= self.closes:
            return
        if connection.answered:
            self.connect(now)
        else:
            self._retries.append(now + BACKOFF_NS)

    def not_connected(self, reason: str, now: int) -> None:
        """Count it for whoever has waited longest, and try again after a pause."""
        if now >= self.closes:
            return
        self._retries.append(now + BACKOFF_NS)
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

    def close_window(self) -> None:
        """Let go of connections that carry nothing, and of users who have not sent."""
        self._retries.clear()
        self.waiting.clear()
        for connection in list(self.connections.values()):
            if connection.state is not State.BUSY:
                self.drop(connection, after=After.SPOILED)

    def scheduled(self) -> int | None:
        """None: the answers set the pace."""
        return None
