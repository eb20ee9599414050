"""What every chart shares: data, colour of the stacks, width; which colours and fonts is said by `theme`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

Spec = dict[str, Any]
Rows = Sequence[dict[str, object]]


def data(rows: Rows) -> alt.InlineData:
    """Rows carried inside the specification."""
    return alt.InlineData(values=list(rows))


def colour(letters: Sequence[str]) -> alt.Color:
    """The stack's colour: fixed by its place in `letters`, those of all stacks of the run."""
    return alt.Color("stack:N").scale(domain=list(letters)).legend(None)


def finish(chart: alt.LayerChart | alt.FacetChart, height: int) -> Spec:
    """The specification of a chart that is as wide as its container."""
    sized = chart.properties(
        width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    spec: Spec = sized.to_dict(validate=False)
    del spec["config"]
    return spec
