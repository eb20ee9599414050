import gzip
import itertools
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.loadgen.engine.answer import Malformed
from webdyno.loadgen.engine.content import KEPT_BYTES
from webdyno.loadgen.engine.dialogue import After, Dialogue, Outcome
from webdyno.model.workload import Expected

from .server import BODY, answer

USER = json.dumps({"token": "t-1", "user": {"id": 7, "roles": ["admin"], "ok": True, "none": None}}).encode()
TAKE = {"token": "json:token", "id": "json:user.id", "session": "header:X-Session"}
SESSION = "X-Session: s-1\r\nx-session: s-2\r\n"
GZIP = "Content-Encoding: gzip\r\n"


def outcome_of(dialogue: Dialogue, pieces: list[bytes]) -> Outcome:
    """What becomes of an answer that comes in these pieces, after which the connection is closed."""
    reader = dialogue.reader()
    for piece in pieces:
        if reader.feed(piece):
            return dialogue.judge(reader, until_close=False)
    if reader.end():
        return dialogue.judge(reader, until_close=True)
    return Outcome("protocol", "cut off", 0, After.CLOSED_BY_SERVER)


def judged(
    data: bytes, expected: Expected | None = None, *, head_only: bool = False, take: Mapping[str, str] | None = None
) -> Outcome:
    return outcome_of(Dialogue(expected or Expected(), head_only=head_only, take=take or {}), [data])


def holding(**values: str | float | None) -> Expected:
    return Expected(json_values={name.replace("__", "."): value for name, value in values.items()})


