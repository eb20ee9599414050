"""Is this the service that the workload speaks of?"""

from __future__ import annotations

import gzip
import zlib

import pytest

from webdyno.errors import ContractBroken
from webdyno.lab.contract import learn_expected, unlike
from webdyno.loadgen.engine.content import DECODED_BYTES, KEPT_BYTES
from webdyno.model.workload import HELLO, Example, Expected, Request, Workload
from webdyno.serving.launch_request import Answer
from webdyno.stacks.workloads import find_workload
from webdyno.texts.catalogue import told

OWN = Workload(name="GET /")


def answer(body: bytes, status: int = 200, encoding: str = "", kind: str = "", *, truncated: bool = False) -> Answer:
    headers = {"Content-Encoding": encoding, "Content-Type": kind}
    return Answer(status, tuple((name, value) for name, value in headers.items() if value), body, truncated, 0.1)


def examples(*bodies: bytes) -> tuple[Example, ...]:
    return tuple(Example(body=body) for body in bodies)


def test_json_is_compared_by_value_and_its_bytes_become_the_norm() -> None:
    body = b'{ "message" : "Hello, World!" }\n'
    assert learn_expected(HELLO, [answer(body)] * 3) == Expected(status=200, body=body)


@pytest.mark.parametrize("body", [b'{"message": "Hello"}', b"Hello", b"", b"\xff", b"[" * 100_000])
def test_another_body_than_the_contracts_is_refused_and_shown(body: bytes) -> None:
    with pytest.raises(ContractBroken, match="another body") as refused:
        learn_expected(HELLO, [answer(body)])
    assert len(refused.value.details[0]) < 1000


def test_a_wrong_status_is_refused_with_the_one_that_is_expected() -> None:
    with pytest.raises(ContractBroken, match="status 500, where any 2xx is expected"):
        learn_expected(OWN, [answer(b"", 500)])
    with pytest.raises(ContractBroken, match="status 200, where 204 is expected"):
        learn_expected(Workload(name="x", status=204), [answer(b"")])


def test_a_request_of_ones_own_has_examples_and_no_body_that_every_later_one_must_be() -> None:
    first = [answer(b"10:59"), answer(b"11:00"), answer(b"11:00")]
    assert learn_expected(OWN, first) == Expected(status=200, examples=examples(b"10:59", b"11:00"))
    alike = learn_expected(OWN, [answer(b"{}", kind="application/JSON; charset=utf-8")] * 3)
    assert alike.examples == (Example(media_type="application/json", body=b"{}"),)


def test_what_was_right_at_the_first_start_is_so_at_every_later_one() -> None:
    first = learn_expected(OWN, [answer(b"worker 1")] * 3)
    assert learn_expected(OWN, [answer(b"worker 2")] * 3, first).examples == examples(b"worker 1", b"worker 2")


def test_a_workload_whose_answers_vary_by_nature_has_examples_as_well() -> None:
    status = find_workload("status?of=history")
    assert learn_expected(status, [answer(b'{"samples": []}')] * 3).body is None


ENCODED = {
    "gzip": gzip.compress(b"hello" * 99),
    "x-gzip": gzip.compress(b"hello" * 99, mtime=7),
    "deflate": zlib.compress(b"hello" * 99),
    "deflate, gzip": gzip.compress(zlib.compress(b"hello" * 99)),
    "identity": b"hello" * 99,
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_compressed_body_is_learned_decoded(encoding: str) -> None:
    body = ENCODED[encoding]
    assert learn_expected(OWN, [answer(body, encoding=encoding)] * 3).examples == examples(b"hello" * 99)
    wanted = Workload(body=b"hello" * 99)
    assert learn_expected(wanted, [answer(body, encoding=encoding)]).body == b"hello" * 99


def test_encodings_named_in_two_headers_are_undone_together() -> None:
    body = gzip.compress(zlib.compress(b"ok"))
    twice = Answer(200, (("content-encoding", "deflate"), ("Content-Encoding", "gzip")), body, False, 0.1)
    assert learn_expected(OWN, [twice]).examples == examples(b"ok")


def test_an_empty_body_may_say_that_it_is_compressed() -> None:
    assert learn_expected(OWN, [answer(b"", encoding="gzip")]).examples == examples(b"")


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (answer(b"\x0b\x02\x80", encoding="br"), "ask for gzip with the header 'Accept-Encoding: gzip'"),
        (answer(b"(\xb5/\xfd", encoding="zstd"), "the body's encoding 'zstd' cannot be read"),
        (answer(gzip.compress(b"x" * 999)[:-9], encoding="gzip"), "cut off"),
        (answer(b"x", truncated=True), "longer than 1 MiB"),
        (answer(b"x" * (KEPT_BYTES + 1)), "longer than 1 MiB"),
        (answer(gzip.compress(bytes(DECODED_BYTES + 1)), encoding="gzip"), f"more than {DECODED_BYTES} bytes"),
    ],
)
def test_what_cannot_be_looked_into_is_right_and_said_to_be_unread(first: Answer, said: str) -> None:
    learned = learn_expected(OWN, [first] * 3)
    assert (learned.status, learned.body, learned.length, learned.examples) == (200, None, None, ())
    assert said in learned.unread


