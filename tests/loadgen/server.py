"""A server whose every byte is scripted, and which counts what it does."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Self

BODY = b'{"message": "Hello, World!"}'


def answer(
    body: bytes = BODY, status: str = "200 OK", headers: str = "", version: str = "1.1", length: int | None = None
) -> bytes:
    """A whole answer with a Content-Length."""
    size = len(body) if length is None else length
    return f"HTTP/{version} {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


GOOD = answer()


class Exchange:
    """One request, and the means to answer it.

    Attributes:
        number: of the request among all, from 0.
        turn: of the request on its connection, from 0.
        head, body: of the request.
    """

    def __init__(
        self, server: ScriptedServer, sock: socket.socket, number: int, turn: int, request: tuple[bytes, bytes]
    ) -> None:
        self.server, self.sock, self.number, self.turn = server, sock, number, turn
        self.head, self.body = request
        self.closed = False

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def count(self, what: str) -> None:
        with self.server.lock:
            self.server.counts[what] += 1

    def close(self) -> None:
        self.closed = True

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.closed = True


Script = Callable[[Exchange], None]


class ScriptedServer:
    """Serves each connection in a thread of its own; every request goes through the script.

    Attributes:
        counts: `requests`, `connections`, and what the script counts.
        port: where it listens; 80 where it listens at the path of a Unix socket instead.
        arrived: when each request was there, on the monotonic clock.
    """

    def __init__(
        self,
        script: Script,
        host: str = "127.0.0.1",
        *,
        path: str = "",
        tls: ssl.SSLContext | None = None,
        greeting: bytes = b"",
    ) -> None:
        self.tls, self.greeting = tls, greeting
        self.script, self.host, self.path = script, host, path
        self.port = 0
        self.counts: Counter[str] = Counter()
        self.arrived: list[float] = []
        self.lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        if self.path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self.path)
            self._listener.listen(512)
            self.port = 80
        else:
            self._listener = socket.create_server((self.host, 0), family=family, backlog=512)
            self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if not self.path:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.counts["connections"] += 1
                self._sockets.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError):
            if self.tls:
                with self.lock:
                    self._sockets.discard(sock)
                    sock = self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                    self._sockets.add(sock)
                sock.do_handshake()
            sock.sendall(self.greeting)
            turn = 0
            while (request := _read_request(sock)) is not None:
                with self.lock:
                    number = self.counts["requests"]
                    self.counts["requests"] += 1
                    self.arrived.append(time.monotonic())
                exchange = Exchange(self, sock, number, turn, request)
                self.script(exchange)
                if exchange.closed:
                    break
                turn += 1
        with self.lock:
            self._sockets.discard(sock)
            sock.close()


def _read_request(sock: socket.socket) -> tuple[bytes, bytes] | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    parts = [body]
    missing = length - len(body)
    while missing > 0:
        more = sock.recv(65536)
        if not more:
            return None
        parts.append(more)
        missing -= len(more)
    return head, b"".join(parts)


def good(exchange: Exchange) -> None:
    """Answer as expected."""
    exchange.send(GOOD)


def slow(exchange: Exchange) -> None:
    """Leave the processor to the engines."""
    time.sleep(0.01)
    exchange.send(GOOD)


def refused_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
