"""Charts with one line for each stack: the distribution of response times, memory over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from ...analysis.results import StackSummary
from ...units import format_number, printable
from .series import Curve, MemoryLine, short, spread
from .specs import Spec, colour, data, finish

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
    x = alt.X("at:Q").title("percentile of the requests").scale(type="log", nice=False, domain=[shares[0], shares[-1]])
    x = x.axis(
        values=[share for share in _NINES if share >= shares[-1]],
        labelExpr="format(100 * (1 - datum.value), '~r') + ' %'",
    )
    y = alt.Y("value:Q").title(axis).scale(type="log", nice=False, domain=[short(low), short(high)])
    y = y.axis(format="~g", values=_one_two_five(low, high))
    rows = [
        {"stack": curve.stack.label, "at": share, "value": time}
        for curve in curves
        for share, time in zip(curve.slower, curve.times_ms, strict=True)
    ]
    line = alt.Chart(data(rows)).mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour(letters))
    ends = [math.log(curve.times_ms[-1]) for curve in curves]
    heights = [math.exp(end) for end in _apart(ends, math.log(low), math.log(high))]
    letter = _letters([(curve.stack, curve.slower[-1]) for curve in curves], heights, letters)
    tips = {
        share: (_percentile(share), [_at(curve.slower, curve.times_ms, share, "ms") for curve in curves])
        for share in shares
    }
    return finish(alt.layer(line, letter, _hover("percentile", tips, [curve.stack for curve in curves])), PLOT_HEIGHT)


def memory(lines: Sequence[MemoryLine], letters: Sequence[str]) -> Spec:
    """Resident memory over the seconds of the trials: mean of the blocks as a line, their range as a band."""
    high = 1.08 * max(max(line.high) for line in lines)
    x = alt.X("at:Q").title("seconds under load").axis(tickCount=6).scale(nice=False)
    y = alt.Y("value:Q").title("resident memory (MB)").scale(domain=[0, short(high)]).axis(tickCount=6)
    rows = [
        {"stack": line.stack.label, "at": at, "value": mean, "low": low, "high": top}
        for line in lines
        for at, mean, low, top in zip(line.seconds, line.mean, line.low, line.high, strict=True)
    ]
    chart = alt.Chart(data(rows)).encode(x=x, color=colour(letters))
    band = chart.mark_area(opacity=0.18).encode(y=alt.Y("low:Q"), y2="high:Q")
    mean = chart.mark_line(strokeWidth=2.2).encode(y=y)
    heights = _apart([line.mean[-1] for line in lines], 0, high)
    letter = _letters([(line.stack, line.seconds[-1]) for line in lines], heights, letters)
    moments = sorted({at for line in lines for at in line.seconds})
    tips = {at: (f"{at:g} s", [_at(line.seconds, line.mean, at, "MB") for line in lines]) for at in moments}
    return finish(
        alt.layer(mean, band, letter, _hover("under load", tips, [line.stack for line in lines])), PLOT_HEIGHT
    )


def _percentile(slower: float) -> str:
    return f"{100 * (1 - slower):.{max(math.ceil(-math.log10(slower)) - 1, 0)}f} %"


def _one_two_five(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    ticks = [short(step * 10.0**decade) for decade in decades for step in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick <= high]


def _apart(values: list[float], low: float, high: float) -> list[float]:
    return spread(values, (high - low) * LETTER_HEIGHT / PLOT_HEIGHT, low, high)


def _letters(ends: Sequence[tuple[StackSummary, float]], heights: Sequence[float], letters: Sequence[str]) -> alt.Chart:
    rows = [
        {"stack": stack.label, "at": at, "value": short(height)}
        for (stack, at), height in zip(ends, heights, strict=True)
    ]
    text = alt.Chart(data(rows)).mark_text(align="left", dx=7, fontWeight=700, fontSize=14)
    chart: alt.Chart = text.encode(x="at:Q", y="value:Q", text="stack:N", color=colour(letters))
    return chart


def _at(keys: Sequence[float], values: Sequence[float], key: float, unit: str) -> str:
    return f"{format_number(values[keys.index(key)])} {unit}" if key in keys else "too few requests"


def _hover(title: str, tips: dict[float, tuple[str, list[str]]], stacks: Sequence[StackSummary]) -> alt.Chart:
    """A strip under the pointer whose tooltip compares all stacks at that place."""
    rows = [
        {"at": at, "where": where} | {f"v{index}": text for index, text in enumerate(texts)}
        for at, (where, texts) in tips.items()
    ]
    here = alt.selection_point(name="here", on="pointerover", clear="pointerout", fields=["at"], empty=False)
    tooltip = [alt.Tooltip("where:N", title=title)]
    tooltip += [
        alt.Tooltip(f"v{index}:N", title=f"{stack.label}  {printable(stack.notation)}")
        for index, stack in enumerate(stacks)
    ]
    strip = alt.Chart(data(rows)).mark_rule(strokeWidth=alt.expr(f"width / {len(rows)} + 1"))
    opacity = alt.when(here).then(alt.value(0.15)).otherwise(alt.value(0))
    chart: alt.Chart = strip.encode(x="at:Q", opacity=opacity, tooltip=tooltip).add_params(here)
    return chart
