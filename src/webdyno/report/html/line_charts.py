"""Charts with one line for each stack: the distribution of response times, memory over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...model.fact import fact
from ...texts.catalogue import told
from ...units import format_number, printable
from .chart_series import Charted, Curve, MemoryLine, short, spread
from .specs import Spec, colour, data, finish, label, mark, quantity

PLOT_HEIGHT = 280
LETTER_HEIGHT = 15
_NINES = (0.5, 0.1, 0.01, 0.001, 0.0001, 0.00001)


def response(curves: Sequence[Curve], letters: Sequence[str], axis: str) -> Spec:
    """Percentile on a scale of nines against milliseconds: both logarithmic, so that the tail can be read.

    The x value is the share of requests that were slower, 1 - percentile.
    """
    shares = sorted({share for curve in curves for share in curve.slower}, reverse=True)
    low = 0.8 * min(curve.times_ms[0] for curve in curves)
    high = 1.25 * max(curve.times_ms[-1] for curve in curves)
    ticks = {
        "values": [share for share in _NINES if share >= shares[-1]],
        "labelExpr": "format(100 * (1 - datum.value), '~r') + ' %'",
    }
    x = quantity("at", title=told(fact("axis.percentiles")), scale=_log(shares[0], shares[-1]), axis=ticks)
    ticks = {"format": "~g", "values": _one_two_five(low, high)}
    y = quantity("value", title=axis, scale=_log(short(low), short(high)), axis=ticks)
    rows = [
        {"stack": curve.of.label, "at": share, "value": time}
        for curve in curves
        for share, time in zip(curve.slower, curve.times_ms, strict=True)
    ]
    line = mark("line", {"x": x, "y": y, "color": colour(letters)}, strokeWidth=2.2)
    ends = [math.log(curve.times_ms[-1]) for curve in curves]
    heights = [math.exp(end) for end in _apart(ends, math.log(low), math.log(high))]
    letter = _letters([(curve.of, curve.slower[-1]) for curve in curves], heights, letters)
    tips = {
        share: (_percentile(share), [_at(curve.slower, curve.times_ms, share, "ms") for curve in curves])
        for share in shares
    }
    return finish(
        [line, letter, _hover(told(fact("axis.percentile")), tips, [curve.of for curve in curves])], PLOT_HEIGHT, rows
    )


def memory(lines: Sequence[MemoryLine], letters: Sequence[str]) -> Spec:
    """Resident memory over the seconds of the trials: mean of the blocks as a line, their range as a band."""
    high = 1.08 * max(max(line.high) for line in lines)
    ticks = {"tickCount": 6}
    x = quantity("at", title=told(fact("axis.seconds")), axis=ticks, scale={"nice": False})
    y = quantity("value", title=told(fact("axis.memory")), axis=ticks, scale={"domain": [0, short(high)]})
    rows = [
        {"stack": line.of.label, "at": at, "value": mean, "low": low, "high": top}
        for line in lines
        for at, mean, low, top in zip(line.seconds, line.mean, line.low, line.high, strict=True)
    ]
    base = {"x": x, "color": colour(letters)}
    mean = mark("line", base | {"y": y}, strokeWidth=2.2)
    band = mark("area", base | {"y": quantity("low"), "y2": {"field": "high"}}, opacity=0.18)
    heights = _apart([line.mean[-1] for line in lines], 0, high)
    letter = _letters([(line.of, line.seconds[-1]) for line in lines], heights, letters)
    moments = sorted({at for line in lines for at in line.seconds})
    tips = {at: (f"{at:g} s", [_at(line.seconds, line.mean, at, "MB") for line in lines]) for at in moments}
    return finish(
        [mean, band, letter, _hover(told(fact("axis.under-load")), tips, [line.of for line in lines])],
        PLOT_HEIGHT,
        rows,
    )


def _percentile(slower: float) -> str:
    return f"{100 * (1 - slower):.{max(math.ceil(-math.log10(slower)) - 1, 0)}f} %"


def _log(first: float, last: float) -> Spec:
    return {"type": "log", "nice": False, "domain": [first, last]}


def _one_two_five(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    ticks = [short(step * 10.0**decade) for decade in decades for step in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick <= high]


def _apart(values: list[float], low: float, high: float) -> list[float]:
    return spread(values, (high - low) * LETTER_HEIGHT / PLOT_HEIGHT, low, high)


def _letters(ends: Sequence[tuple[Charted, float]], heights: Sequence[float], letters: Sequence[str]) -> Spec:
    rows = [
        {"stack": of.label, "at": at, "value": short(height)} for (of, at), height in zip(ends, heights, strict=True)
    ]
    encoding = {"x": quantity("at"), "y": quantity("value"), "text": label("stack"), "color": colour(letters)}
    return mark("text", encoding, align="left", dx=7, fontWeight=700, fontSize=14) | {"data": data(rows)}


def _at(keys: Sequence[float], values: Sequence[float], key: float, unit: str) -> str:
    return f"{format_number(values[keys.index(key)])} {unit}" if key in keys else told(fact("axis.too-few"))


def _hover(title: str, tips: dict[float, tuple[str, list[str]]], several: Sequence[Charted]) -> Spec:
    """A strip under the pointer whose tooltip compares all at that place."""
    rows = [
        {"at": at, "where": where} | {f"v{index}": text for index, text in enumerate(texts)}
        for at, (where, texts) in tips.items()
    ]
    tooltip = [label("where", title=title)]
    tooltip += [label(f"v{index}", title=f"{of.label}  {printable(of.name)}") for index, of in enumerate(several)]
    here = {"type": "point", "on": "pointerover", "clear": "pointerout", "fields": ["at"]}
    opacity = {"condition": {"param": "here", "empty": False, "value": 0.15}, "value": 0}
    strip = mark(
        "rule",
        {"x": quantity("at"), "opacity": opacity, "tooltip": tooltip},
        strokeWidth={"expr": f"width / {len(rows)} + 1"},
    )
    return strip | {"data": data(rows), "params": [{"name": "here", "select": here}]}
