"""WebSocket messages (RFC 6455): written as a client writes them, read one after another in bounded memory."""

from __future__ import annotations

import os

from ...model.workload import Expected
from .answer import QUIET_BYTES, Malformed, Reader
from .content import START_BYTES, Content
from .dialogue import After, Dialogue, Outcome

TEXT, _BINARY, _CLOSE, PING, PONG = 1, 2, 8, 9, 10
SWITCHED = 101
"""The status of the answer by which a server begins to speak WebSocket."""
MOST_BYTES = 16 * 1024 * 1024
_FINAL, _RESERVED, _MASKED = 0x80, 0x70, 0x80
_SHORT, _MOST_CONTROL = 126, 125


class Closed(Exception):
    """The server has closed the WebSocket. The text says why."""


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """A whole message of one frame, masked by a random key as every frame of a client has to be."""
    key = os.urandom(4)
    count = len(payload)
    mask = (key * (count // 4 + 1))[:count]
    hidden = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(count, "big")
    return _head(opcode, count, _MASKED) + key + hidden


def plain_frame(opcode: int, payload: bytes) -> bytes:
    """The same as most servers send it."""
    return _head(opcode, len(payload), 0) + payload


def _head(opcode: int, length: int, masked: int) -> bytes:
    first = _FINAL | opcode
    if length < _SHORT:
        return bytes((first, masked | length))
    if length < 1 << 16:
        return bytes((first, masked | _SHORT)) + length.to_bytes(2, "big")
    return bytes((first, masked | _SHORT + 1)) + length.to_bytes(8, "big")


def _head_length(head: bytes) -> int:
    """How long a frame's head is, as far as its first bytes tell."""
    return 2 + {_SHORT: 2, _SHORT + 1: 8}.get(head[1], 0) if len(head) >= 2 else 2


class MessageReader:
    """Reads a server's frames and holds each message against the expected one while it comes, without keeping it.

    Attributes:
        complete: the message has been read whole.
        status: that of the opening handshake.
        length: its bytes so far.
        body_start: the first of them, to show.
        body_differs: some byte was not as expected.
        binary: it is no text.
        begun: it has been read in part.
        keep_alive: the server has not closed the WebSocket after it.
        content, headers, cookies: what only other answers have.
        quiet: bytes since the last of a message, or since somebody set it back.
        midway: the last bytes that came were the beginning of a frame.
        pongs: what is to be sent for the pings that came.
    """

    def __init__(self, body: bytes | None) -> None:
        """Begin before the first message.

        Args:
            body: the expected one, or None to take any.
        """
        self.status = SWITCHED
        self.content: Content | None = None
        self._body = body
        self._frame = b""
        self._left: int | None = None
        self._control = b""
        self.headers: dict[bytes, bytes] = {}
        self.cookies: list[bytes] = []
        self.pongs = b""
        self.keep_alive = True
        self._reset()

    def _reset(self) -> None:
        self.complete = False
        self.length = 0
        self.body_start = b""
        self.body_differs = False
        self.binary = False
        self.begun = False
        self.quiet = 0

    @property
    def midway(self) -> bool:  # noqa: D102 - told above
        return bool(self._frame)

    @property
    def came(self) -> str:
        """What has come of a message that goes on, in words; empty before its first frame."""
        return f"{self.length} bytes of a message" if self.begun else ""

    def feed(self, data: bytes) -> bool:
        """Read on; after a complete message the next one begins. True when the message is complete.

        Raises:
            Malformed: no frame that a server may send, more of them than there is to say, or a second message.
            Closed: the server has closed the WebSocket before the message was complete.
        """
        if self.complete:
            self._reset()
        at = 0
        while at < len(data) and self.keep_alive:
            if self._left is None:
                missing = _head_length(self._frame) - len(self._frame)
                self._frame += data[at : at + missing]
                at += missing
                if len(self._frame) < _head_length(self._frame):
                    continue
                self._left = self._begin_frame()
            part = data[at : at + self._left]
            at += len(part)
            self._left -= len(part)
            self._take(part)
            if not self._left:
                self._end_frame()
        return self.complete

    def end(self) -> bool:
        """The server has closed the connection. False: no message ends by that."""
        return False

    def close(self) -> None:
        """Nothing has to be let go of."""

    def _begin_frame(self) -> int:
        """Check the head; how many bytes follow it."""
        head, opcode = self._frame, self._frame[0] & 0x0F
        length = int.from_bytes(head[2:], "big") if len(head) > 2 else head[1]
        if head[0] & _RESERVED or opcode not in (0, TEXT, _BINARY, _CLOSE, PING, PONG):
            raise Malformed("a frame of a kind that was not agreed on")
        if head[1] & _MASKED:
            raise Malformed("a masked frame from the server")
        if len(_head(opcode, length, 0)) != len(head) or length >> 63:
            raise Malformed("a frame whose length is not written as it has to be")
        if opcode >= _CLOSE:
            if length > _MOST_CONTROL or not head[0] & _FINAL:
                raise Malformed("a control frame in several parts, or of more than 125 bytes")
        else:
            self._begin_part(opcode, length)
        self.quiet += len(head) + (length if opcode >= _CLOSE else 0)
        if self.quiet > QUIET_BYTES:
            raise Malformed(f"frames of {QUIET_BYTES} bytes without any of a message")
        return length

    def _begin_part(self, opcode: int, length: int) -> None:
        if self.complete:
            raise Malformed("a second message")
        if self.begun == (opcode != 0):
            raise Malformed("a message within another" if self.begun else "a later part of no message")
        if self.length + length > MOST_BYTES:
            raise Malformed(f"a message of more than {MOST_BYTES} bytes")
        if opcode:
            self.begun = True
            self.binary = opcode == _BINARY

    def _take(self, part: bytes) -> None:
        if self._frame[0] & 0x0F >= _CLOSE:
            self._control += part
            return
        if not part:
            return
        self.quiet = 0
        length = self.length
        if self._body is not None and not self._body.startswith(part, length):
            self.body_differs = True
        if length < START_BYTES:
            self.body_start += part[: START_BYTES - length]
        self.length = length + len(part)

    def _end_frame(self) -> None:
        first, control = self._frame[0], self._control
        opcode = first & 0x0F
        self._frame = self._control = b""
        self._left = None
        if opcode == PING:
            self.pongs += masked_frame(PONG, control)
        elif opcode == _CLOSE:
            self.keep_alive = False
            if not self.complete:
                code = int.from_bytes(control[:2], "big") if len(control) > 1 else "no code"
                raise Closed(
                    f"the server closed the WebSocket: {code} {control[2:].decode('utf-8', 'replace')}".strip()
                )
        elif opcode < _CLOSE and first & _FINAL:
            self.complete, self.begun = True, False


class Messages(Dialogue):
    """What all messages of a load have in common: the one expected answer."""

    __slots__ = ("_wanted",)

    def __init__(self, expected: Expected) -> None:
        """Begin before the first answer, knowing how most servers will send it."""
        super().__init__(expected, head_only=False)
        self._wanted = expected.body
        self.known = b"" if expected.body is None else plain_frame(TEXT, expected.body)

    def reader(self, earlier: Reader | None = None) -> MessageReader:
        """A parser for the messages of one connection."""
        return MessageReader(self._wanted)

    def judge(self, answer: Reader, *, until_close: bool) -> Outcome:
        """Hold a complete message against the expected one."""
        if isinstance(answer, MessageReader) and answer.binary:
            after = After.KEPT if answer.keep_alive else After.CLOSED_BY_SERVER
            return Outcome("body", f"a binary message instead of a text: {answer.body_start!r}", SWITCHED, after)
        return super().judge(answer, until_close=until_close)

    def remember(self, data: bytes, outcome: Outcome) -> None:
        """Keep nothing: with the message there may have been a ping, which is to be answered each time."""
