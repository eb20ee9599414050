"""The shape of JSON values: which kinds of value stand where, whatever the values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# What is looked at of a value: a walk through all of a long list would hold up the requests that are due.
DEEPEST = 12
MOST_ITEMS = 32
# By these keys GraphQL, JSON-RPC and JSON:API tell of a failure, with status 200 and beside keys that are always there.
ERROR_KEYS = ("errors", "error")
_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a truth value",
    int: "a number",
    float: "a number",
}


class Shape(NamedTuple):
    """What some JSON values have in common.

    Attributes:
        kinds: those of the values; null is of every kind. Empty where nothing is known: anything fits.
        members: of objects, by key.
        items: of lists, all items alike; None where no item is known.
    """

    kinds: frozenset[str] = frozenset()
    members: Mapping[str, Shape] = {}
    items: Shape | None = None


def shape_of(values: Sequence[object], depth: int = 0) -> Shape:
    """The shape that all these values have, down to the depth of `DEEPEST`."""
    if depth == DEEPEST:
        return Shape()
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value]
    keys = dict.fromkeys(key for one in objects for key in one)
    return Shape(
        frozenset(_KINDS[type(value)] for value in values if value is not None),
        {key: shape_of([one[key] for one in objects if key in one], depth + 1) for key in keys},
        shape_of(items, depth + 1) if items else None,
    )


def misfit(value: object, shape: Shape, place: tuple[str, ...] = ()) -> str | None:
    """Where and how a JSON value has another shape; None where it fits.

    Keys may come and go, lists may be of any length (their first `MOST_ITEMS` are looked at), null may stand for
    anything, and 1 is a number as 1.5 is. Another document is an object that has nothing but other keys at the very
    top, or that has something there by one of the `ERROR_KEYS` where there was nothing.
    """
    if value is None or not shape.kinds:
        return None
    kind = _KINDS[type(value)]
    if kind not in shape.kinds:
        return f"json:{'.'.join(place)} is {kind} instead of {' or '.join(sorted(shape.kinds))}"
    if isinstance(value, dict):
        if not place and shape.members and value.keys().isdisjoint(shape.members):
            return "json: has none of the keys that were there before"
        for key in () if place else ERROR_KEYS:
            if value.get(key) and _is_empty(shape.members.get(key, Shape())):
                return f"json:{key} is there, and was empty or missing before"
        parts = [(key.replace(".", r"\."), value[key], part) for key, part in shape.members.items() if key in value]
    elif isinstance(value, list) and shape.items:
        parts = [(str(at), item, shape.items) for at, item in enumerate(value[:MOST_ITEMS])]
    else:
        return None
    return next(filter(None, (misfit(part, wanted, (*place, name)) for name, part, wanted in parts)), None)


def _is_empty(shape: Shape) -> bool:
    """Whether every value of this shape was null, an empty list or an empty object."""
    return shape.kinds <= {"a list", "an object"} and shape.items is None and not shape.members