def chunked(body: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    pieces = [body[at : at + 9] for at in range(0, len(body), 9)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content", "299 Odd"])
def test_any_2xx_is_right_where_no_status_is_given(status: str) -> None:
    assert judged(answer(b"", status), Expected(status=None)) == Outcome(None, "", int(status[:3]), After.KEPT)


@pytest.mark.parametrize("status", ["300 Choices", "401 Unauthorized", "500 Oops"])
def test_any_other_status_is_wrong_where_none_is_given(status: str) -> None:
    seen = judged(answer(b"no", status), Expected(status=None), take={"x": "json:"})
    detail = f"status {status[:3]} instead of any 2xx, body b'no'"
    assert seen == Outcome("status", detail, int(status[:3]), After.KEPT)


def test_the_remembered_outcome_has_the_status_and_the_values_of_its_answer() -> None:
    dialogue = Dialogue(Expected(status=None, json_values={"user.id": 7}), head_only=False, take=TAKE)
    data = answer(USER, "201 Created", SESSION)
    outcome = outcome_of(dialogue, [data])
    dialogue.remember(data, outcome)
    wrong = answer(b"{}", "201 Created", SESSION)
    dialogue.remember(wrong, outcome_of(dialogue, [wrong]))
    assert dialogue.known == data
    assert dialogue.known_outcome == outcome
    assert (outcome.status, outcome.taken) == (201, {"token": "t-1", "id": 7, "session": "s-1"})


ANSWERS = {
    "plain": answer(USER, headers=SESSION),
    "chunked": chunked(USER, SESSION),
    "gzip": answer(gzip.compress(USER, mtime=0), headers=SESSION + GZIP),
    "gzip in chunks": chunked(gzip.compress(USER, mtime=0), SESSION + GZIP),
    "until the end": b"HTTP/1.1 200 OK\r\n" + SESSION.encode() + b"\r\n" + USER,
    "after others": b"HTTP/1.1 103 Early Hints\r\nX-Session: early\r\nContent-Encoding: br\r\n\r\n"
    + answer(USER, headers=SESSION),
}
LOOKING = Expected(body=USER, json_values={"token": "t-1", "user.roles.0": "admin", "user.none": None})


@pytest.mark.parametrize("name", ANSWERS)
def test_values_are_held_and_taken_however_the_body_is_sent_cut_at_every_place(name: str) -> None:
    data = ANSWERS[name]
    dialogue = Dialogue(LOOKING, head_only=False, take=TAKE)
    for place in range(1, len(data)):
        outcome = outcome_of(dialogue, [data[:place], data[place:]])
        assert (outcome.kind, outcome.detail) == (None, "")
        assert outcome.taken == {"token": "t-1", "id": 7, "session": "s-1"}


@given(
    st.sampled_from(sorted(ANSWERS)),
    st.integers(0, 500),
    st.binary(max_size=4),
    st.lists(st.integers(1, 500), max_size=6),
)
def test_a_damaged_answer_ends_the_same_however_it_is_cut(
    name: str, place: int, damage: bytes, places: list[int]
) -> None:
    data = ANSWERS[name]
    place %= len(data)
    data = data[:place] + damage + data[place + len(damage) :]
    edges = [0, *sorted({at % len(data) for at in places} - {0}), len(data)]
    dialogue = Dialogue(LOOKING, head_only=False, take=TAKE)

    def ending(pieces: list[bytes]) -> tuple[object, ...]:
        try:
            outcome = outcome_of(dialogue, pieces)
        except Malformed:
            return ("malformed",)
        return outcome if outcome.kind != "protocol" else ("malformed",)

    whole = ending([data])
    pieces = ending([data[start:end] for start, end in itertools.pairwise(edges)])
    # Bytes after the end are only seen with it, or by the next look at the connection.
    assert pieces == whole or whole == ("malformed",)


def test_a_reader_tells_the_values_of_one_answer_from_those_of_the_next() -> None:
    dialogue = Dialogue(Expected(), head_only=False, take={"session": "header:x-session"})
    reader = dialogue.reader()
    assert reader.feed(answer(headers="X-Session: one\r\n"))
    assert dialogue.judge(reader, until_close=False).taken == {"session": "one"}
    assert reader.feed(answer())
    assert dialogue.judge(reader, until_close=False).kind == "body"


def test_a_compressed_answer_and_a_plain_one_follow_each_other() -> None:
    dialogue = Dialogue(Expected(body=BODY), head_only=False)
    reader = dialogue.reader()
    for data in [answer(gzip.compress(BODY), headers=GZIP), answer(), answer(b"x" * len(BODY)), answer()]:
        assert reader.feed(data)
        assert (dialogue.judge(reader, until_close=False).kind == "body") is (b"xxx" in data)


def test_the_length_is_that_on_the_wire_and_the_body_the_decoded_one() -> None:
    squeezed = gzip.compress(BODY * 9, mtime=0)
    data = answer(squeezed, headers=GZIP)
    assert judged(data, Expected(length=len(squeezed), body=BODY * 9)).kind is None
    assert judged(data, Expected(length=len(squeezed))).kind is None
    assert judged(data, Expected(length=len(BODY * 9))).detail.startswith(f"{len(squeezed)} bytes instead of")
    assert judged(data, Expected(body=BODY)).detail.startswith(f"{len(BODY * 9)} bytes instead of {len(BODY)}: b'{{")
    assert judged(data, Expected(body=b"x" * len(BODY * 9))).detail.startswith("other bytes than expected: b'{")


def test_an_encoding_that_nothing_looks_into_is_only_counted() -> None:
    data = answer(b"brotli", headers="Content-Encoding: br\r\nX-Session: s\r\n")
    assert judged(data, Expected(length=6), take={"s": "header:X-Session"}).taken == {"s": "s"}
    for expected in [Expected(body=b"x"), holding(a=1)]:
        seen = judged(data, expected)
        assert seen.kind == "body"
        assert "'br' cannot be read; ask for gzip" in seen.detail


@pytest.mark.parametrize(
    ("expected", "detail"),
    [
        (holding(user__id=8), "json:user.id is 7 instead of 8"),
        (holding(user__id="7"), "json:user.id is 7 instead of '7'"),
        (holding(user__ok=1), "json:user.ok is true instead of 1"),
        (holding(user__none=False), "json:user.none is null instead of false"),
        (holding(user=1), "json:user is an object of 4 instead of 1"),
        (holding(token="x" * 200), f"json:token is 't-1' instead of '{'x' * 80}'..."),
        (holding(user__name="ann"), f"json:user.name is missing instead of 'ann', body {USER[:80]!r}"),
    ],
)
def test_another_value_in_the_body_is_named(expected: Expected, detail: str) -> None:
    assert judged(answer(USER), expected) == Outcome("body", detail, 200, After.KEPT)


def test_numbers_are_compared_as_numbers() -> None:
    assert judged(answer(USER), holding(user__id=7.0)).kind is None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is no JSON to look into: Expecting value"),
        (b"[" * 50_000, "nested too deeply"),
        (b'{"v": ' + b"1" * 10_000 + b"}", "too many digits"),
        (b'{"v": NaN}', "NaN is no JSON number"),
        (b'{"v": 1, "v": 1}', "the key 'v' more than once"),
        (b'{"v": "\xff"}', "not in UTF-8"),
        (b'"' + b"x" * KEPT_BYTES + b'"', f"longer than {KEPT_BYTES} bytes"),
        (b'{"w": 1}', "json:v is missing"),
        (b'{"v": null}', "json:v is null, which cannot be used"),
        (b'{"v": [1]}', "json:v is a list of 1, which cannot be used"),
        (b'{"v": "a\\r\\nX: y"}', r"json:v is 'a\r\nX: y', with a control character"),
        (b'{"v": "\\ud800"}', "half of a surrogate pair"),
        (b'{"v": 1e999}', "json:v is inf, which cannot be used"),
        (b'{"v": ' + b"1" * 4000 + b"}", "bits, which cannot be used"),
    ],
    ids=range(14),
)
def test_a_body_that_gives_no_value_to_take_is_a_failure_that_says_why(body: bytes, detail: str) -> None:
    seen = judged(answer(body), take={"v": "json:v"})
    assert (seen.kind, seen.status, seen.after, seen.taken) == ("body", 200, After.KEPT, None)
    assert detail in seen.detail
    assert len(seen.detail) < 500


