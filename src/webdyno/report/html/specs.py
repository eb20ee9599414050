"""What every chart is made of, in the words of Vega-Lite; which colours and fonts is said by `theme`.

Written out: a library for it would take as long as all else that a report takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]
Rows = Sequence[dict[str, object]]


def data(rows: Rows) -> Spec:
    """Rows carried inside the specification."""
    return {"values": list(rows)}


def mark(kind: str, encoding: Spec, **look: object) -> Spec:
    """One layer of a chart: a mark for each row."""
    return {"mark": {"type": kind, **look}, "encoding": encoding}


def quantity(field: str, **how: object) -> Spec:
    """A channel that shows a number of each row."""
    return {"field": field, "type": "quantitative", **how}


def label(field: str, **how: object) -> Spec:
    """A channel that shows a text of each row."""
    return {"field": field, "type": "nominal", **how}


def colour(letters: Sequence[str]) -> Spec:
    """The stack's colour: fixed by its place in `letters`, those of all stacks of the run."""
    return label("stack", scale={"domain": list(letters)}, legend=None)


def finish(layers: Sequence[Spec], height: int, rows: Rows = ()) -> Spec:
    """The specification of a chart that is as wide as its container; `rows` are those of layers without their own."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": data(rows),
        "layer": list(layers),
    }
