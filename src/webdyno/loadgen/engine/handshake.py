"""The opening handshake of a WebSocket (RFC 6455, section 4)."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from hashlib import sha1

from .answer import QUIET_BYTES

_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BEGINNING = b"HTTP/1.1 "
_SHOWN = 80
# Responses before the one that is asked for, such as 103 Early Hints.
_INTERIM = re.compile(rb"HTTP/1\.1 1(?!01)[0-9]{2}\b")


class Refused(Exception):
    """The server does not open a WebSocket. The text says what it does."""


class Handshake:
    """One connection's handshake.

    Attributes:
        unsent: what is still to be sent of its request.
    """

    def __init__(self, head: bytes) -> None:
        """Draw the key.

        Args:
            head: the request without the key.
        """
        key = b64encode(os.urandom(16))
        self.unsent = head.removesuffix(b"\r\n") + b"Sec-WebSocket-Key: " + key + b"\r\n\r\n"
        self._accept = b64encode(sha1(key + _SALT, usedforsecurity=False).digest())
        self._answer = b""
        self._length = 0

    def feed(self, data: bytes) -> bytes | None:
        """Read on in the answer. The bytes after its end, None while it goes on.

        Raises:
            Refused: it is not the answer by which a server begins to speak WebSocket.
        """
        self._answer += data
        self._length += len(data)
        head, end, rest = self._answer.partition(b"\r\n\r\n")
        while end and _INTERIM.match(head):
            head, end, rest = rest.partition(b"\r\n\r\n")
            self._answer = head + end + rest
        if not head.startswith(_BEGINNING[: len(head)]):
            raise Refused(f"no answer to the handshake: {head[:_SHOWN]!r}")
        if end:
            self._check(head)
            return rest
        if not data:
            raise Refused("closed without a whole answer to the handshake")
        if self._length > QUIET_BYTES:
            raise Refused(f"an answer to the handshake of more than {QUIET_BYTES} bytes")
        return None

    def _check(self, head: bytes) -> None:
        line, *lines = head.split(b"\r\n")
        if line.split()[1:2] != [b"101"]:
            raise Refused(f"the handshake was answered {line[:_SHOWN]!r}")
        fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        headers = dict(fields)
        options = [option.strip().lower() for option in headers.get(b"connection", b"").split(b",")]
        if headers.get(b"upgrade", b"").lower() != b"websocket" or b"upgrade" not in options:
            raise Refused("the answer to the handshake does not switch to WebSocket")
        if [value for name, value in fields if name == b"sec-websocket-accept"] != [self._accept]:
            raise Refused("Sec-WebSocket-Accept does not answer the key")
        if unasked := headers.keys() & {b"sec-websocket-extensions", b"sec-websocket-protocol"}:
            raise Refused(f"the server chose a {min(unasked).decode()} that was not offered")