def test_the_whole_body_can_be_taken() -> None:
    assert judged(answer(b' "t" '), take={"all": "json:"}).taken == {"all": "t"}


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ("", "there is no header x-session to take"),
        ("X-Session: a\tb\r\n", r"header x-session is 'a\tb', with a control character"),
        (f"X-Session: {'x' * 8193}\r\n", "header x-session is a string of more than 8192 bytes"),
    ],
)
def test_a_header_that_cannot_be_taken_is_a_failure(headers: str, detail: str) -> None:
    seen = judged(answer(headers=headers), take={"s": "header:X-SESSION"})
    assert (seen.kind, seen.taken) == ("body", None)
    assert detail in seen.detail


def test_headers_that_frame_an_answer_can_be_taken_and_trailers_cannot() -> None:
    take = {"n": "header:Content-Length", "e": "header:Content-Encoding"}
    assert judged(answer(b"x", headers=GZIP), take=take).taken == {"n": "1", "e": "gzip"}
    trailing = chunked(b"x").removesuffix(b"\r\n") + b"X-Session: late\r\n\r\n"
    assert judged(trailing).kind is None
    assert judged(trailing, take={"s": "header:x-session"}).kind == "body"


def test_an_answer_to_head_is_not_held_against_a_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: br\r\nX-Session: s\r\n\r\n"
    expected = Expected(length=5, body=b"other", json_values={"a": 1})
    assert judged(head, expected, head_only=True, take={"s": "header:X-Session"}).taken == {"s": "s"}
    seen = judged(head, head_only=True, take={"v": "json:v"})
    assert (seen.kind, seen.detail) == ("body", "the answer to HEAD has no body to take a JSON value from")


@pytest.mark.parametrize("source", ["", "json", "cookie:a", "header:", "header:a b", "header:å", "JSON:a"])
def test_what_cannot_be_taken_is_refused_before_anything_is_sent(source: str) -> None:
    with pytest.raises(UsageError, match="cannot be taken as 'v'"):
        Dialogue(Expected(), head_only=False, take={"v": source})


COOKIES = (
    "Set-Cookie: a=1; Path=/\r\nX-Other: x\r\nset-cookie: b=2\r\nSet-Cookie: nothing\r\nSet-Cookie: c=3; Secure\r\n"
)


def cookie_names(outcome: Outcome) -> list[bytes]:
    return [cookie.name for cookie in outcome.cookies]


@given(st.data())
def test_every_cookie_of_a_right_answer_is_noted_however_it_comes_in(data: st.DataObject) -> None:
    whole = answer(headers=COOKIES)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=4)))
    pieces = [whole[start:end] for start, end in itertools.pairwise([0, *cuts, len(whole)])]
    outcome = outcome_of(Dialogue(Expected(), head_only=False, cookies=True), pieces)
    assert outcome.kind is None
    assert cookie_names(outcome) == [b"a", b"b", b"c"]


def test_cookies_are_noted_where_they_are_kept_only() -> None:
    assert cookie_names(judged(answer(headers=COOKIES))) == []


def test_an_answer_remembered_by_its_bytes_still_has_its_cookies() -> None:
    dialogue = Dialogue(Expected(), head_only=False, cookies=True)
    data = answer(headers=COOKIES)
    outcome = outcome_of(dialogue, [data])
    dialogue.remember(data, outcome)
    assert dialogue.known == data
    assert cookie_names(dialogue.known_outcome) == [b"a", b"b", b"c"]


def test_each_answer_of_a_connection_has_the_cookies_of_its_own() -> None:
    reader = Dialogue(Expected(), head_only=False, cookies=True).reader()
    for headers, cookies in ((COOKIES, 4), ("", 0), ("Set-Cookie: d=4\r\n", 1)):
        assert reader.feed(answer(headers=headers))
        assert len(reader.cookies) == cookies


def test_cookies_of_an_interim_answer_or_a_trailer_do_not_count() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\n\r\n"
    trailer = chunked(b"x", "Set-Cookie: a=1\r\n").removesuffix(b"\r\n") + b"Set-Cookie: late=1\r\n\r\n"
    outcome = outcome_of(Dialogue(Expected(), head_only=False, cookies=True), [interim + trailer])
    assert cookie_names(outcome) == [b"a"]