def test_what_cannot_be_decoded_cannot_be_held_against_what_was_asked_for() -> None:
    for wanted in (Workload(body=b"ok"), Workload(json_values={"ok": True})):
        with pytest.raises(ContractBroken, match="cannot be checked: the body's encoding 'br'"):
            learn_expected(wanted, [answer(b"x", encoding="br")])


def test_an_answer_to_head_has_nothing_to_learn() -> None:
    head = Workload(request=Request(method="HEAD"))
    assert learn_expected(head, [answer(b"", encoding="br")] * 3) == Expected(status=200)


def test_a_body_and_values_that_were_asked_for_are_exact() -> None:
    assert learn_expected(Workload(body=b"ok"), [answer(b"ok")] * 3) == Expected(body=b"ok")
    with pytest.raises(ContractBroken, match="other bytes than 'ok'"):
        learn_expected(Workload(body=b"ok"), [answer(b"ok"), answer(b"no")])
    valued = Workload(json_values={"user.id": 7})
    assert learn_expected(valued, [answer(b'{"user": {"id": 7}}')]).json_values == {"user.id": 7}
    with pytest.raises(ContractBroken, match=r"json:user\.id is 8 instead of 7"):
        learn_expected(valued, [answer(b'{"user": {"id": 8}}')])
    with pytest.raises(ContractBroken, match="too long to look for values"):
        learn_expected(valued, [answer(b'{"user": {"id": 7}}' + b" " * KEPT_BYTES)])
    with pytest.raises(ContractBroken, match="no JSON to look into"):
        learn_expected(valued, [answer(b"<html>")])


def test_where_the_first_of_several_requests_creates_something_any_2xx_is_right_from_then_on() -> None:
    first = learn_expected(OWN, [answer(b"", 201), answer(b"", 200), answer(b"", 200)])
    assert first.status is None
    assert learn_expected(OWN, [answer(b"", 200)] * 3, first).status is None
    with pytest.raises(ContractBroken, match="status 409, where any 2xx is expected"):
        learn_expected(OWN, [answer(b"", 201), answer(b"", 409)])
    with pytest.raises(ContractBroken, match="status 200, where 201 is expected"):
        learn_expected(Workload(status=201), [answer(b"", 201), answer(b"", 200)])


def test_a_later_start_must_answer_with_the_status_of_the_first() -> None:
    with pytest.raises(ContractBroken, match="status 202, where 200 is expected"):
        learn_expected(OWN, [answer(b"", 202)], Expected(status=200))


def test_stacks_that_answer_differently_are_named() -> None:
    alike = {name: Expected(status=200, examples=examples(b"ok")) for name in "ab"}
    assert unlike(alike) is None
    found = unlike({**alike, "c": Expected(status=200, examples=examples(b"x" * 5000))})
    text = told(found)
    assert "a: status 200, 2 bytes" in text and "c: status 200, 5000 bytes" in text
    found = unlike({**alike, "c": Expected(examples=examples(b"a", b"bc")), "d": Expected(unread="br")})
    text = told(found)
    assert "c: status 200, varying length; d: status 200, a body that is not looked into" in text


def test_the_same_json_is_the_same_work_however_a_library_writes_it() -> None:
    bodies = [b'{"a": 1, "b": "\\u00e9"}\n', '{"b":"é","a":2}'.encode()]
    assert unlike({str(at): Expected(examples=examples(body)) for at, body in enumerate(bodies)}) is None


def test_a_compressed_and_a_plain_answer_are_alike() -> None:
    plain, squeezed = answer(b"ok" * 99), answer(gzip.compress(b"ok" * 99), encoding="gzip")
    assert unlike({str(at): learn_expected(OWN, [one]) for at, one in enumerate((plain, squeezed))}) is None
