"""One connection: sends a request, reads the answer, says how it ended."""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections.abc import Callable
from enum import Enum, auto

from ...secure_socket import Channel, Security, handshake_error
from .answer import Malformed, Reader
from .dialogue import After, Outcome
from .journey import EngineStep, Journey

READ_BYTES = 65_536
_MEMO_BYTES = 65_536


class State(Enum):
    """What a connection is doing."""

    CONNECTING = auto()
    IDLE = auto()
    BUSY = auto()
    CLOSED = auto()


# Looking a member up in its class costs as much as a method call in CPython 3.11, and this is done per request.
IDLE, BUSY = State.IDLE, State.BUSY


class Connection:
    """A non-blocking socket with at most one request under way.

    Attributes:
        fd: its descriptor.
        state: what it is doing.
        journey: the user whose request is under way; None where every request is the same.
        endpoint: of the request under way: its place.
        begun: when it began to be opened.
        due: when the request under way was intended to be sent, nanoseconds.
        turned: when the loop turned to it.
        since: when it was sent, or until then `begun`.
        awaits: the event of its socket that goes on with its opening.
        answered: it has carried an answer.
        carried: requests that have ended on it, counted only where their number is limited.
        unsent: the part of the request that the kernel has not taken yet.
    """

    __slots__ = (
        "_dialogue",
        "_parsing",
        "_raw",
        "_reader",
        "_recv",
        "_security",
        "_send",
        "_socket",
        "_turned_over",
        "answered",
        "awaits",
        "begun",
        "carried",
        "due",
        "endpoint",
        "fd",
        "journey",
        "since",
        "state",
        "turned",
        "unsent",
    )

    def __init__(
        self, endpoint: EngineStep, address: tuple[str, int] | str, now: int, security: Security | None = None
    ) -> None:
        """Begin to open the connection to a host and port, or to the path of a Unix socket, for `endpoint` at first.

        Raises:
            OSError: it failed at once.
        """
        self._dialogue = endpoint.dialogue
        self._security = security
        self._socket = _open(address)
        self._recv: Callable[[int], bytes] = self._socket.recv
        self._send: Callable[[bytes | memoryview], int] = self._socket.send
        self._reader: Reader | None = None
        # The reader still reads for another endpoint.
        self._turned_over = False
        self._parsing = False
        self._raw = b""
        self.fd = self._socket.fileno()
        self.state = State.CONNECTING
        self.journey: Journey | None = None
        self.endpoint = endpoint.place
        self.due = self.turned = 0
        self.begun = self.since = now
        self.awaits = select.EPOLLOUT
        self.answered = False
        self.carried = 0
        self.unsent = memoryview(b"")

    def establish(self) -> str | None:
        """Go on opening it: why it failed, empty if it is open, None while it goes on."""
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            return os.strerror(number)
        return self._shake_hands(self._security) if self._security else ""

    def _shake_hands(self, security: Security) -> str | None:
        try:
            if not isinstance(self._socket, ssl.SSLSocket):
                self._socket = security.wrap(self._socket)
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self.awaits = select.EPOLLIN
            return None
        except ssl.SSLWantWriteError:
            self.awaits = select.EPOLLOUT
            return None
        except OSError as error:
            return handshake_error(error)
        channel = Channel(self._socket)
        self._recv, self._send = channel.recv, channel.send
        return ""

    def is_quiet(self) -> bool:
        """What came on the idle connection was below HTTP only, such as a session ticket of TLS."""
        if self._security is None:
            return False
        try:
            self._recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def start(self, endpoint: EngineStep, request: bytes, due: int, turned: int, now: int) -> Outcome | None:
        """Send a request. An outcome if the connection turns out to be broken."""
        self.due = due
        self.turned = turned
        self.since = now
        self.state = BUSY
        if endpoint.dialogue is not self._dialogue:
            self._speak_of(endpoint)
        try:
            taken = self._send(request)
        except BlockingIOError:
            taken = 0
        except OSError as error:
            return self._broken(str(error.strerror))
        if taken != len(request):
            # No copy: each of many connections may have most of a long body left.
            self.unsent = memoryview(request)[taken:]
        return None

    def _speak_of(self, endpoint: EngineStep) -> None:
        """Change to another endpoint than the last request's."""
        self.endpoint = endpoint.place
        self._dialogue = endpoint.dialogue
        self._turned_over = True

    def send_rest(self) -> Outcome | None:
        """Send on, after the kernel has room again."""
        try:
            self.unsent = self.unsent[self._send(self.unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            return self._broken(str(error.strerror))
        return None

    def receive(self) -> Outcome | None:
        """Read what has come. The outcome if this ends the request, None while it goes on."""
        try:
            data = self._recv(READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            return self._broken(str(error.strerror))
        if not data:
            return self._end()
        dialogue = self._dialogue
        dialogue.bytes_in += len(data)
        if self._raw:
            if self._parsing:
                return self._parse(data)
            data = self._raw + data
            self._raw = b""
        if data == dialogue.known:
            self.answered = True
            return dialogue.known_outcome
        if dialogue.known.startswith(data):
            self._raw = data
            return None
        return self._parse(data)

    def progress(self) -> str:
        """What has come of the answer under way, which is given up."""
        if self._raw and not self._parsing:
            # What looks like the known answer is kept back until there is more of it.
            raw, self._raw = self._raw, b""
            self._parse(raw)
        came = self._reader.came if self._reader and self._parsing else ""
        return f"{came} came, it never ended" if came else "no answer"

    def close(self) -> None:
        """Close it."""
        self.state = State.CLOSED
        self._socket.close()
        if self._reader:
            self._reader.close()

    def _parse(self, data: bytes) -> Outcome | None:
        if self._reader is None or self._turned_over:
            self._reader = self._dialogue.reader(self._reader)
            self._turned_over = False
        if len(self._raw) < _MEMO_BYTES:
            self._raw += data
        try:
            self._parsing = not self._reader.feed(data)
        except Malformed as error:
            return Outcome("protocol", str(error), 0, After.SPOILED)
        if self._parsing:
            return None
        self.answered = True
        outcome = self._dialogue.judge(self._reader, until_close=False)
        if len(self._raw) < _MEMO_BYTES:
            self._dialogue.remember(self._raw, outcome)
        self._raw = b""
        return outcome

    def _end(self) -> Outcome:
        """The server has closed the connection while the request was under way."""
        if self._raw and not self._parsing:
            # What has come so far looked like the known answer, and was kept back.
            raw, self._raw = self._raw, b""
            self._parse(raw)
        if not self._parsing or self._reader is None:
            return self._broken("closed without an answer")
        if self._reader.end():
            self.answered = True
            return self._dialogue.judge(self._reader, until_close=True)
        detail = f"the answer was cut off after {self._reader.length} bytes of body"
        return Outcome("protocol", detail, 0, After.CLOSED_BY_SERVER)

    def _broken(self, reason: str) -> Outcome:
        if self.answered and not self._parsing and not self._raw:
            reason += "; keep-alive race: sent while the server was closing the idle connection"
        return Outcome("reset", reason, 0, After.CLOSED_BY_SERVER)


def _open(address: tuple[str, int] | str) -> socket.socket:
    sock = socket.socket(family := _family(address))
    try:
        sock.setblocking(False)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
    except BlockingIOError as error:
        if family == socket.AF_UNIX:
            # Unlike with TCP nothing is under way then: the server's queue of connections is full.
            sock.close()
            raise OSError(error.errno, "the server's backlog is full") from error
    except OSError:
        sock.close()
        raise
    return sock


def _family(address: tuple[str, int] | str) -> socket.AddressFamily:
    if isinstance(address, str):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET
