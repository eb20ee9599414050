"""One real request to a server that may hang, drip, flood or talk nonsense."""

from __future__ import annotations

import contextlib
import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple, cast

from ..errors import LaunchFailed
from ..model.workload import Request

BODY_LIMIT = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_SLICE_S = 0.02


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: HTTP status.
        headers: name and value pairs in the order received.
        body: at most 16 MiB of it.
        truncated: there was more.
        startup_s: seconds from the start of the server's process to the last byte.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    startup_s: float


class HungUp(Exception):
    """The connection ended without a whole answer: the server may not be ready yet."""


class _Stream(io.RawIOBase):
    """A socket's bytes with one deadline for all of them, left early when the server has exited."""

    def __init__(self, connected: socket.socket, deadline: float, exited: Callable[[], bool]) -> None:
        self._socket = connected
        self._deadline = deadline
        self._exited = exited

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not (self._decrypted() or select.select([self._socket], [], [], _SLICE_S)[0]):
            if time.monotonic() >= self._deadline:
                raise TimeoutError
            if self._exited():
                raise ConnectionResetError
        if time.monotonic() >= self._deadline:
            raise TimeoutError
        return self._socket.recv_into(buffer)

    def _decrypted(self) -> int:
        # What TLS has taken from the system already: no event would tell of it.
        return self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `http.client` asks a socket for."""
        return io.BufferedReader(self, _CHUNK)


def ask(
    connected: socket.socket,
    address: tuple[str, int],
    request: Request,
    *,
    started: float,
    deadline: float,
    exited: Callable[[], bool],
) -> Answer:
    """Send the request on an open connection and read the answer.

    Args:
        connected: the connection; it is closed.
        address: host and port, for the `Host` header.
        request: what is sent.
        started: when the server's process was started, on the monotonic clock.
        deadline: until when the answer must be whole, on the monotonic clock.
        exited: tells whether the server's process has ended.

    Raises:
        HungUp: the connection was closed before the answer was whole.
        TimeoutError: the deadline passed.
        LaunchFailed: the answer is not HTTP.
    """
    with contextlib.closing(connected):
        try:
            connected.settimeout(max(deadline - time.monotonic(), 0.001))
            _send(connected, address, request)
            stream = cast(socket.socket, _Stream(connected, deadline, exited))
            response = http.client.HTTPResponse(stream, method=request.method)
            with contextlib.closing(response):
                response.begin()
                body, truncated = _body(response)
        except (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead) as error:
            raise HungUp from error
        except http.client.HTTPException as error:
            raise LaunchFailed(
                f"the server's answer is not HTTP/1.1 ({type(error).__name__})",
                "make sure that the stack serves plain HTTP on its port, not TLS or another protocol",
            ) from error
    headers = tuple(response.getheaders())
    return Answer(response.status, headers, body, truncated, time.monotonic() - started)


def _send(connected: socket.socket, address: tuple[str, int], request: Request) -> None:
    connection = http.client.HTTPConnection(*address)
    connection.sock = connected
    connection.putrequest(request.method, request.path, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value)
    if request.body is not None:
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body)


def _body(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    parts = bytearray()
    while len(parts) <= BODY_LIMIT:
        part = response.read1(_CHUNK)
        if not part:
            return bytes(parts), False
        parts += part
    return bytes(parts[:BODY_LIMIT]), True
