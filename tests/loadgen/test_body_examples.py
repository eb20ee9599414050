"""Bodies that may vary: right in any case, and counted."""

import gc
import gzip
import json
from itertools import count

import pytest

from webdyno.loadgen.engine import body_examples as examples_module
from webdyno.loadgen.engine.body_examples import LONGEST_JSON
from webdyno.loadgen.engine.content import KEPT_BYTES, Content
from webdyno.loadgen.engine.dialogue import Dialogue
from webdyno.model.trial import Bodies
from webdyno.model.workload import Example, Expected

from .server import answer
from .test_dialogue import chunked, outcome_of

CLOCK = b'{"service": "orders", "now": "10:59:01"}'
JSON = "Content-Type: application/json\r\n"
LONG = json.dumps(["x" * LONGEST_JSON]).encode()
GZIP = "Content-Encoding: gzip\r\n"


@pytest.fixture
def every_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every body is looked into, so that counts do not hang on the clock."""
    monkeypatch.setattr(examples_module, "EVERY_NS", 0)
    monkeypatch.setattr(examples_module, "_PAUSE", 0)


def dialogue_of(*bodies: bytes, media_type: str = "application/json") -> Dialogue:
    seen = tuple(Example(media_type=media_type, body=body) for body in bodies)
    return Dialogue(Expected(status=200, examples=seen), head_only=False)


def seen(dialogue: Dialogue, *answers: bytes) -> Bodies:
    """What was seen of some answers, each of which is right."""
    for data in answers:
        outcome = outcome_of(dialogue, [data])
        assert outcome.kind is None, outcome.detail
        dialogue.remember(data, outcome)
    return dialogue.bodies()


@pytest.mark.usefixtures("every_one")
def test_another_body_of_the_same_shape_is_right_and_counted() -> None:
    found = seen(
        dialogue_of(CLOCK),
        answer(CLOCK, headers=JSON),
        *(answer(CLOCK[:-3] + b'%d"}' % at, headers=JSON) for at in range(2, 10)),
    )
    assert found == Bodies(looked=9, varied=8)


@pytest.mark.usefixtures("every_one")
@pytest.mark.parametrize(
    ("data", "how"),
    [
        (answer(b"", headers=JSON), "an empty body: b''"),
        (
            answer(b"<html>busy</html>", headers="Content-Type: text/html; charset=utf-8\r\n"),
            "text/html instead of application/json: b'<html>busy",
        ),
        (answer(b"busy", headers=JSON), "no JSON: b'busy'"),
        (answer(b"{}"), "no media type instead of application/json: b'{}'"),
        (answer(b'{"detail": "busy"}', headers=JSON), "json: has none of the keys that were there before: b'{"),
        (answer(b'{"now": 1, "x": 2}', headers=JSON), "json:now is a number instead of a string: b'{"),
        (answer(gzip.compress(CLOCK)[:-9], headers=JSON + GZIP), "the compressed body is cut off: b'{"),
        (answer(b"x", headers=JSON + "Content-Encoding: br\r\n"), "the body's encoding 'br' cannot be read"),
    ],
)
def test_a_body_of_another_kind_is_right_and_told(data: bytes, how: str) -> None:
    found = seen(dialogue_of(CLOCK), data)
    assert (found.looked, found.varied, found.misshapen) == (1, 1, 1)
    assert found.misfits[0].startswith(how)
    assert len(found.misfits[0]) <= 200


@pytest.mark.usefixtures("every_one")
@pytest.mark.parametrize(
    ("first", "later"),
    [
        (b'[{"id": 1}]', b"[]"),
        (b"[]", b'[{"id": 1}, {"id": 2}]'),
        (b'{"a": 1, "b": null}', b'{"a": 2.5, "b": {"c": []}}'),
        (b'{"a": NaN}', b'{"a": 1, "a": 2}'),
        (b"", CLOCK),
    ],
)
def test_what_varies_in_bounds_is_no_body_of_another_kind(first: bytes, later: bytes) -> None:
    assert seen(dialogue_of(first), answer(later, headers=JSON)) == Bodies(looked=1, varied=1)


@pytest.mark.usefixtures("every_one")
def test_of_what_is_no_json_only_the_media_type_is_compared() -> None:
    pages = dialogue_of(b"<p>10:59</p>", media_type="text/html")
    html = "Content-Type: text/html\r\n"
    assert seen(pages, answer(b"<p>11:00</p>", headers=html)) == Bodies(looked=1, varied=1)
    assert seen(pages, answer(b"{}", headers=JSON)).misshapen == 1
    assert seen(dialogue_of(b"10:59", media_type=""), answer(b"11:00", headers=html)).misshapen == 0


@pytest.mark.usefixtures("every_one")
@pytest.mark.parametrize("squeeze", [gzip.compress, lambda body: gzip.compress(body, mtime=0)])
def test_a_compressed_body_is_compared_decoded(squeeze: "type[bytes]") -> None:
    packed = squeeze(CLOCK)
    same = [
        answer(packed, headers=JSON + GZIP),
        chunked(packed, JSON + GZIP),
        answer(gzip.compress(CLOCK, mtime=99), headers=JSON + GZIP),
    ]
    assert seen(dialogue_of(CLOCK), *same, answer(CLOCK, headers=JSON)) == Bodies(looked=4)


@pytest.mark.usefixtures("every_one")
def test_a_body_that_found_no_room_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # What other tests have left would make room meanwhile.
    gc.collect()
    monkeypatch.setattr(Content, "room", 3)
    assert seen(dialogue_of(CLOCK), answer(CLOCK, headers=JSON)) == Bodies()


@pytest.mark.usefixtures("every_one")
def test_a_body_that_is_too_long_is_told_to_vary_and_nothing_else() -> None:
    assert seen(dialogue_of(CLOCK), answer(b"x" * (KEPT_BYTES + 1), headers=JSON)) == Bodies(looked=1, varied=1)


@pytest.mark.usefixtures("every_one")
@pytest.mark.parametrize(("first", "later"), [(LONG, b"[1]"), (b"[1]", LONG)])
def test_long_json_is_compared_with_the_examples_only(first: bytes, later: bytes) -> None:
    assert seen(dialogue_of(first), answer(later, headers=JSON)) == Bodies(looked=1, varied=1)
    assert seen(dialogue_of(first), answer(first, headers=JSON)) == Bodies(looked=1)


@pytest.mark.usefixtures("every_one")
def test_any_of_the_examples_is_one_that_was_there_before() -> None:
    dialogue = dialogue_of(b'{"worker": 1}', b'{"worker": 2}')
    both = (answer(b'{"worker": %d}' % at, headers=JSON) for at in (1, 2, 2, 1))
    assert seen(dialogue, *both) == Bodies(looked=4)


def test_looks_are_few_however_many_bodies_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    # An answer every 100 us, and a look takes as long: 200 times that until the next one.
    monkeypatch.setattr(examples_module, "clock", count(0, 100_000).__next__)
    found = seen(dialogue_of(CLOCK), *(answer(b'{"now": "%d"}' % at, headers=JSON) for at in range(2000)))
    assert 9 <= found.looked <= 11
    assert found.varied == found.looked


def test_only_a_body_that_was_looked_into_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]
    monkeypatch.setattr(examples_module, "clock", lambda: now[0])
    dialogue, first, other = dialogue_of(CLOCK), answer(CLOCK, headers=JSON), answer(b"busy", headers=JSON)
    assert seen(dialogue, first, other) == Bodies(looked=1)
    assert dialogue.known == first
    now[0] += examples_module.EVERY_NS
    assert seen(dialogue, other).misshapen == 1
    assert dialogue.known == other


def test_values_that_are_asked_for_are_exact_where_the_rest_may_vary() -> None:
    seen_before = (Example(media_type="application/json", body=CLOCK),)
    dialogue = Dialogue(Expected(examples=seen_before, json_values={"service": "orders"}), head_only=False)
    for at in range(50):
        assert outcome_of(dialogue, [answer(CLOCK[:-3] + b'%d"}' % at, headers=JSON)]).kind is None
        assert outcome_of(dialogue, [answer(b'{"service": "x"}', headers=JSON)]).kind == "body"
        cut = answer(gzip.compress(CLOCK)[:-9], headers=JSON + GZIP)
        assert outcome_of(dialogue, [cut]).detail == "the compressed body is cut off"


@pytest.mark.usefixtures("every_one")
def test_a_wrong_status_is_an_error_and_not_looked_into() -> None:
    dialogue = dialogue_of(CLOCK)
    assert outcome_of(dialogue, [answer(CLOCK, "500 Oops", JSON)]).kind == "status"
    assert dialogue.bodies() == Bodies()


def test_an_answer_to_head_is_not_looked_into() -> None:
    dialogue = Dialogue(Expected(examples=(Example(body=b"x"),)), head_only=True)
    assert outcome_of(dialogue, [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]).kind is None
    assert dialogue.bodies() == Bodies()


def test_what_was_seen_can_be_stored() -> None:
    found = Bodies(looked=3, varied=2, misshapen=1, misfits=("no JSON: b'x'",))
    assert Bodies.model_validate(json.loads(found.model_dump_json())) == found


@pytest.mark.usefixtures("every_one")
def test_half_of_a_surrogate_pair_in_a_body_is_shown_as_an_escape() -> None:
    dialogue = dialogue_of(b'{"\\ud800": 1}')
    bodies = seen(dialogue, answer(b'{"\\ud800": "x"}', headers=JSON))
    assert bodies.misshapen == 1
    assert "\\ud800" in bodies.misfits[0]
    assert bodies.model_dump_json()
