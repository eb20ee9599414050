"""Frames as pure logic: what is written can be read, and cuts make no difference."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.answer import Malformed
from webdyno.loadgen.engine.handshake import Handshake, Refused
from webdyno.loadgen.engine.messages import PING, PONG, TEXT, Closed, MessageReader, masked_frame

from .websocket_server import MESSAGE, frame, switching

CONTROL = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125))
HEAD = b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n"


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """One message in any number of parts, control frames before, between and after them."""
    text = draw(st.sampled_from([MESSAGE, MESSAGE[:-1], MESSAGE * 20, b""]))
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    parts = [text[a:b] for a, b in itertools.pairwise([0, *edges, len(text)])]
    data = b""
    for at, part in enumerate(parts):
        data += b"".join(frame(payload, opcode) for opcode, payload in draw(st.lists(CONTROL, max_size=2)))
        data += frame(part, first=(0 if at else TEXT) | (0x80 if at == len(parts) - 1 else 0))
    return data + b"".join(frame(payload, opcode) for opcode, payload in draw(st.lists(CONTROL, max_size=2)))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def unmasked(sent: bytes) -> list[tuple[int, bytes]]:
    """The frames of a client, all shorter than 64 KiB."""
    found = []
    while sent:
        size, at = sent[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(sent[2:4], "big"), 4
        key, hidden = sent[at : at + 4], sent[at + 4 : at + 4 + size]
        found.append((sent[0], bytes(byte ^ key[place % 4] for place, byte in enumerate(hidden))))
        sent = sent[at + 4 + size :]
    return found


def read(pieces: list[bytes]) -> list[object]:
    """Every message and how reading ended; then the pongs."""
    reader, seen = MessageReader(MESSAGE), list[object]()
    try:
        for piece in pieces:
            if reader.feed(piece):
                seen.append((reader.length, reader.body_start, reader.body_differs, reader.binary, reader.keep_alive))
    except (Malformed, Closed) as error:
        seen.append(str(error))
    return [*seen, reader.midway, unmasked(reader.pongs)]


@given(streams(), st.lists(st.integers(0, 1000), max_size=8))
def test_a_message_is_the_same_however_it_is_cut(data: bytes, places: list[int]) -> None:
    whole = read([data])
    assert isinstance(whole[0], tuple)
    assert whole[1] is False
    assert read(cut(data, places)) == whole


@given(streams())
def test_a_message_byte_by_byte_is_the_same(data: bytes) -> None:
    assert read([bytes((byte,)) for byte in data]) == read([data])


def test_a_message_in_very_many_parts_is_right() -> None:
    parts = frame(b"o", first=TEXT) + frame(b"o", first=0) * 40_000 + frame(b"", first=0x80)
    reader = MessageReader(b"o" * 40_001)
    assert reader.feed(parts)
    assert reader.length == 40_001
    assert not reader.body_differs


@given(st.lists(st.binary(max_size=125), min_size=1, max_size=5))
def test_every_ping_has_a_pong_with_its_payload(payloads: list[bytes]) -> None:
    assert read([b"".join(frame(payload, PING) for payload in payloads)])[-1] == [
        (0x80 | PONG, payload) for payload in payloads
    ]


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=10))
def test_bytes_of_any_kind_are_messages_a_part_of_one_or_refused_and_little_is_kept(pieces: list[bytes]) -> None:
    reader = MessageReader(MESSAGE)
    try:
        for piece in pieces:
            reader.feed(piece)
    except (Malformed, Closed) as error:
        assert str(error)
    assert len(reader.body_start) <= 300


@given(st.binary(max_size=70_000) | st.sampled_from([b"x" * size for size in (0, 125, 126, 65_535)]))
def test_what_is_masked_can_be_unmasked(payload: bytes) -> None:
    if len(payload) < 65_536:
        assert unmasked(masked_frame(TEXT, payload)) == [(0x80 | TEXT, payload)]


@given(st.lists(st.integers(0, 500), max_size=8), st.binary(max_size=20))
def test_an_answer_to_the_handshake_is_the_same_however_it_is_cut(places: list[int], after: bytes) -> None:
    handshake = Handshake(HEAD)
    told = [handshake.feed(piece) for piece in cut(switching(handshake.unsent), places)]
    assert told == [None] * (len(told) - 1) + [b""]
    handshake = Handshake(HEAD)
    assert handshake.feed(switching(handshake.unsent) + after) == after


def test_every_handshake_has_a_key_of_its_own_and_takes_no_other_answer() -> None:
    one, other = Handshake(HEAD), Handshake(HEAD)
    assert one.unsent != other.unsent
    with pytest.raises(Refused, match="Accept"):
        one.feed(switching(other.unsent))


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=10))
def test_bytes_of_any_kind_do_not_open_a_websocket(pieces: list[bytes]) -> None:
    handshake = Handshake(HEAD)
    try:
        assert [handshake.feed(piece) for piece in pieces] == [None] * len(pieces)
    except Refused as error:
        assert str(error)
