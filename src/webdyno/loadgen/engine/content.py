"""What a body says: its content encodings undone piece by piece, in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import ClassVar

DECODED_BYTES = 16 * 2**20
KEPT_BYTES = 2**20
# Of all bodies that are kept at the same time: each of 10,000 connections could have one under way.
KEPT_TOGETHER = 2**30
START_BYTES = 80
CUT_OFF = "the compressed body is cut off"
_PIECE_BYTES = 65_536
_MOST_ENCODINGS = 4
_GZIP, _ZLIB, _RAW = 31, 15, -15


class Undecodable(Exception):
    """The body does not decode, or to more than is looked into. The text says why."""


class Content:
    """The body of one answer, decoded while it comes: held against the expected bytes, or kept to be read whole.

    Attributes:
        length: decoded bytes so far.
        body_start: the first of them, to show.
        body_differs: some byte was not as expected.
        kept: all of them, where they are kept.
        trouble: why it cannot be looked into; empty while it can.
        crowded: that is for want of room, and no fault of the body.
        room: how many bytes more may be kept, in all of this process.
    """

    __slots__ = ("_expected", "_keep", "_stages", "body_differs", "body_start", "crowded", "kept", "length", "trouble")
    room: ClassVar[int] = KEPT_TOGETHER

    def __init__(self, encodings: bytes, *, expected: bytes | None, keep: bool) -> None:
        """Begin before the body.

        Args:
            encodings: the value of the answer's `Content-Encoding`, empty where it has none.
            expected: the decoded bytes that are expected, or None to take any.
            keep: keep the decoded bytes, at most `KEPT_BYTES` of them.
        """
        self.length = 0
        self.body_start = b""
        self.body_differs = False
        self.kept = bytearray()
        self.trouble = ""
        self.crowded = False
        self._expected = expected
        self._keep = keep
        self._stages: list[_Inflater] = []
        try:
            self._stages = _stages(encodings)
        except Undecodable as error:
            self.trouble = str(error)

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self.trouble:
            return
        try:
            for piece in _decoded(data, self._stages):
                self._look(piece)
        except Undecodable as error:
            self.trouble = str(error)
            if len(self._stages) > 1 and not self.crowded:
                # What the outer one gave before it failed is lost, so how the bytes were cut decides which fails first.
                self.trouble = f"one of the body's {len(self._stages)} encodings is damaged, or decodes to too much"
            self._forget()

    def end(self) -> None:
        """The body is over: see whether what it decodes to is as well."""
        if not self.trouble and any(stage.unfinished for stage in self._stages):
            self.trouble = CUT_OFF

    def _look(self, piece: bytes) -> None:
        if self._expected is not None and not self._expected.startswith(piece, self.length):
            self.body_differs = True
        if self.length < START_BYTES:
            self.body_start += piece[: START_BYTES - self.length]
        self.length += len(piece)
        if self._keep:
            if self.length > KEPT_BYTES:
                raise Undecodable(f"the body is longer than {KEPT_BYTES} bytes, too long to look for values in it")
            if len(piece) > Content.room:
                self.crowded = True
                raise Undecodable(f"{KEPT_TOGETHER >> 20} MiB of bodies are kept at once: use fewer connections")
            Content.room -= len(piece)
            self.kept += piece

    def _forget(self) -> None:
        Content.room += len(self.kept)
        self.kept = bytearray()

    def __del__(self) -> None:
        """Leave its room to others; nothing holds on to it longer than to its answer."""
        self._forget()


def decode(encodings: bytes, body: bytes) -> bytes:
    """A whole body, decoded.

    Args:
        encodings: as for `Content`.
        body: as sent.

    Raises:
        Undecodable: an encoding is unknown, or the body is damaged, cut off or decodes to more than `DECODED_BYTES`.
    """
    stages = _stages(encodings)
    decoded = b"".join(_decoded(body, stages))
    if any(stage.unfinished for stage in stages):
        raise Undecodable(CUT_OFF)
    return decoded


class _Inflater:
    """Undoes one gzip or deflate encoding."""

    __slots__ = ("_head", "_inflate", "_left", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = b""
        self._inflate = zlib.decompressobj(_GZIP) if name == "gzip" else None
        self._left = DECODED_BYTES

    @property
    def unfinished(self) -> bool:
        """The stream has begun and not ended; no bytes at all are an empty body."""
        return bool(self._head) and not (self._inflate and self._inflate.eof)

    def feed(self, data: bytes) -> Iterator[bytes]:
        if len(self._head) < 2:
            self._head += data
            if self._inflate is None:
                if len(self._head) < 2:
                    return
                data = self._head
                self._inflate = zlib.decompressobj(_ZLIB if _is_zlib(self._head) else _RAW)
            self._head = self._head[:2]
        while self._inflate:
            if self._inflate.eof:
                if not data:
                    return
                if self._name != "gzip":
                    raise Undecodable("bytes after the end of the deflate body")
                # RFC 1952: what follows a member is another one.
                self._inflate = zlib.decompressobj(_GZIP)
            try:
                piece = self._inflate.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise Undecodable(f"the {self._name} body is damaged: {str(error).rpartition(': ')[2]}") from error
            self._left -= len(piece)
            if self._left < 0:
                raise Undecodable(f"the {self._name} body decodes to more than {DECODED_BYTES} bytes")
            yield piece
            data = self._inflate.unused_data or self._inflate.unconsumed_tail
            if not data and len(piece) < _PIECE_BYTES:
                return


def _stages(encodings: bytes) -> list[_Inflater]:
    """What undoes the encodings, in the order of undoing: the last applied comes first.

    Raises:
        Undecodable: one is unknown, or there are too many.
    """
    names = [name.strip() for name in encodings.decode("latin-1").lower().split(",")]
    names = [name.removeprefix("x-") for name in reversed(names) if name not in ("", "identity")]
    if len(names) > _MOST_ENCODINGS:
        raise Undecodable(f"the body is encoded {len(names)} times over")
    for name in names:
        if name not in ("gzip", "deflate"):
            raise Undecodable(
                f"the body's encoding {name[:START_BYTES]!r} cannot be read; ask for gzip with the header"
                " 'Accept-Encoding: gzip'"
            )
    return [_Inflater(name) for name in names]


def _decoded(data: bytes, stages: list[_Inflater]) -> Iterator[bytes]:
    if not stages:
        yield data
        return
    first, *others = stages
    for piece in first.feed(data):
        yield from _decoded(piece, others)


def _is_zlib(head: bytes) -> bool:
    """`deflate` is in zlib's frame (RFC 1950), but some servers leave the frame out."""
    return head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
