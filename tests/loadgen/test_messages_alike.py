"""Frames as another library writes and reads them: `wsproto`, which knows nothing of ours."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage

from webdyno.loadgen.engine.answer import Malformed
from webdyno.loadgen.engine.content import START_BYTES
from webdyno.loadgen.engine.messages import PING, PONG, TEXT, Closed, MessageReader, masked_frame

CONTROL = st.builds(Ping, st.binary(max_size=125)) | st.builds(Pong, st.binary(max_size=125))
CONTROLS = st.lists(CONTROL, max_size=2)
# Lengths on both sides of the two at which a frame's head grows.
LONG = st.sampled_from([125, 126, 127, 65_535, 65_536])
TEXTS = st.text(max_size=40) | LONG.map("x".__mul__)
BINARIES = st.binary(max_size=40) | LONG.map(b"\xff".__mul__)
PARTS = st.lists(TEXTS, min_size=1, max_size=4) | st.lists(BINARIES, min_size=1, max_size=4)


class Refused(Exception):
    """It breaks the protocol."""


class Seen(NamedTuple):
    """What came: each message whole and whether it is binary, the payloads of the pings, the code of a close."""

    messages: list[tuple[int, bytes, bool]]
    pings: list[bytes]
    closed: str


def message(whole: bytes, *, binary: bool) -> tuple[int, bytes, bool]:
    return len(whole), whole[:START_BYTES], binary


@st.composite
def spoken(draw: st.DrawFn) -> list[bytes]:
    """Messages in any number of parts, controls before, between and after them, and perhaps a close at the end."""
    server = Connection(ConnectionType.SERVER)
    said = []
    messages: list[list[str] | list[bytes]] = draw(st.lists(PARTS))
    for parts in messages:
        events: list[Event] = []
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            events += draw(CONTROLS)
            if isinstance(part, str):
                events.append(TextMessage(part, message_finished=last))
            elif isinstance(part, bytes):
                events.append(BytesMessage(part, message_finished=last))
        said.append(b"".join(server.send(event) for event in [*events, *draw(CONTROLS)]))
    if draw(st.booleans()):
        said.append(server.send(CloseConnection(draw(st.sampled_from([1000, 1001, 1011])), "enough")))
    return said


def read_by_wsproto(said: list[bytes], kind: ConnectionType = ConnectionType.CLIENT) -> Seen:
    """What it makes of all that was said.

    Raises:
        Refused: it is not what may be said.
    """
    reader, seen, parts = Connection(kind), Seen([], [], ""), list[bytes]()
    for piece in said:
        reader.receive_data(piece)
        for event in reader.events():
            match event:
                case Message():
                    parts.append(event.data.encode() if isinstance(event.data, str) else bytes(event.data))
                    if event.message_finished:
                        whole = b"".join(parts)
                        seen.messages.append(message(whole, binary=isinstance(event, BytesMessage)))
                        parts.clear()
                case Ping():
                    seen.pings.append(bytes(event.payload))
                case CloseConnection(code=1002):
                    raise Refused
                case CloseConnection():
                    seen = seen._replace(closed=str(event.code))
    return seen


def read_by_ours(said: list[bytes], places: list[int]) -> Seen:
    """What ours makes of it: a message at a time, each cut in some places.

    Raises:
        Malformed: it is not what may be said.
    """
    reader, seen, closed = MessageReader(None), list[tuple[int, bytes, bool]](), ""
    for piece in said:
        edges = sorted({0, len(piece), *(place % (len(piece) + 1) for place in places)})
        try:
            for start, end in itertools.pairwise(edges):
                if reader.feed(piece[start:end]):
                    seen.append((reader.length, reader.body_start, reader.binary))
        except Closed as error:
            closed = str(error).split(": ")[1].split()[0]
            break
    # Every ping is answered by a pong with what it carries.
    pongs = read_pongs(reader.pongs)
    return Seen(seen, pongs, closed)


def read_pongs(sent: bytes) -> list[bytes]:
    server = Connection(ConnectionType.SERVER)
    server.receive_data(sent)
    pongs = list(server.events())
    assert all(isinstance(event, Pong) for event in pongs)
    return [bytes(event.payload) for event in pongs if isinstance(event, Pong)]


@given(spoken(), st.lists(st.integers(0, 1000), max_size=6))
def test_whatever_a_server_says_is_read_as_another_library_reads_it(said: list[bytes], places: list[int]) -> None:
    assert read_by_ours(said, places) == read_by_wsproto(said)


@given(TEXTS)
def test_what_ours_writes_is_read_as_it_was_meant(text: str) -> None:
    whole = text.encode()
    found = read_by_wsproto([masked_frame(TEXT, whole)], ConnectionType.SERVER)
    assert found == Seen([message(whole, binary=False)], [], "")


@given(st.binary(max_size=125))
def test_a_pong_and_a_ping_of_ours_are_read_as_they_were_meant(payload: bytes) -> None:
    assert read_pongs(masked_frame(PONG, payload)) == [payload]
    assert read_by_wsproto([masked_frame(PING, payload)], ConnectionType.SERVER).pings == [payload]


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """One of any kind, also of those that no server may send; a close is told elsewhere."""
    # Mostly the heads of good ones.
    final, reserved = draw(st.sampled_from([0x80, 0x80, 0])), draw(st.sampled_from([0, 0, 0, 0, 0x10, 0x40]))
    opcode = draw(st.sampled_from([0, 0, 1, 1, 2, 3, 7, 9, 10, 11, 15]))
    masked = draw(st.sampled_from([0, 0, 0, 0, 0x80]))
    payload = b"x" * draw(st.sampled_from([0, 1, 5, 125, 126, 127, 65_535, 65_536]))
    count, least = len(payload), 0 if len(payload) < 126 else 2 if len(payload) < 65_536 else 8
    width = draw(st.sampled_from([least, least, least, *(one for one in (2, 8) if one > least)]))
    head = bytes((final | reserved | opcode, masked | {0: count, 2: 126, 8: 127}[width]))
    length = count.to_bytes(width, "big") if width else b""
    return head + length + bytes(4) * bool(masked) + payload


@given(st.lists(frames(), min_size=1, max_size=6))
def test_frames_of_any_kind_are_refused_where_another_library_refuses_them(said: list[bytes]) -> None:
    try:
        expected = read_by_wsproto(said)
    except Refused:
        expected = None
    try:
        found = read_by_ours(said, [])
    except Malformed:
        found = None
    assert found == expected
