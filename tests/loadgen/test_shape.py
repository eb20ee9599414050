import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.shape import DEEPEST, ERROR_KEYS, MOST_ITEMS, misfit, shape_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, min_size=1, max_size=4)
DATA = st.integers().map(Random)


def changed(value: Any, scalar: Callable[[Any], Any]) -> Any:
    """The value with other scalars in it."""
    if isinstance(value, dict):
        return {key: changed(part, scalar) for key, part in value.items()}
    if isinstance(value, list):
        return [changed(part, scalar) for part in value]
    return scalar(value)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_every_value_has_the_shape_that_was_made_of_it_and_of_others(values: list[object]) -> None:
    shape = shape_of(values)
    # Only an object without one of the keys is another document, and of several some may be empty.
    assert all(misfit(value, shape) is None for value in values if value != {})


@given(OBJECTS, DATA)
def test_other_values_of_the_same_kind_fit(value: dict[str, object], random: Random) -> None:
    others: dict[type, Callable[[], object]] = {
        bool: lambda: random.random() < 0.5,
        int: random.random,
        float: lambda: random.randrange(10**9),
        str: lambda: str(random.random()),
    }
    shape = shape_of([value])
    assert misfit(changed(value, lambda old: None if old is None else others[type(old)]()), shape) is None


@given(OBJECTS, DATA)
def test_null_fits_anywhere_and_anything_fits_where_only_null_was(value: dict[str, object], random: Random) -> None:
    assert misfit(changed(value, lambda old: None if random.random() < 0.5 else old), shape_of([value])) is None
    assert misfit(value, shape_of([dict.fromkeys(value)])) is None


@given(OBJECTS, st.text().filter(lambda key: key not in ERROR_KEYS), VALUES, DATA)
def test_keys_come_and_go_as_long_as_one_stays(
    value: dict[str, object], key: str, extra: object, random: Random
) -> None:
    kept = random.choice(sorted(value))
    fewer = {name: part for name, part in value.items() if name == kept or random.random() < 0.5}
    assert misfit(fewer, shape_of([value])) is None
    if key not in value:
        assert misfit({**value, key: extra}, shape_of([value])) is None


@given(st.lists(VALUES, max_size=5), DATA)
def test_lists_are_of_any_length_and_in_any_order(items: list[object], random: Random) -> None:
    shape = shape_of([items])
    assert misfit(random.choices(items, k=random.randrange(9)) if items else [], shape) is None
    assert misfit(items * 3, shape) is None


@given(OBJECTS.filter(lambda value: any(part is not None for part in value.values())), DATA)
def test_a_value_of_another_kind_is_named_with_its_place(value: dict[str, object], random: Random) -> None:
    key = random.choice(sorted(name for name, part in value.items() if part is not None))
    other = "text" if isinstance(value[key], dict | list) else ["list"]
    found = misfit({**value, key: other}, shape_of([value]))
    assert found is not None
    assert found.startswith(f"json:{key.replace('.', chr(92) + '.')} is a ")


@pytest.mark.parametrize(
    ("first", "later", "found"),
    [
        (
            {"service": "a", "now": "b"},
            {"detail": "pool exhausted"},
            "json: has none of the keys that were there before",
        ),
        ({"a": 1}, {}, "json: has none of the keys that were there before"),
        ({"a": 1}, [], "json: is a list instead of an object"),
        ([{"id": 1}], [{"id": 2}, {"id": "3"}], "json:1.id is a string instead of a number"),
        ({"a": {"b.c": [True]}}, {"a": {"b.c": [1]}}, r"json:a.b\.c.0 is a number instead of a truth value"),
        ({"a": {"x": 1}}, {"a": {"y": 1}}, None),
        ({"a": []}, {"a": [1, "x"]}, None),
        ([], [{"id": 1}], None),
        ({"a": 1}, {"a": 1.5}, None),
        ({"a": 1}, None, None),
        (None, {"a": 1}, None),
    ],
)
def test_what_is_in_bounds_and_what_is_another_document(first: object, later: object, found: str | None) -> None:
    assert misfit(later, shape_of([first])) == found


def test_of_several_kinds_each_is_right() -> None:
    shape = shape_of([{"v": 1}, {"v": "x"}])
    assert misfit({"v": 2.5}, shape) is misfit({"v": "y"}, shape) is None
    assert misfit({"v": []}, shape) == "json:v is a list instead of a number or a string"


def test_what_lies_deep_is_not_looked_at() -> None:
    deep = json.loads("[" * 900 + "1" + "]" * 900)
    assert misfit(deep, shape_of([deep])) is None
    shallow = json.loads("[" * (DEEPEST + 1) + '"x"' + "]" * (DEEPEST + 1))
    assert misfit(deep, shape_of([shallow])) is None


def test_of_a_long_list_the_first_items_are_looked_at() -> None:
    shape = shape_of([[1]])
    assert misfit([1] * MOST_ITEMS + ["x"], shape) is None
    assert misfit([1] * (MOST_ITEMS - 1) + ["x"], shape) == f"json:{MOST_ITEMS - 1} is a string instead of a number"


@pytest.mark.parametrize(
    ("first", "later", "key"),
    [
        ({"data": {"item": 1}}, {"data": None, "errors": [{"message": "busy"}]}, "errors"),
        ({"data": {"item": 1}, "errors": []}, {"data": {"item": None}, "errors": [{"message": "busy"}]}, "errors"),
        ({"jsonrpc": "2.0", "id": 1, "result": 7}, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000}}, "error"),
        ({"id": 1, "result": 7, "error": None}, {"id": 2, "result": None, "error": "busy"}, "error"),
        ({"ok": True, "error": {}}, {"ok": False, "error": {"code": 5}}, "error"),
    ],
)
def test_errors_that_are_told_beside_known_keys_are_another_document(first: object, later: object, key: str) -> None:
    assert misfit(first, shape_of([first])) is None
    assert misfit(later, shape_of([first])) == f"json:{key} is there, and was empty or missing before"
    assert misfit(later, shape_of([first, later])) is None


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({"data": 1}, {"data": 2, "errors": []}),
        ({"data": 1}, {"data": 2, "errors": None, "error": False}),
        ({"data": 1, "error": ""}, {"data": 2, "error": "none"}),
        ({"data": {"a": 1}}, {"data": {"a": 2, "errors": ["of a nested value"]}}),
        ([{"id": 1}], [{"id": 1, "error": "of an item"}]),
        ({"errors": ["as ever"]}, {"errors": ["as ever", "and another"]}),
    ],
)
def test_only_errors_of_the_whole_document_are_told(first: object, later: object) -> None:
    assert misfit(later, shape_of([first])) is None
