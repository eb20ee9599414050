"""The engine in a time of its own: it stands still while anything works, and goes on where the engine waits.

The loop, the sockets and the bytes are real; only the clock is not. So what a queue makes of its arrivals is exact to
the nanosecond, whatever else this machine does, and a lag of the generator's is as long as the test says.
"""

from __future__ import annotations

import heapq
import select
import socket
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from webdyno.loadgen.engine import closed, execution, loop, open
from webdyno.loadgen.engine.closed import ClosedExecution
from webdyno.loadgen.engine.execution import Execution
from webdyno.loadgen.engine.open import OpenExecution
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Load
from webdyno.model.trial import LoadFigures

from .conftest import make_job
from .server import answer

BEGINS = 1_000_000_000
_ANSWER = answer()


class VirtualServer:
    """Answers each request when its time has come, on a Unix socket: what is sent there is there to read at once.

    Attributes:
        came, left: when each request came, and when its answer left, by their order, nanoseconds.
    """

    def __init__(self, path: Path, service_ns: int, *, serial: bool) -> None:
        """Listen; a serial one works on one request at a time, in their order."""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1024)
        self._listening.setblocking(False)
        self._service_ns, self._serial = service_ns, serial
        self._connected: list[socket.socket] = []
        self._pending: list[tuple[int, int, socket.socket]] = []
        self.came: list[int] = []
        self.left: list[int] = []

    @property
    def next_at(self) -> int | None:
        """When the next answer leaves."""
        return self._pending[0][0] if self._pending else None

    def act(self, now: int) -> None:
        """Take what has come, and answer what is due."""
        with suppress(BlockingIOError):
            while True:
                connected = self._listening.accept()[0]
                connected.setblocking(False)
                self._connected.append(connected)
        for connected in self._connected:
            with suppress(BlockingIOError, ConnectionError):
                if connected.recv(65_536):
                    self._take(connected, now)
        while self._pending and self._pending[0][0] <= now:
            _, _, connected = heapq.heappop(self._pending)
            connected.sendall(_ANSWER)

    def _take(self, connected: socket.socket, now: int) -> None:
        begins = max(self.left[-1], now) if self._serial and self.left else now
        self.came.append(now)
        self.left.append(begins + self._service_ns)
        heapq.heappush(self._pending, (self.left[-1], len(self.left), connected))

    def close(self) -> None:
        for connected in (*self._connected, self._listening):
            connected.close()


class _World:
    """The time, and who lives in it."""

    def __init__(self, server: VirtualServer, late_ns: int, stops: Sequence[tuple[int, int]]) -> None:
        self.now = BEGINS
        self.server, self.late_ns = server, late_ns
        self.stops = deque((BEGINS + start, BEGINS + end) for start, end in stops)

    def clock(self) -> int:
        return self.now

    def wait(self, real: select.epoll, wait_ns: int) -> None:
        """Until there is something to read, or the time is over; the generator may wake up late, or be stopped."""
        until = self.now + wait_ns
        while True:
            self.server.act(self.now)
            if self.now >= until or real.poll(0):
                return
            answers_at = self.server.next_at
            wakes_at = until + self.late_ns
            if answers_at is not None and answers_at < wakes_at:
                self.now = answers_at
            else:
                self.now = until = wakes_at
            while self.stops and self.stops[0][1] <= self.now:
                self.stops.popleft()
            if self.stops and self.stops[0][0] <= self.now:
                self.now = self.stops[0][1]


class _Epoll:
    """A real one, which waits in virtual time."""

    def __init__(self, world: _World) -> None:
        self._world, self._real = world, select.epoll()
        self.register, self.modify = self._real.register, self._real.modify
        self.unregister = self._real.unregister

    def __enter__(self) -> _Epoll:
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        self._world.wait(self._real, round(timeout * 1e9))
        return self._real.poll(0, most)

    def sleep(self, timeout: float) -> None:
        self._world.wait(self._real, round(timeout * 1e9))


def run_virtually(
    job: LoadJob,
    server: VirtualServer,
    patch: pytest.MonkeyPatch,
    *,
    late_ns: int = 0,
    stops: Sequence[tuple[int, int]] = (),
) -> LoadFigures:
    """Do a job.

    Args:
        job: on the server's socket.
        server: who answers.
        patch: puts the time in place of the real one.
        late_ns: how late the engine wakes up when nothing else wakes it.
        stops: from when to when it stands still, from its beginning.
    """
    world = _World(server, late_ns, stops)
    with patch.context() as patched:
        for module in (closed, execution, loop, open):
            patched.setattr(module, "clock", world.clock)
        patched.setattr(execution, "select", SimpleNamespace(epoll=lambda: _Epoll(world)))
        patched.setattr(open, "select", SimpleNamespace(select=lambda read, _w, _e, seconds: read[0].sleep(seconds)))
        run: Execution = (
            ClosedExecution(job, lambda _: None)
            if isinstance(job.load, ClosedLoad)
            else OpenExecution(job, lambda _: None, spin=False)
        )
        return run.measure(world.clock)


@contextmanager
def virtual_server(folder: Path, service_ns: int, *, serial: bool = False) -> Iterator[VirtualServer]:
    """One that is closed in the end."""
    server = VirtualServer(folder / "socket", service_ns, serial=serial)
    try:
        yield server
    finally:
        server.close()


def virtual_job(folder: Path, load: Load, seconds: float, *, warmup: float = 0.0, seed: int = 3) -> LoadJob:
    """A job on the socket of `virtual_server`."""
    job = make_job(80, load, seconds=seconds, warmup=warmup, seed=seed)
    return job.model_copy(update={"unix_socket": str(folder / "socket")})
