"""The shape of JSON values: which kinds of value stand where, whatever the values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# What is looked at of a value: a walk through all of a long list would hold up the requests that are due.
DEEPEST = 12
MOST_ITEMS = 32
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
    anything, and 1 is a number as 1.5 is. Only an object that has nothing but other keys at the very top is another
    document.
    """
    if value is None or not shape.kinds:
        return None
    kind = _KINDS[type(value)]
    if kind not in shape.kinds:
        return f"json:{'.'.join(place)} is {kind} instead of {' or '.join(sorted(shape.kinds))}"
    if isinstance(value, dict):
        if not place and shape.members and value.keys().isdisjoint(shape.members):
            return "json: has none of the keys that were there before"
        parts = [(key.replace(".", r"\."), value[key], part) for key, part in shape.members.items() if key in value]
    elif isinstance(value, list) and shape.items:
        parts = [(str(at), item, shape.items) for at, item in enumerate(value[:MOST_ITEMS])]
    else:
        return None
    return next(filter(None, (misfit(part, wanted, (*place, name)) for name, part, wanted in parts)), None)
