"""Thresholds: `p99<50ms`, `errors<0.1%`, `throughput>4900`, read with exact error positions, held against a load."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from ...model.base import Figure
from ...units import format_duration, format_percent, format_rate
from ..condition_syntax import Syntax, read_condition, unit_place

Operator = Literal["<", "<=", ">", ">="]
Unit = Literal["s", "share", "count", "/s"]

METRICS = "p50 (any percentile up to p99.999), mean, max, errors, throughput"
HIGHEST_PERCENTILE = 99.999
# Beyond it nothing is measured, and arithmetic stays exact.
HIGHEST_LIMIT = 1e12
_SHAPE = re.compile(
    r"\s*(?P<metric>[A-Za-z][A-Za-z0-9.]*)?\s*(?P<operator><=|>=|<|>)?\s*"
    r"(?P<number>\d+(?:\.\d*)?|\.\d+)?\s*(?P<unit>[A-Za-z%/]+)?\s*",
    re.ASCII,
)
_SYNTAX = Syntax("--threshold", _SHAPE, METRICS, "<, <=, > or >=", "p99<50ms, errors<0.1% or throughput>4900")
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)", re.ASCII)
_TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


class Threshold(Figure):
    """A condition that a load must meet.

    Attributes:
        text: as the user wrote it.
        metric: `p99`, `mean`, `max` (of the reported time), `errors` or `throughput`.
        operator: how the value must stand to the limit.
        limit: in `unit`.
        unit: `s`, `share` (0-1, of all attempts), `count` or `/s`.
    """

    text: str
    metric: str
    operator: Operator
    limit: float
    unit: Unit

    @property
    def quantile(self) -> float | None:
        """The share (0-1) of a percentile; None for other metrics."""
        match = _PERCENTILE.fullmatch(self.metric)
        return float(match[1]) / 100 if match else None

    def holds(self, value: float) -> bool:
        """Whether a value, in `unit`, meets it."""
        return _HOLDS[self.operator](value, self.limit)

    def show(self, value: float) -> str:
        """A value of this metric as text."""
        if self.unit == "count":
            return f"{value:,.0f}"
        forms: dict[Unit, Callable[[float], str]] = {"s": format_duration, "share": format_percent, "/s": format_rate}
        return forms[self.unit](value)


def parse_threshold(text: str) -> Threshold:
    """Read `METRIC OPERATOR VALUE[UNIT]`.

    Times need a unit (`us`, `ms`, `s`, `min`); `errors` is a share with `%` and a count without;
    `throughput` is per second.

    Raises:
        UsageError: it does not parse; the details show where.
    """
    match = read_condition(text, _SYNTAX, lambda at, metric: _check_metric(text, at, metric))
    metric, number = match["metric"], float(match["number"])
    if number > HIGHEST_LIMIT:
        raise _SYNTAX.wrong(text, match.start("number"), "this number is out of range")
    factor, unit = _unit(text, unit_place(match), metric, match["unit"] or "")
    return Threshold(text=text, metric=metric, operator=match["operator"], limit=number * factor, unit=unit)


def _check_metric(text: str, at: int, metric: str) -> None:
    if metric in ("mean", "max", "errors", "throughput"):
        return
    percentile = _PERCENTILE.fullmatch(metric)
    if not percentile:
        raise _SYNTAX.wrong(text, at, f"{metric} is no metric", f"one of: {METRICS}")
    if not 0 < float(percentile[1]) <= HIGHEST_PERCENTILE:
        remedy = f"a percentile lies above p0 and is at most p{HIGHEST_PERCENTILE:g}; the slowest of all is max"
        raise _SYNTAX.wrong(text, at, f"{metric} is out of range", remedy)


def _unit(text: str, at: int, metric: str, unit: str) -> tuple[float, Unit]:
    if metric == "errors":
        if unit in ("", "%"):
            return (0.01, "share") if unit else (1.0, "count")
        raise _SYNTAX.wrong(text, at, "errors are a share in % or a plain count")
    if metric == "throughput":
        if unit in ("", "/s"):
            return 1.0, "/s"
        raise _SYNTAX.wrong(text, at, "throughput is per second: a plain number, or with /s")
    if unit not in _TIMES:
        raise _SYNTAX.wrong(text, at, f"a time needs one of the units {', '.join(_TIMES)}")
    return _TIMES[unit], "s"
