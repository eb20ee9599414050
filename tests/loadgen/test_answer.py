import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.answer import QUIET_BYTES, AnswerReader, Malformed, Reading

from .server import BODY, GOOD, answer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n"
WHOLE = [
    GOOD,
    answer(headers="Connection: close\r\n"),
    answer(version="1.0"),
    answer(status="404 Not Found", body=b""),
    b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 2 + GOOD,
    b"HTTP/1.1 102 Processing\r\nContent-Length: 7\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + GOOD,
    b"HTTP/1.1 204 No Content\r\n\r\n",
    CHUNKED,
]
READ_BYTES = 4096


def read(pieces: list[bytes], *, head_only: bool = False, body: bytes | None = None) -> tuple[object, ...]:
    """Everything that is known after the pieces."""
    reader = AnswerReader(Reading(head_only=head_only, body=body))
    try:
        complete = [reader.feed(piece) for piece in pieces]
    except Malformed as error:
        return ("malformed", str(error))
    return (complete[-1], reader.status, reader.length, reader.body_start, reader.body_differs, reader.keep_alive)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(st.sampled_from(WHOLE), st.lists(st.integers(0, 500), max_size=8))
def test_an_answer_is_the_same_however_it_is_cut(data: bytes, places: list[int]) -> None:
    whole = read([data], body=BODY)
    assert whole[0] is True
    assert read(cut(data, places), body=BODY) == whole


@given(st.sampled_from(WHOLE), st.integers(1, 400))
def test_an_answer_that_lacks_its_end_is_not_complete(data: bytes, missing: int) -> None:
    reader = AnswerReader(Reading(head_only=False, body=None))
    part = data[: -min(missing, len(data) - 1)]
    assert not reader.feed(part)
    assert not reader.end()


@pytest.mark.parametrize("data", [GOOD, CHUNKED])
@pytest.mark.parametrize("extra", [*WHOLE, b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 5"])
def test_another_answer_that_nobody_asked_for_is_noticed(data: bytes, extra: bytes) -> None:
    assert read([data + extra]) == ("malformed", "bytes after the end of the answer")


@given(st.sampled_from([GOOD, CHUNKED]), st.binary(min_size=1).filter(lambda extra: extra.strip(b"\r\n") != b""))
def test_bytes_after_the_answer_are_noticed(data: bytes, extra: bytes) -> None:
    assert read([data + extra]) == ("malformed", "bytes after the end of the answer")


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=20))
def test_bytes_of_any_kind_are_an_answer_a_part_of_one_or_malformed(pieces: list[bytes]) -> None:
    read(pieces)


@given(st.sampled_from(WHOLE), st.integers(0, 400), st.binary(max_size=6), st.booleans())
def test_a_damaged_answer_is_read_or_malformed(data: bytes, place: int, damage: bytes, head_only: bool) -> None:
    place %= len(data)
    read([data[:place] + damage + data[place + len(damage) :]], head_only=head_only, body=BODY)


@pytest.mark.parametrize(
    "endless",
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 600),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * READ_BYTES),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * READ_BYTES),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 600),
    ],
    ids=["headers", "header", "interim answers", "chunk extension", "trailers"],
)
def test_what_does_not_end_is_cut_off(endless: tuple[bytes, bytes]) -> None:
    first, more = endless
    reader = AnswerReader(Reading(head_only=False, body=None))
    with pytest.raises(Malformed, match="more than"):
        for piece in [first, *[more] * (QUIET_BYTES // len(more) + 2)]:
            reader.feed(piece)


def test_a_body_until_the_end_of_the_connection_is_complete_with_it() -> None:
    reader = AnswerReader(Reading(head_only=False, body=b"abcdef"))
    assert not reader.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert not reader.feed(b"def")
    assert reader.end()
    assert (reader.length, reader.body_differs, reader.keep_alive) == (6, False, False)


@pytest.mark.parametrize(
    ("head", "keep_alive"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n", True),
    ],
)
def test_the_answer_to_head_ends_with_its_head(head: bytes, keep_alive: bool) -> None:
    reader = AnswerReader(Reading(head_only=True, body=None))
    for _ in range(2):
        assert reader.feed(head)
        assert (reader.length, reader.keep_alive) == (0, keep_alive)


@given(st.lists(st.integers(0, 500), max_size=8))
@pytest.mark.parametrize("interim", [b"100 Continue\r\n", b"103 Early Hints\r\nContent-Length: 3\r\nX: y\r\n"])
def test_the_answer_to_head_may_come_after_others_of_1xx(interim: bytes, places: list[int]) -> None:
    head = GOOD.removesuffix(BODY)
    data = (b"HTTP/1.1 " + interim + b"\r\n") * 2 + head
    assert read(cut(data, places), head_only=True) == read([head], head_only=True)


def test_what_came_of_an_answer_is_told_from_the_end_of_its_head_on() -> None:
    reader = AnswerReader(Reading(head_only=False, body=None))
    for data, came in [
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n", ""),
        (b"\r\n", "headers and 0 bytes"),
        (b"abc", "headers and 3 bytes"),
    ]:
        assert not reader.feed(data)
        assert reader.came == came


def test_one_reader_reads_one_answer_after_another() -> None:
    reader = AnswerReader(Reading(head_only=False, body=BODY))
    assert reader.feed(answer(body=b"other", status="500 Oops"))
    assert reader.body_differs
    assert reader.feed(GOOD)
    assert (reader.status, reader.length, reader.body_differs) == (200, len(BODY), False)


ENDPOINTS = (
    Reading(head_only=False, body=None),
    Reading(head_only=False, body=BODY),
    Reading(head_only=True, body=None),
    Reading(head_only=False, body=None, keep=True, headers=frozenset({b"content-type"}), cookies=True),
    Reading(head_only=False, body=None, keep_now=lambda: True),
)
ANSWERS = (
    answer(),
    answer(body=b"other", status="500 Oops"),
    b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nSet-Cookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nSet-Cookie: c=d\r\n\r\n",
)


@given(st.lists(st.tuples(st.sampled_from(range(len(ENDPOINTS))), st.sampled_from(ANSWERS)), max_size=12))
def test_one_reader_reads_for_one_endpoint_after_another_as_if_each_had_its_own(
    exchanges: list[tuple[int, bytes]],
) -> None:
    shared = AnswerReader(ENDPOINTS[0])
    for endpoint, data in exchanges:
        own = AnswerReader(ENDPOINTS[endpoint])
        shared.read_for(ENDPOINTS[endpoint])
        data = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if ENDPOINTS[endpoint].head_only else data
        assert shared.feed(data) == own.feed(data)
        seen = [
            (
                *(getattr(reader, name) for name in ("complete", "status", "length", "body_start", "body_differs")),
                *(getattr(reader, name) for name in ("headers", "cookies", "keep_alive", "came")),
                reader.content and reader.content.length,
            )
            for reader in (shared, own)
        ]
        assert seen[0] == seen[1]
