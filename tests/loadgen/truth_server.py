"""A server of one thread in a process of its own, which does what its plan says and logs when it did it.

Its log is on the clock that the engine uses too, so that what the engine reports can be held against what was.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from .server import BODY


@dataclass(frozen=True)
class Plan:
    """What the server does.

    Attributes:
        delays_s: of the requests in the order of their coming, over and over.
        statuses: likewise.
        serial: one request at a time, the others wait for it; else the delays of all run side by side.
        stalls: when it stands still, in seconds from the first request, and for how long.
        headers: how many each answer has beyond its Content-Length: a burden for whoever reads them, not for us.
    """

    delays_s: tuple[float, ...] = (0.0,)
    statuses: tuple[int, ...] = (200,)
    serial: bool = False
    stalls: tuple[tuple[float, float], ...] = ()
    headers: int = 0


@dataclass
class Log:
    """What the server did; moments are on the monotonic clock.

    Attributes:
        came, left: of each request and its answer, by the order of coming; 0 for an answer that never left.
        stalls: beginning and end of each.
    """

    came: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    stalls: list[tuple[float, float]] = field(default_factory=list)


class TruthServer:
    """The server as a test sees it; a context manager. `port` is where it listens, `pid` its process."""

    def __init__(self, plan: Plan) -> None:
        self._command = [sys.executable, "-m", "tests.loadgen.truth_server", json.dumps(asdict(plan))]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        self.pid = self._process.pid
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def stop(self) -> Log:
        """End it and read its log."""
        output, _ = self._process.communicate(b"\n", timeout=30)
        return Log(**json.loads(output))


class _Server:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.log = plan, Log()
        self.pending: list[tuple[float, int, socket.socket]] = []
        self.unread: defaultdict[socket.socket, bytes] = defaultdict(bytes)
        self.stalls = list(plan.stalls)
        self.busy_until = 0.0
        padding = "".join(f"X-{number}: {'y' * 12}\r\n" for number in range(plan.headers))
        self.rest = f"Content-Length: {len(BODY)}\r\n{padding}\r\n".encode() + BODY

    def serve(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        # Sleeps of epoll end on whole milliseconds only.
        self.selector = selectors.SelectSelector()
        with listener, self.selector:
            _say(str(listener.getsockname()[1]))
            self.selector.register(listener, selectors.EVENT_READ)
            self.selector.register(sys.stdin, selectors.EVENT_READ)
            while True:
                for key, _ in self.selector.select(self._left_s()):
                    if key.fileobj is sys.stdin:
                        return
                    if key.fileobj is listener:
                        sock, _ = listener.accept()
                        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        self.selector.register(sock, selectors.EVENT_READ)
                    elif isinstance(key.fileobj, socket.socket):
                        self._read(key.fileobj)
                self._answer()
                self._stall()

    def _left_s(self) -> float | None:
        moments = [self.pending[0][0]] if self.pending else []
        if self.stalls and self.log.came:
            moments.append(self.log.came[0] + self.stalls[0][0])
        return max(min(moments) - time.monotonic(), 0) if moments else None

    def _read(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(65536)
        except OSError:
            data = b""
        now = time.monotonic()
        if not data:
            self.selector.unregister(sock)
            sock.close()
            return
        self.unread[sock] += data
        if not self.unread[sock].endswith(b"\r\n\r\n"):
            return
        del self.unread[sock]
        number = len(self.log.came)
        at = max(self.busy_until, now) if self.plan.serial else now
        at += self.plan.delays_s[number % len(self.plan.delays_s)]
        self.busy_until = at
        self.log.came.append(now)
        self.log.left.append(0.0)
        heapq.heappush(self.pending, (at, number, sock))

    def _answer(self) -> None:
        while self.pending and self.pending[0][0] <= time.monotonic():
            _, number, sock = heapq.heappop(self.pending)
            status = self.plan.statuses[number % len(self.plan.statuses)]
            # Noted before the answer leaves: nobody can have read it earlier.
            self.log.left[number] = time.monotonic()
            with suppress(OSError):
                sock.sendall(f"HTTP/1.1 {status} X\r\nX-Number: {number}\r\n".encode() + self.rest)

    def _stall(self) -> None:
        start = time.monotonic()
        if self.stalls and self.log.came and start >= self.log.came[0] + self.stalls[0][0]:
            time.sleep(self.stalls.pop(0)[1])
            self.log.stalls.append((start, time.monotonic()))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    server = _Server(Plan(**json.loads(sys.argv[1])))
    server.serve()
    _say(json.dumps(asdict(server.log)))
