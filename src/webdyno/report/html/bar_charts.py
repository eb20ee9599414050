"""Charts with one bar for each stack: throughput, CPU time per request, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...analysis.comparison.analysis import Explanation, StackSummary
from ...model.fact import fact
from ...model.layer import LAYERS
from ...texts.catalogue import told
from ...units import printable
from ..comparison.explain import drawn, part_name, us
from .chart_series import Bar, Charted, ErrorBar, charted
from .specs import Rows, Spec, colour, data, finish, label, mark, quantity

ROW_HEIGHT, ERROR_ROW_HEIGHT = 52, 44
NARROW, FIGURE_WIDTH, FIGURES_WIDTH = 480, 75, 175
_AXIS = {"format": ",~r", "tickCount": 5}


def throughput(bars: Sequence[Bar], letters: Sequence[str]) -> Spec:
    """Requests per second at saturation: the estimate, its interval, and a dot for each block."""
    return _estimates(bars, letters, told(fact("axis.throughput")))


def cpu(bars: Sequence[Bar], letters: Sequence[str]) -> Spec:
    """Server CPU time per request at saturation: the estimate, its interval, and a dot for each block."""
    return _estimates(bars, letters, told(fact("axis.cpu")))


def errors(bars: Sequence[ErrorBar], letters: Sequence[str]) -> Spec:
    """The share of requests that failed, one bar for each stack and kind of failure."""
    rows = [
        _named(row, bar.of, bar.kind) | {"value": 100 * bar.share, "figure": bar.figure, "text": bar.text}
        for row, bar in enumerate(bars)
    ]
    base = _base([label("name", title=told(fact("axis.stack"))), label("text", title=told(fact("axis.failed")))])
    layers = [_bar(base, letters, told(fact("axis.errors"))), *_texts(base)]
    return finish(layers, len(bars) * ERROR_ROW_HEIGHT, rows)


def costs(found: Explanation, stacks: Mapping[str, StackSummary]) -> Spec:
    """What a request costs, layer upon layer: one bar for each of the two stacks."""
    rows = [
        _named(row, charted(stacks[cost.stack]), f"{us(cost.total)} µs")
        | {"place": LAYERS.index(layer), "layer": part_name(layer), "value": round(value, 2)}
        | {"text": f"{us(cost.layers[layer])} µs"}
        for row, cost in enumerate(found.costs)
        for layer, value in drawn(cost).items()
    ]
    base = _base([label("layer"), label("text", title=told(fact("axis.adds")))])
    names = [part_name(layer) for layer in found.factors]
    legend = {"orient": "bottom", "title": None, "columns": 2, "labelLimit": 300}
    parts = base | {
        "x": quantity("value", title=told(fact("axis.cpu")), axis=_AXIS, stack="zero"),
        "color": label("layer", scale={"domain": names}, legend=legend),
        "order": {"field": "place", "type": "ordinal"},
    }
    total = base | {"x": {"value": 0}, "text": label("name")}
    layers = [
        mark("bar", parts, height=16, yOffset=8, opacity=0.85),
        mark("text", total, align="left", dy=-11, fontWeight=600) | {"transform": [{"filter": "datum.place == 0"}]},
    ]
    return finish(layers, len(found.costs) * ROW_HEIGHT, rows)


def _estimates(bars: Sequence[Bar], letters: Sequence[str], axis: str) -> Spec:
    rows = [
        _named(row, bar.of)
        | {"value": bar.value, "low": bar.low, "high": bar.high, "figure": bar.figure, "text": bar.text}
        for row, bar in enumerate(bars)
    ]
    base = _base([label("name", title=told(fact("axis.stack"))), label("text", title=told(fact("axis.estimate")))])
    interval = base | {"x": quantity("low"), "x2": {"field": "high"}}
    layers = [
        _bar(base, letters, axis),
        mark("rule", interval, yOffset=6, strokeWidth=4.5, style="halo"),
        mark("rule", interval, yOffset=6, strokeWidth=1.5),
        *(mark("tick", base | {"x": quantity(end)}, yOffset=6, height=9, thickness=1.5) for end in ("low", "high")),
        _dots(bars, letters),
        *_texts(base),
    ]
    return finish(layers, len(bars) * ROW_HEIGHT, rows)


def _dots(bars: Sequence[Bar], letters: Sequence[str]) -> Spec:
    rows: Rows = [_named(row, bar.of) | {"value": value} for row, bar in enumerate(bars) for value in bar.dots]
    base = _base(
        [
            label("name", title=told(fact("axis.stack"))),
            quantity("value", title=told(fact("axis.one-block")), format=","),
        ]
    )
    encoding = base | {"x": quantity("value"), "color": colour(letters)}
    return mark("point", encoding, yOffset=19, size=20, filled=True, opacity=0.75) | {"data": data(rows)}


def _base(tooltip: list[Spec]) -> Spec:
    row = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0, "paddingOuter": 0}}
    return {"y": row, "tooltip": tooltip}


def _bar(base: Spec, letters: Sequence[str], title: str) -> Spec:
    x = quantity("value", title=title, axis=_AXIS, scale={"zero": True, "nice": True})
    return mark("bar", base | {"x": x, "color": colour(letters)}, height=12, yOffset=6, cornerRadiusEnd=2, opacity=0.8)


def _texts(base: Spec) -> list[Spec]:
    """The name on the left and the figures on the right; where it is narrow, the interval is left to the picture."""
    room = {"expr": f"width - (width < {NARROW} ? {FIGURE_WIDTH} : {FIGURES_WIDTH})"}
    name = base | {"x": {"value": 0}, "text": label("name")}
    narrow = label("figure", test=f"width < {NARROW}")
    figures = base | {"x": {"value": "width"}, "text": label("text", condition=narrow)}
    return [
        mark("text", name, align="left", dy=-11, limit=room, fontWeight=600),
        mark("text", figures, align="right", dy=-11),
    ]


def _named(row: int, of: Charted, addition: str = "") -> dict[str, object]:
    name = f"{of.label}  {printable(of.name)}" + (f": {addition}" if addition else "")
    return {"row": row, "stack": of.label, "name": name}
