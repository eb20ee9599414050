"""The server's side of a WebSocket, every frame of which is scripted."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha1
from typing import NamedTuple

from .server import Exchange, Script

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MESSAGE = b"one message that comes back"


class Frame(NamedTuple):
    """What a client sent."""

    opcode: int
    payload: bytes


def frame(payload: bytes, opcode: int = TEXT, *, first: int | None = None, masked: int = 0) -> bytes:
    """A frame of a server; `first` is its first byte where that is to be another one."""
    size = len(payload)
    head = bytes((0x80 | opcode if first is None else first,))
    if size < 126:
        return head + bytes((masked | size,)) + payload
    if size < 65_536:
        return head + bytes((masked | 126,)) + size.to_bytes(2, "big") + payload
    return head + bytes((masked | 127,)) + size.to_bytes(8, "big") + payload


def accept_of(head: bytes) -> str:
    """The right answer to the key in a request's head."""
    key = head.lower().index(b"sec-websocket-key: ") + len(b"sec-websocket-key: ")
    given = head[key:].split(b"\r\n")[0]
    return b64encode(sha1(given + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()).decode()


def switching(head: bytes, *, accept: str = "", more: str = "", connection: str = "Upgrade") -> bytes:
    """The right answer to an opening handshake, or one that is nearly so."""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        f"Connection: {connection}\r\nSec-WebSocket-Accept: {accept or accept_of(head)}\r\n{more}\r\n"
    ).encode()


def receive(sock: socket.socket) -> Frame | None:
    """The client's next frame; None when it has closed the connection."""
    first = _exactly(sock, 2)
    if first is None:
        return None
    size = first[1] & 0x7F
    if size > 125:
        size = int.from_bytes(_exactly(sock, 2 if size == 126 else 8) or b"", "big")
    key, payload = _exactly(sock, 4), _exactly(sock, size)
    if key is None or payload is None:
        return None
    assert first[0] & 0xF0 == 0x80, "the client sends messages of one frame, without extensions"
    assert first[1] & 0x80, "the client masks what it sends"
    mask = (key * (size // 4 + 1))[:size]
    shown = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return Frame(first[0] & 0x0F, shown.to_bytes(size, "big"))


def _exactly(sock: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            return None
        data += more
    return data


Reply = Callable[[Exchange, bytes], None]


def speaks(reply: Reply) -> Script:
    """Opens a WebSocket and replies to each text; counts `messages` and `pongs`."""

    def script(exchange: Exchange) -> None:
        exchange.send(switching(exchange.head))
        while not exchange.closed and (got := receive(exchange.sock)):
            if got.opcode == PONG:
                exchange.count("pongs")
                continue
            with exchange.server.lock:
                exchange.number = exchange.server.counts["messages"]
                exchange.server.counts["messages"] += 1
            reply(exchange, got.payload)
        exchange.closed = True

    return script


def echo(exchange: Exchange, message: bytes) -> None:
    """Send it back in one frame."""
    exchange.send(frame(message))
