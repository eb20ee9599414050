"""Reading answers: one after another from the bytes of one connection, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import httptools

from .content import START_BYTES, Content

QUIET_BYTES = 65_536
_FRAMING = frozenset([b"content-length", b"transfer-encoding", b"connection"])
_NO_HEADERS: frozenset[bytes] = frozenset()


class Malformed(Exception):
    """The bytes are not the answer to one HTTP/1.1 request. The text says why."""


def is_right(status: int, wanted: int | None) -> bool:
    """Whether it is the status that is wanted: this one, or any 2xx for None."""
    return 200 <= status < 300 if wanted is None else status == wanted


class Reader(Protocol):
    """What is known of an answer, whatever the protocol; the attributes are those of `AnswerReader`."""

    status: int
    length: int
    body_start: bytes
    body_differs: bool
    content: Content | None
    headers: dict[bytes, bytes]
    cookies: list[bytes]
    keep_alive: bool

    @property
    def came(self) -> str:
        """What has come of an answer that goes on, in words; empty as long as its head does."""

    def feed(self, data: bytes) -> bool:
        """Read on; True when the answer is complete."""

    def end(self) -> bool:
        """The server has closed the connection. True when this completes the answer."""

    def close(self) -> None:
        """Let go of what holds on to it."""


class Reading:
    """What answers are read for, ready to be looked up for each: the same for all answers of an endpoint."""

    __slots__ = ("body", "decodes", "head_only", "headers", "keep", "keep_now", "noted", "notes_cookies", "status")

    def __init__(
        self,
        *,
        head_only: bool,
        body: bytes | None,
        status: int | None = None,
        keep: bool = False,
        headers: frozenset[bytes] = _NO_HEADERS,
        cookies: bool = False,
        keep_now: Callable[[], bool] | None = None,
    ) -> None:
        """Say what is looked at.

        Args:
            head_only: the requests are HEAD requests, whose answers have no body whatever their head says.
            body: the expected body, decoded, or None to take any.
            status: of answers whose bodies are looked into; None for any 2xx.
            keep: keep the decoded body.
            headers: names of headers to note, in lower case.
            cookies: note every `Set-Cookie` header.
            keep_now: asked as each answer begins, in place of `keep`: whether to keep the decoded body of this one. Of
                the others nothing is noted.
        """
        self.head_only = head_only
        self.body = body
        self.status = status
        self.keep = keep and not head_only
        self.keep_now = keep_now
        self.decodes = not head_only and (keep or body is not None or keep_now is not None)
        self.headers = headers
        self.notes_cookies = cookies
        noted = _FRAMING | headers
        noted |= {b"content-encoding"} if self.decodes else _NO_HEADERS
        noted |= {b"set-cookie"} if cookies else _NO_HEADERS
        self.noted = noted


class AnswerReader:
    """Parses answers and holds their bodies against the expected one while they come, without keeping them.

    A body that is looked into is decoded where the answer says so; others are taken as they are sent.

    Attributes:
        complete: the answer has been read whole.
        status: its status.
        length: bytes of body so far, as sent, without chunk framing.
        body_start: the first of them, to show.
        body_differs: some byte of a body that is not encoded was not as expected.
        content: what is looked into of a body that is encoded or kept; None where there is no such body.
        headers: the first of each of the headers to note.
        cookies: every `Set-Cookie` header, where they are noted.
        keep_alive: the connection may carry another request.
    """

    def __init__(self, reading: Reading) -> None:
        """Begin before the first answer."""
        # Whether the next four are to be reset: most answers leave them alone, and resetting them takes time.
        self._dirty = False
        self._encoding = b""
        self.content: Content | None = None
        self.headers: dict[bytes, bytes] = {}
        self.cookies: list[bytes] = []
        self._parser: Any = None
        self._reset()
        self.read_for(reading)

    def read_for(self, reading: Reading) -> None:
        """Read the answers that follow for this; none is under way."""
        self._head_only = reading.head_only
        self._body = reading.body
        self._status = reading.status
        self._keep = reading.keep
        self._keep_now = reading.keep_now
        self._decodes = reading.decodes
        self._headers = reading.headers
        self._notes_cookies = reading.notes_cookies
        self._noted = self._all_noted = reading.noted

    def _reset(self) -> None:
        self.complete = False
        self.status = 0
        self.length = 0
        self.body_start = b""
        self.body_differs = False
        self.keep_alive = False
        self._head_done = False
        self._framed = False
        self._connection = b""
        self._excess = False
        self._quiet = 0
        if self._dirty:
            self._dirty = False
            self._encoding = b""
            self.content = None
            self.headers = {}
            self.cookies = []

    @property
    def came(self) -> str:
        """What has come of an answer that goes on, in words; empty as long as its head does."""
        return f"headers and {self.length} bytes" if self._head_done else ""

    def feed(self, data: bytes) -> bool:
        """Read on; after a complete answer the next one begins. True when the answer is complete.

        Raises:
            Malformed: no HTTP, a head or trailer that does not end, or bytes after the answer.
        """
        if self.complete:
            self._reset()
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        self._quiet += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            raise Malformed("the server switched to another protocol") from error
        except httptools.HttpParserError as error:
            raise Malformed("bytes after the end of the answer" if self.complete else str(error)) from error
        if self._excess:
            raise Malformed("bytes after the end of the answer")
        if not self.complete:
            if self._quiet > QUIET_BYTES:
                raise Malformed(f"a head, chunk head or trailer of more than {QUIET_BYTES} bytes")
            return False
        if self.status < 100:
            raise Malformed(f"{self.status:03} is no status of HTTP")
        if self._head_only:
            # The parser still waits for the body that the head announced.
            self._parser = None
        return True

    def end(self) -> bool:
        """The server has closed the connection. True when this completes the answer: its body lasted until then."""
        if self._head_done and not self._framed and not self.complete:
            self.complete = True
            self.keep_alive = False
            return True
        return False

    def close(self) -> None:
        """Let the parser go: it and this object hold each other, and nothing collects cycles while measuring."""
        self._parser = None

    def on_message_begin(self) -> None:  # noqa: D102 - called by the parser
        self._excess = self.complete
        if self._keep_now is not None:
            self._keep = self._keep_now()
            self._noted = self._all_noted if self._keep else _FRAMING

    def on_header(self, name: bytes, value: bytes) -> None:  # noqa: D102
        name = name.lower()
        if name not in self._noted:
            return
        if name == b"content-length" or (name == b"transfer-encoding" and value.lower().rstrip().endswith(b"chunked")):
            self._framed = True
        elif name == b"connection":
            self._connection = value.lower()
        elif self._decodes and name == b"content-encoding":
            self._encoding += b"," + value
            self._dirty = True
        elif self._notes_cookies and name == b"set-cookie" and not self._head_done:
            self.cookies.append(value)
            self._dirty = True
        if self._headers and name in self._headers and not self._head_done:
            self.headers.setdefault(name, value)
            self._dirty = True

    def on_headers_complete(self) -> None:  # noqa: D102
        self.status = status = self._parser.get_status_code()
        if status < 200:
            return
        self._head_done = True
        self._quiet = 0
        if (self._encoding or self._keep) and is_right(status, self._status):
            self._dirty = True
            self.content = Content(self._encoding, expected=self._body, keep=self._keep)
        if self._head_only and not self._excess:
            self.complete = True
            one = self._parser.get_http_version() == "1.1"
            self.keep_alive = b"close" not in self._connection if one else b"keep-alive" in self._connection

    def on_body(self, data: bytes) -> None:  # noqa: D102
        if self.complete:
            self._excess = True
            return
        self._quiet = 0
        length = self.length
        if self.content is not None:
            self.content.feed(data)
        elif self._body is not None and not self._body.startswith(data, length):
            self.body_differs = True
        if not length:
            self.body_start = data[:START_BYTES]
        elif length < START_BYTES:
            self.body_start += data[: START_BYTES - length]
        self.length = length + len(data)

    def on_message_complete(self) -> None:  # noqa: D102
        if not self._head_done and self.status >= 100:
            self._framed = False
            self._connection = self._encoding = b""
            self.headers.clear()
            self.cookies.clear()
        elif not self._excess:
            self.complete = True
            if not self._head_only:
                self.keep_alive = self._parser.should_keep_alive()
