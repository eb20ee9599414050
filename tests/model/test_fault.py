"""What is wrong with a document is told in one line, of which the cost does not grow with the number of faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from webdyno.model.base import Value
from webdyno.model.fault import first_fault


class Leaf(Value):
    first: int
    second: int


class Tree(Value):
    leaves: tuple[Leaf, ...] = ()
    names: dict[str, int] | None = None


def fault(document: dict[str, Any]) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        Tree.model_validate_json(json.dumps(document))
    return raised.value


def test_the_first_fault_is_named_and_the_others_are_counted() -> None:
    assert (
        first_fault(fault({"leaves": [{"first": 1, "second": 2}, {}]})) == "leaves.1.first: Field required (and 1 more)"
    )
    assert first_fault(fault({"\x1b[31m": 1})) == r"\x1b[31m: Extra inputs are not permitted"


@pytest.mark.parametrize("document", [{"leaves": [{}] * 1000}, {"names": {str(number): "" for number in range(1000)}}])
def test_of_many_wrong_items_only_the_first_is_kept(document: dict[str, Any]) -> None:
    assert fault(document).error_count() <= 2


def test_of_more_faults_than_anyone_makes_only_the_number_is_told() -> None:
    assert first_fault(fault({str(number): 1 for number in range(1001)})) == "1,001 fields are wrong"
