"""The loop that every load shares: it waits, reads, times out, opens and closes connections, and keeps the clock.

What a job goes through is in `run`; what is sent when is left to `closed` and `open`.
"""

from __future__ import annotations

import heapq
import select
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

from ...secure_socket import Security
from ..job import LoadJob, RunEvent
from .connection import BUSY, IDLE, Connection, State
from .dialogue import KEPT, After, Outcome
from .journey import Journey, Journeys
from .live import Live
from .own_use import OwnUse
from .parked import Parked
from .recorder import MOST_UNPACKED, NEVER, PACKED, Attempt, Recorder, Traffic
from .websocket import WebSocket

# Few would let the sends go ahead of answers that wait to be read, and no lag would say that the generator is behind.
MOST_EVENTS = 256
TICK_NS = 1_000_000_000
# Asking for events takes about 1 us, and so does all the rest of a turn that finds nothing to do.
NOTHING_NS = 3_000
IN = select.EPOLLIN
_OUT = select.EPOLLOUT
_WATCHED = select.EPOLLIN | select.EPOLLRDHUP
_CLOSING = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR

clock = time.monotonic_ns


class ParentGone(Exception):
    """Nobody listens any more."""


class Loop(ABC):
    """The connections of one job, and who waits for them.

    Attributes:
        journeys: what is sent; `endpoint`: the first of all; `request`: its bytes where they are always the same.
        any_status: of each endpoint, whether any 2xx is right, so that the statuses of right answers are counted.
        most_carried: requests after which a connection is closed; None for no limit.
        connections: by descriptor, those being opened included.
        connecting: how many of them are being opened.
        idle: connections that are free, the one that has been so for longest first; closed ones among them.
        waiting: requests that wait for a connection, in the order of their coming: when each was due, when the loop
            turned to it, and whose it is.
        thinking: users who will send their next step: when, a running number, and who; a heap.
        opens, closes: the window, on the monotonic clock, nanoseconds; far away until it is known when it opens.
        stops: from here on nothing new is begun.
        began, turned: when it all began, and the loop's last turn.
        origin: from when on seconds are counted: the window's opening, as far as it is known.
        tick_at: when it is said next how it goes.
        told_at: when the window opens, once the parent has said so.
    """

    open_load: bool
    spinning = False
    epoll: select.epoll
    recorder: Recorder
    live: Live | None = None

    def __init__(
        self,
        job: LoadJob,
        emit: Callable[[RunEvent], None],
        parent: int | None = None,
        told: Callable[[], int] | None = None,
        parked: Parked | None = None,
    ) -> None:
        """Prepare.

        Args:
            job: what to do.
            emit: is told when the window opens and closes, and how it goes if the job asks for that.
            parent: a descriptor whose hang-up means that nobody waits for the result.
            told: reads from the parent, once it is readable, when the window opens, nanoseconds; None where the run
                decides by itself.
            parked: connections of earlier jobs, and where those of this one are left; None where all are closed.
        """
        self.job = job
        self._parked = parked
        self.told = told
        self.told_at: int | None = None
        self.journeys = Journeys(job)
        self.endpoint = self.journeys.endpoints[0]
        self.request = self.endpoint.constant
        self.any_status = [endpoint.step.expected.status is None for endpoint in self.journeys.endpoints]
        self._opened: type[Connection] = WebSocket if self.endpoint.opening else Connection
        self._security = Security(job.tls, job.host) if job.tls else None
        self._address = job.unix_socket or (job.host, job.port)
        self.most_carried = job.requests_per_connection if job.keep_alive else 1
        self.connections: dict[int, Connection] = {}
        self.connecting = 0
        self.idle: deque[Connection] = deque()
        self.waiting: deque[tuple[int, int, Journey | None]] = deque()
        self.thinking: list[tuple[int, int, Journey]] = []
        self.emit = emit
        self.parent = parent
        self.timeout_ns = round(job.window.timeout_s * 1e9)
        self.look_ns = min(max(self.timeout_ns // 10, 1_000_000), 50_000_000)
        self._connects = self._reconnects = self._lost = self._thoughts = 0
        self.began = self.turned = self.origin = self.tick_at = 0
        self.opens = self.closes = self.stops = NEVER
        self.own = OwnUse(spinning=self.spinning)

    @abstractmethod
    def advance(self, now: int) -> int:
        """Do what is due by `now`; when the next thing is."""

    @abstractmethod
    def wait(self, wait_ns: int) -> list[tuple[int, int]]:
        """The sockets with something to say, as soon as there is one, or none after about `wait_ns`."""

    @abstractmethod
    def free(self, connection: Connection, now: int) -> None:
        """An open connection is free to carry a request."""

    @abstractmethod
    def gone(self, connection: Connection, now: int) -> None:
        """A connection that had been open is gone."""

    @abstractmethod
    def not_connected(self, reason: str, now: int) -> None:
        """A connection could not be opened."""

    @abstractmethod
    def step_due(self, due: int, now: int, journey: Journey) -> None:
        """A later step of a journey is due, inside the window or the warm-up."""

    @abstractmethod
    def journey_ended(self, due: int, now: int) -> None:
        """A user is done, or gave up because a step failed, and will have thought about that until `due`."""

    def turn_until(self, end: int, done: Callable[[], bool] = lambda: False) -> None:
        """Turn the loop until a moment, or until `done` says so."""
        own, recorder, answers = self.own, self.recorder, self.recorder.answers
        look_at = waited_ns = gap_ns = 0
        # From the last turn on: what happened in between, such as a stop of this process, is a gap as well.
        now = self.turned
        while now < end and not done():
            due = self.advance(now)
            before = clock()
            wait_ns = min(due, look_at, end) - before
            if (len(answers) > PACKED or recorder.folding) and (wait_ns > 0 or len(answers) > MOST_UNPACKED):
                recorder.put_away()
                before = clock()
                wait_ns = min(due, look_at, end) - before
            events = self.wait(wait_ns) if wait_ns > 0 else self.epoll.poll(0, MOST_EVENTS)
            after = clock()
            if before - now > gap_ns:
                gap_ns = before - now
            if after - before > NOTHING_NS:
                if after - before > gap_ns:
                    gap_ns = max(gap_ns, after - before - max(wait_ns, 0))
                waited_ns += after - before
            elif not events and wait_ns > 0:
                # A turn that only spun: it did nothing before it asked either.
                waited_ns += after - (now if before - now < NOTHING_NS else before)
            self.handle(events)
            if after >= look_at:
                self._time_out(after)
                look_at = after + self.look_ns
                if self.tick_at <= after < min(end, self.closes):
                    self.tick(after)
            now = after
        self.advance(now)
        self.turned = now
        own.waited_ns += waited_ns
        own.gap_ns = max(own.gap_ns, gap_ns)

    def handle(self, events: list[tuple[int, int]]) -> None:
        """Read what has come."""
        connections = self.connections
        for fd, event in events:
            connection = connections.get(fd)
            if connection is None:
                self._hear(event)
                continue
            if event == IN and connection.state is BUSY:
                outcome = connection.receive()
                if outcome is not None:
                    self.settle(connection, outcome, clock())
            else:
                self.handle_rare(connection, event)

    def _hear(self, event: int) -> None:
        """The parent says when the window opens, or hung up."""
        if self.told is None or not event & IN:
            raise ParentGone
        self.told_at = self.told()

    def handle_rare(self, connection: Connection, event: int) -> None:
        """Anything but bytes on a connection whose request is under way."""
        if connection.state is State.CONNECTING:
            self._connected(connection)
            return
        if connection.state is State.IDLE:
            if connection.is_quiet():
                return
            # Nothing was asked, so whatever it says, it cannot be used any more.
            self.drop(connection, after=After.CLOSED_BY_SERVER)
            self.gone(connection, clock())
            return
        outcome = connection.receive() if event & ~_OUT else None
        if outcome is None and event & _OUT and connection.unsent:
            outcome = connection.send_rest()
            if not connection.unsent:
                self.epoll.modify(connection.fd, _WATCHED)
        if outcome is not None:
            if event & _CLOSING and outcome.after is After.KEPT:
                outcome = outcome._replace(after=After.CLOSED_BY_SERVER)
            self.settle(connection, outcome, clock())

    def settle(self, connection: Connection, outcome: Outcome, now: int) -> None:
        """The request under way on a connection has ended."""
        kind, detail, status, after, _, _ = outcome
        if kind is None:
            self.recorder.right((connection.endpoint, connection.due, connection.turned, connection.since, now))
            if self.any_status[connection.endpoint]:
                self.recorder.right_status(connection.endpoint, status, connection.due)
        else:
            attempt = Attempt(connection.endpoint, connection.due, connection.turned, connection.since)
            self.recorder.failed(kind, detail, status, attempt, now)
        connection.state = IDLE
        journey = connection.journey
        if journey:
            connection.journey = None
        if self.most_carried:
            connection.carried += 1
            if connection.carried >= self.most_carried:
                after = After.SPENT
        if after is KEPT and not connection.unsent:
            self.free(connection, now)
        else:
            self.drop(connection, after=after)
            self.gone(connection, now)
        if journey and now < self.stops:
            self._go_on(journey, outcome, now)

    def _go_on(self, journey: Journey, outcome: Outcome, now: int) -> None:
        """The user thinks and sends the next step, or is done."""
        due = now + self.journeys.think_ns(journey.endpoint)
        if outcome.kind is not None or not journey.next_step(outcome.taken, outcome.cookies):
            self.journey_ended(due, now)
        else:
            self.think(journey, due)

    def think(self, journey: Journey, due: int) -> None:
        """Let a user send at `due`, unless nothing is begun any more by then.

        Never at once, or connections that broke together would lead from one to the next by nested calls.
        """
        if due < self.stops:
            self._thoughts += 1
            heapq.heappush(self.thinking, (due, self._thoughts, journey))

    def advance_thinking(self, now: int) -> int:
        """Let every user go on who has thought for long enough; when the next will have."""
        thinking = self.thinking
        while thinking and thinking[0][0] <= now:
            due, _, journey = heapq.heappop(thinking)
            self.step_due(due, now, journey)
        return thinking[0][0] if thinking else NEVER

    def take_idle(self) -> Connection | None:
        """The open connection that has been free for longest."""
        idle = self.idle
        while idle:
            connection = idle.popleft()
            if connection.state is IDLE:
                return connection
        return None

    def start(self, connection: Connection, due: int, turned: int | None, journey: Journey | None) -> None:
        """Send a request on a free connection; under closed load it is due at this moment.

        Args:
            connection: it is free.
            due: when the request is due.
            turned: when the loop turned to it, if it had to wait for the connection since then.
            journey: whose it is.
        """
        if journey is None:
            endpoint, request = self.endpoint, self.request
        else:
            endpoint, request = journey.endpoint, journey.constant
            connection.journey = journey
        if request is None:
            assert journey
            request = self._render(journey)
        now = clock()
        if not self.open_load:
            due = turned = now
            if now >= self.stops:
                self.retire(connection)
                return
        self.sent(connection, connection.start(endpoint, request, due, now if turned is None else turned, now))

    def sent(self, connection: Connection, outcome: Outcome | None) -> None:
        """A request has been sent, in part or not at all where the connection turned out to be broken."""
        if outcome is not None:
            self.settle(connection, outcome, clock())
        elif connection.unsent:
            self.epoll.modify(connection.fd, _WATCHED | _OUT)

    def _render(self, journey: Journey) -> bytes:
        before = clock()
        request = journey.request()
        self.own.render_ns += clock() - before
        return request

    def place(self, journey: Journey | None) -> int:
        """The endpoint of a request that has not been sent."""
        return journey.endpoint.place if journey else 0

    def connect(self, now: int) -> None:
        """Begin to open a connection."""
        try:
            connection = self._opened(self.endpoint, self._address, now, self._security)
        except OSError as error:
            if now >= self.opens:
                self.own.exhausted(error.errno)
            self.not_connected(str(error.strerror or error), now)
            return
        self.connections[connection.fd] = connection
        self.connecting += 1
        self.epoll.register(connection.fd, _OUT)

    def _connected(self, connection: Connection) -> None:
        now = clock()
        reason = connection.establish()
        if reason is None:
            self.epoll.modify(connection.fd, connection.awaits)
            return
        if reason:
            self.drop(connection, after=After.SPOILED)
            self.not_connected(reason, now)
            return
        self._connects += 1
        if self._lost:
            self._lost -= 1
            self._reconnects += 1
        self.connecting -= 1
        connection.state = State.IDLE
        self.epoll.modify(connection.fd, _WATCHED)
        self.free(connection, now)

    def adopt(self, most: int) -> list[Connection]:
        """Up to so many open connections that an earlier job has left."""
        adopted = self._parked.take(self.job, most) if self._parked else []
        for connection in adopted:
            self.connections[connection.fd] = connection
            self.epoll.register(connection.fd, _WATCHED)
        return adopted

    def retire(self, connection: Connection) -> None:
        """Leave a free connection that this job needs no more to the next one, or close it."""
        if self._parked is None:
            self.drop(connection, after=After.SPOILED)
            return
        del self.connections[connection.fd]
        self.epoll.unregister(connection.fd)
        connection.state = IDLE
        self._parked.keep(self.job, connection)

    def drop(self, connection: Connection, *, after: After) -> None:
        """Close a connection."""
        self._lost += after is After.CLOSED_BY_SERVER
        self.connecting -= connection.state is State.CONNECTING
        del self.connections[connection.fd]
        connection.close()

    def _time_out(self, now: int) -> None:
        for connection in list(self.connections.values()):
            if connection.state is State.IDLE or now - connection.since < self.timeout_ns:
                continue
            waited = f"{self.job.window.timeout_s:g} s"
            if connection.state is State.CONNECTING:
                self.drop(connection, after=After.SPOILED)
                self.not_connected(f"no connection within {waited}", now)
            else:
                self.settle(
                    connection, Outcome("timeout", f"{connection.progress()} within {waited}", 0, After.SPOILED), now
                )

    def tick(self, now: int) -> None:
        """Say how it goes, where somebody watches."""
        self.tick_at = self.next_second(now)
        if not self.live:
            return
        self.recorder.fold()
        in_flight = sum(connection.state is BUSY for connection in self.connections.values())
        # While it is not known when the window opens, all is before it.
        opens = self.origin if self.opens < NEVER else max(self.origin, now)
        self.emit(self.live.tick(now, opens, in_flight, len(self.waiting)))

    def next_second(self, now: int) -> int:
        """When the next whole second from `origin` is."""
        return now + TICK_NS - (now - self.origin) % TICK_NS

    def traffic(self) -> Traffic:
        """Connections and bytes so far."""
        received = sum(endpoint.dialogue.bytes_in for endpoint in self.journeys.endpoints)
        return Traffic(self._connects, self._reconnects, received)
