"""Figures as the page writes them: with a unit, an interval, or as a ratio; a dash for what was not measured."""

from __future__ import annotations

from ...model.verdict import Estimate
from ...units import decimals_of, format_number

NOT_MEASURED = "\N{EN DASH}"
"""Shown where there is no figure, in place of a zero that could be taken for one."""


def number(value: float | None, unit: str = "") -> str:
    """A figure with its unit, or a dash."""
    if value is None:
        return NOT_MEASURED
    return f"{format_number(value)} {unit}".rstrip()


def interval(estimate: Estimate) -> str:
    """`11,210-11,970`, both ends with the same number of decimals; empty where there is none."""
    ends = estimate.interval
    if ends is None:
        return ""
    decimals = decimals_of(ends.high, 3)
    return f"{ends.low:,.{decimals}f}-{ends.high:,.{decimals}f}"


def ratio(estimate: Estimate) -> str:
    """`3.53x`."""
    return f"{format_number(estimate.value)}x"
