"""One WebSocket: opened once, then a message is a request and the message that comes back is its answer."""

from __future__ import annotations

import select

from ...secure_socket import Security
from .answer import Malformed
from .connection import READ_BYTES, Connection
from .dialogue import After, Outcome
from .handshake import Handshake, Refused
from .journey import EngineStep
from .messages import Closed, MessageReader


class WebSocket(Connection):
    """A connection that is open only after its opening handshake. Pings are answered, whenever they come."""

    __slots__ = ("_handshake", "_messages", "_reached")

    def __init__(
        self, endpoint: EngineStep, address: tuple[str, int] | str, now: int, security: Security | None = None
    ) -> None:
        """Begin to open it, as any connection.

        Raises:
            OSError: it failed at once.
        """
        assert endpoint.opening is not None
        super().__init__(endpoint, address, now, security)
        self._reached = False
        self._handshake = Handshake(endpoint.opening)
        self._messages = MessageReader(endpoint.step.expected.body)
        self._reader = self._messages

    def establish(self) -> str | None:
        """Go on opening it: why it failed, empty if it is open, None while it goes on."""
        if not self._reached:
            reason = super().establish()
            if reason != "":
                return reason
            self._reached = True
        try:
            return self._open()
        except BlockingIOError:
            return None
        except OSError as error:
            return f"WebSocket: {error.strerror or error}"
        except Refused as error:
            return f"WebSocket: {error}"

    def _open(self) -> str | None:
        handshake = self._handshake
        self.awaits = select.EPOLLOUT
        if handshake.unsent:
            handshake.unsent = handshake.unsent[self._send(handshake.unsent) :]
        if handshake.unsent:
            return None
        self.awaits = select.EPOLLIN
        rest = handshake.feed(self._recv(READ_BYTES))
        if rest is None:
            return None
        return "" if self._hear(rest) else "WebSocket: the server spoke before it was asked"

    def is_quiet(self) -> bool:
        """What came on the idle connection was no message: a ping, a pong, or below WebSocket."""
        try:
            data = self._recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(data) and self._hear(data)

    def _hear(self, data: bytes) -> bool:
        """Read what nobody asked for; whether it leaves the WebSocket as it was."""
        messages = self._messages
        try:
            if messages.feed(data) or messages.begun:
                return False
            self._answer_pings()
        except (Malformed, Closed, OSError):
            return False
        # It may go on for as long as the connection is idle, and nothing is kept of it.
        messages.quiet = 0
        self._note_midway()
        return True

    def _parse(self, data: bytes) -> Outcome | None:
        try:
            outcome = super()._parse(data)
            self._answer_pings()
        except Closed as closed:
            return Outcome("reset", str(closed), 0, After.CLOSED_BY_SERVER)
        except OSError as error:
            return self._broken(f"a ping could not be answered: {error.strerror or error}")
        if outcome is not None:
            self._note_midway()
        return outcome

    def _answer_pings(self) -> None:
        """Send the pongs, behind a request of which the kernel has not taken all.

        Raises:
            OSError: they cannot be sent.
        """
        pongs, self._messages.pongs = self._messages.pongs, b""
        if self.unsent:
            self.unsent = memoryview(b"".join((self.unsent, pongs)))
        elif pongs and self._send(pongs) != len(pongs):
            raise BlockingIOError(0, "the server does not read")

    def _note_midway(self) -> None:
        # What comes next is the rest of a frame, so it may not be held against the known answer.
        self._parsing = self._messages.midway
        self._raw = b"." if self._parsing else b""
