"""Closed load: every connection sends its next request when the last one is answered."""

from __future__ import annotations

from collections import deque

from ...model.load import ClosedLoad
from .connection import Connection, State
from .dialogue import After
from .run import MOST_EVENTS, NEVER, Run, clock

# A server that refuses connections, or cuts them off before the first answer, is asked again after this pause.
BACKOFF_NS = 50_000_000


class ClosedRun(Run):
    """Keeps a fixed number of connections busy.

    A request is due when it is sent. A connection that cannot be opened is a request that could not be sent: it fails
    with `connect` at that moment, and is tried again after a pause.
    """

    open_load = False

    def begin(self, start: int) -> None:
        """Open all connections."""
        assert isinstance(self.job.load, ClosedLoad)
        self._retries: deque[int] = deque()
        for _ in range(self.job.load.connections):
            self.connect(start)

    def advance(self, now: int) -> int:
        """Open connections anew after their pause."""
        while self._retries and self._retries[0] <= now:
            self._retries.popleft()
            self.connect(now)
        return self._retries[0] if self._retries else NEVER

    def wait(self, wait_ns: int) -> list[tuple[int, int]]:
        """Sleep until something happens."""
        return self.epoll.poll(wait_ns / 1e9, MOST_EVENTS)

    def free(self, connection: Connection, now: int) -> None:
        """Send the next request."""
        sent = clock()
        if sent < self.closes:
            self.start(connection, sent, sent)
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
        """Count it, and try again after a pause."""
        if now < self.closes:
            self.recorder.failed("connect", reason, 0, now, 0, now)
            self._retries.append(now + BACKOFF_NS)

    def close_window(self) -> None:
        """Let go of connections that carry nothing."""
        self._retries.clear()
        for connection in list(self.connections.values()):
            if connection.state is not State.BUSY:
                self.drop(connection, after=After.SPOILED)

    def scheduled(self) -> int | None:
        """None: the answers set the pace."""
        return None
