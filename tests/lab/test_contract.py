"""Is this the service that the workload speaks of?"""

from __future__ import annotations

import pytest

from webdyno.errors import ContractBroken
from webdyno.lab.contract import learn_expected, unlike
from webdyno.model.workload import HELLO, Expected, Workload
from webdyno.stacks.launch_request import Answer

OWN = Workload(name="GET /")


def answer(body: bytes, status: int = 200) -> Answer:
    return Answer(status, (), body, False, 0.1)


def test_json_is_compared_by_value_and_its_bytes_become_the_norm() -> None:
    body = b'{ "message" : "Hello, World!" }\n'
    assert learn_expected(HELLO, [answer(body)] * 3, "flask") == Expected(status=200, length=len(body), body=body)


@pytest.mark.parametrize("body", [b'{"message": "Hello"}', b"Hello", b"", b"\xff", b"[" * 100_000])
def test_another_body_than_the_contracts_is_refused_and_shown(body: bytes) -> None:
    with pytest.raises(ContractBroken, match="another body") as refused:
        learn_expected(HELLO, [answer(body)], "flask")
    assert len(refused.value.details[0]) < 1000


def test_a_wrong_status_is_refused_with_the_one_that_is_expected() -> None:
    with pytest.raises(ContractBroken, match="status 500, where any 2xx is expected"):
        learn_expected(OWN, [answer(b"", 500)], "shop:app")
    with pytest.raises(ContractBroken, match="status 200, where 204 is expected"):
        learn_expected(Workload(name="x", status=204), [answer(b"")], "shop:app")


def test_what_varies_between_the_first_answers_is_not_held_against_later_ones() -> None:
    first = [answer(b"10:59"), answer(b"11:00")]
    assert learn_expected(OWN, first, "shop:app") == Expected(status=200, length=None, body=None)


def test_a_later_start_must_answer_with_the_status_of_the_first() -> None:
    with pytest.raises(ContractBroken, match="status 202, where 200 is expected"):
        learn_expected(OWN, [answer(b"", 202)], "shop:app", Expected(status=200))


def test_stacks_that_answer_differently_are_named() -> None:
    alike = {name: Expected(status=200, length=2, body=b"ok") for name in "ab"}
    assert unlike(alike) == []
    (text,) = unlike({**alike, "c": Expected(status=200, length=5000, body=b"x" * 5000)})
    assert "c: status 200, 5000 bytes" in text


def test_a_stack_whose_answers_vary_is_named_with_what_is_still_checked() -> None:
    (text,) = unlike({"a": Expected(status=200)})
    assert "only the status can" in text
