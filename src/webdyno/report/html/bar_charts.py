"""Charts with one bar for each stack: throughput, CPU time per request, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from ...analysis.results import Explanation, StackSummary
from ...model.layer import LAYERS
from ...units import printable
from ..explain import LAYER_NAMES, drawn, us
from .series import Bar, ErrorBar
from .specs import Rows, Spec, colour, data, finish

ROW_HEIGHT, ERROR_ROW_HEIGHT = 52, 44
NARROW, FIGURE_WIDTH, FIGURES_WIDTH = 480, 75, 175


def throughput(bars: Sequence[Bar], letters: Sequence[str]) -> Spec:
    """Requests per second at saturation: the estimate, its interval, and a dot for each block."""
    return _estimates(bars, letters, "requests per second at saturation")


def cpu(bars: Sequence[Bar], letters: Sequence[str]) -> Spec:
    """Server CPU time per request at saturation: the estimate, its interval, and a dot for each block."""
    return _estimates(bars, letters, "server CPU time per request (µs)")


def errors(bars: Sequence[ErrorBar], letters: Sequence[str]) -> Spec:
    """The share of requests that failed, one bar for each stack and kind of failure."""
    rows = [
        _named(row, bar.stack, bar.kind) | {"value": 100 * bar.share, "figure": bar.figure, "text": bar.text}
        for row, bar in enumerate(bars)
    ]
    base = _base([alt.Tooltip("name:N", title="stack"), alt.Tooltip("text:N", title="failed")])
    shares = _bar(base, letters, "share of all requests (%)")
    return finish(alt.layer(shares, *_texts(base), data=data(rows)), len(bars) * ERROR_ROW_HEIGHT)


def costs(found: Explanation, stacks: Mapping[str, StackSummary]) -> Spec:
    """What a request costs, layer upon layer: one bar for each of the two stacks."""
    rows = [
        _named(row, stacks[cost.stack], f"{us(cost.total)} µs")
        | {"place": LAYERS.index(layer), "layer": LAYER_NAMES[layer], "value": round(value, 2)}
        | {"text": f"{us(cost.layers[layer])} µs"}
        for row, cost in enumerate(found.costs)
        for layer, value in drawn(cost).items()
    ]
    base = _base([alt.Tooltip("layer:N"), alt.Tooltip("text:N", title="adds")])
    names = [LAYER_NAMES[layer] for layer in found.factors]
    bars = base.mark_bar(height=16, yOffset=8, opacity=0.85).encode(
        x=alt.X("value:Q").title("server CPU time per request (µs)").axis(format=",~r", tickCount=5).stack("zero"),
        color=alt.Color("layer:N").scale(domain=names).legend(orient="bottom", title=None, columns=2, labelLimit=300),
        order=alt.Order("place:O"),
    )
    lowest = base.transform_filter("datum.place == 0")
    totals = lowest.mark_text(align="left", dy=-11, fontWeight=600).encode(x=alt.value(0), text="name:N")
    return finish(alt.layer(bars, totals, data=data(rows)), len(found.costs) * ROW_HEIGHT)


def _estimates(bars: Sequence[Bar], letters: Sequence[str], axis: str) -> Spec:
    rows = [
        _named(row, bar.stack)
        | {"value": bar.value, "low": bar.low, "high": bar.high, "figure": bar.figure, "text": bar.text}
        for row, bar in enumerate(bars)
    ]
    base = _base([alt.Tooltip("name:N", title="stack"), alt.Tooltip("text:N", title="estimate")])
    layers = [
        _bar(base, letters, axis),
        base.mark_rule(yOffset=6, strokeWidth=4.5, style="halo").encode(x="low:Q", x2="high:Q"),
        base.mark_rule(yOffset=6, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        *(base.mark_tick(yOffset=6, height=9, thickness=1.5).encode(x=f"{end}:Q") for end in ("low", "high")),
        _dots(bars, letters),
        *_texts(base),
    ]
    return finish(alt.layer(*layers, data=data(rows)), len(bars) * ROW_HEIGHT)


def _dots(bars: Sequence[Bar], letters: Sequence[str]) -> alt.Chart:
    rows: Rows = [_named(row, bar.stack) | {"value": value} for row, bar in enumerate(bars) for value in bar.dots]
    tooltip = [alt.Tooltip("name:N", title="stack"), alt.Tooltip("value:Q", title="in one block", format=",")]
    points = alt.Chart(data(rows)).mark_point(yOffset=19, size=20, filled=True, opacity=0.75)
    chart: alt.Chart = points.encode(y=_row(), x="value:Q", color=colour(letters), tooltip=tooltip)
    return chart


def _base(tooltip: list[alt.Tooltip]) -> alt.Chart:
    return alt.Chart().encode(y=_row(), tooltip=tooltip)


def _row() -> alt.Y:
    return alt.Y("row:O").axis(None).scale(paddingInner=0, paddingOuter=0)


def _bar(base: alt.Chart, letters: Sequence[str], title: str) -> alt.Chart:
    x = alt.X("value:Q").title(title).axis(format=",~r", tickCount=5).scale(zero=True, nice=True)
    bars = base.mark_bar(height=12, yOffset=6, cornerRadiusEnd=2, opacity=0.8)
    chart: alt.Chart = bars.encode(x=x, color=colour(letters))
    return chart


def _texts(base: alt.Chart) -> list[alt.Chart]:
    """The name on the left and the figures on the right; where it is narrow, the interval is left to the picture."""
    room = f"(width < {NARROW} ? {FIGURE_WIDTH} : {FIGURES_WIDTH})"
    name = base.mark_text(align="left", dy=-11, limit=alt.expr(f"width - {room}"), fontWeight=600)
    figures = base.mark_text(align="right", dy=-11)
    text = alt.condition(f"width < {NARROW}", alt.Text("figure:N"), alt.Text("text:N"))
    return [name.encode(x=alt.value(0), text="name:N"), figures.encode(x=alt.value("width"), text=text)]


def _named(row: int, stack: StackSummary, addition: str = "") -> dict[str, object]:
    name = f"{stack.label}  {printable(stack.notation)}" + (f": {addition}" if addition else "")
    return {"row": row, "stack": stack.label, "name": name}
