"""One real request to a server that may hang, drip, flood or talk nonsense."""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import select
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple, cast

from ..errors import LaunchFailed
from ..model.fact import fact
from ..model.http_request import host_of, write_request
from ..model.workload import Request
from ..texts.failure import failure
from ..units import printable

BODY_LIMIT = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_SLICE_S = 0.02
_TYPE_SHOWN = 40
# RFC 9112, section 6.3: their head is all, even where it speaks of chunks.
_WITHOUT_BODY = (http.client.NO_CONTENT, http.client.NOT_MODIFIED)
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_DATA = re.compile(rb"(?:^|[\r\n])data")


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: HTTP status.
        headers: name and value pairs in the order received.
        body: at most 16 MiB of it.
        truncated: there was more.
        startup_s: seconds from the start of the server's process to the last byte.
        host: the value of the `Host` header by which it was asked.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    startup_s: float
    host: str = ""

    def header(self, name: str) -> str | None:
        """The values of a header, joined by commas where it came several times; None where it did not."""
        values = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(values) if values else None


class NeverEnded(LaunchFailed):
    """The head of a response came, but its end did not. The text says how much of it came."""


class HungUp(Exception):
    """The connection ended without a whole answer: the server may not be ready yet."""


class _Stream(io.RawIOBase):
    """A socket's bytes with one deadline for all of them, left early when the server has exited."""

    def __init__(self, connected: socket.socket, deadline: float, exited: Callable[[], bool]) -> None:
        self._socket = connected
        self._deadline = deadline
        self._exited = exited
        # One for all responses of the connection: what it has read ahead belongs to the next of them.
        self._reader = io.BufferedReader(self, _CHUNK)

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

    def makefile(self, mode: str) -> io.BufferedReader[_Stream]:
        """What `http.client` asks a socket for."""
        return self._reader


def ask(
    connected: socket.socket,
    authority: str,
    request: Request,
    *,
    started: float,
    deadline: float,
    exited: Callable[[], bool],
) -> Answer:
    """Send the request on an open connection and read the answer.

    Args:
        connected: the connection; it is closed.
        authority: host and port, for the `Host` header of a request that brings none.
        request: what is sent.
        started: when the server's process was started, on the monotonic clock.
        deadline: until when the answer must be whole, on the monotonic clock.
        exited: tells whether the server's process has ended.

    Raises:
        HungUp: the connection was closed before the answer was whole.
        TimeoutError: the deadline passed before the whole head of an answer came.
        NeverEnded: it passed later.
        LaunchFailed: the answer is not HTTP.
        UsageError: the request cannot be sent as written.
    """
    with contextlib.ExitStack() as opened:
        opened.enter_context(connected)
        try:
            sent = time.monotonic()
            connected.settimeout(max(deadline - sent, 0.001))
            # A server may respond and close before it has read all of a body, as with 413.
            with contextlib.suppress(ConnectionError):
                connected.sendall(write_request(request, authority))
            stream = cast(socket.socket, _Stream(connected, deadline, exited))
            response = _final(stream, request, opened)
            body = _Body(response)
            try:
                body.read()
            except TimeoutError as error:
                raise body.never_ended(request, time.monotonic() - sent) from error
        except (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead) as error:
            raise HungUp from error
        except http.client.HTTPException as error:
            if type(error) in (http.client.HTTPException, http.client.LineTooLong):
                what = fact("large-head", why=str(error))
                raise failure(LaunchFailed, what, fact("fewer-headers")) from error
            what = fact("not-http", kind=type(error).__name__)
            raise failure(LaunchFailed, what, fact("serve-http")) from error
        headers = tuple(response.getheaders())
        truncated = body.length > len(body.start)
        host = host_of(request.headers)
        host = authority if host is None else host
        return Answer(response.status, headers, bytes(body.start), truncated, time.monotonic() - started, host)


def _final(stream: socket.socket, request: Request, opened: contextlib.ExitStack) -> http.client.HTTPResponse:
    """The head of the response; those of 1xx come before it, but for 101, after which another protocol is spoken."""
    while True:
        response = http.client.HTTPResponse(stream, method=request.method)
        response.begin()
        if response.status >= 200 or response.status == http.client.SWITCHING_PROTOCOLS:
            opened.callback(response.close)
            return response
        # The next one reads on in the same stream, which this one would close with itself.
        response.fp = None  # type: ignore[assignment]


class _Body:
    """The body of a response, as far as it has come.

    Attributes:
        start: at most 16 MiB of it.
        length: bytes of all of it.
    """

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self._announced = response.length
        self.start = bytearray()
        self.length = 0

    def read(self) -> None:
        """Read to the end.

        Raises:
            TimeoutError: it did not come in time.
        """
        while self._response.status not in _WITHOUT_BODY and (part := self._response.read1(_CHUNK)):
            self.start += part[: BODY_LIMIT - len(self.start)]
            self.length += len(part)

    def never_ended(self, request: Request, after_s: float) -> NeverEnded:
        """Say what came until its time was over."""
        kind = printable(self._response.getheader("Content-Type", ""))[:_TYPE_SHOWN]
        came, advice = fact("came.bytes", bytes=self.length), fact("endless")
        if self._announced is not None:
            came = fact("came.part", bytes=self.length, announced=self._announced)
            advice = fact("raise-timeout")
        elif kind.lower().startswith("text/event-stream"):
            came = fact("came.events", events=_events(bytes(self.start)), came=came)
        elif not self._response.chunked:
            advice = fact("send-length")
        what = fact(
            "never-ended",
            came=came,
            after_s=after_s,
            asked=request.line,
            status=str(self._response.status),
            kind=kind or fact("kind.none"),
        )
        return failure(NeverEnded, what, advice)


def _events(stream: bytes) -> int:
    """How many server-sent events are whole; comments that keep the connection open are none."""
    return sum(bool(_DATA.search(block)) for block in _BLANK_LINE.split(stream)[:-1])
