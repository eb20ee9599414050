"""What a rule says about one trial, or one load, and what to do about it where several rules share that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from ...model.fact import Fact, fact
from ...model.histogram import Histogram

Severity = Literal["invalid", "caution"]

FREE_CORE = fact("free-core")
BY_HAND = fact("by-hand")


class Finding(NamedTuple):
    """Something that one trial, or one load, shows.

    Attributes:
        name, severity, what, advice: as in `ValidityReason`.
        weight: how bad it is; of several trials with the same finding, the worst gives the figures.
    """

    name: str
    severity: Severity
    what: Fact
    advice: Fact | None
    weight: float


def severity(figure: float, invalid_above: float) -> Severity:
    """`invalid` above the limit, else `caution`."""
    return "invalid" if figure > invalid_above else "caution"


def in_place(advice: Fact | None, instead: Mapping[str, Fact]) -> Fact | None:
    """The advice, with what is said in place of it or of its parts."""
    if advice is None or advice.key in instead:
        return advice and instead[advice.key]
    parts = {name: in_place(part, instead) for name, part in advice.figures.items() if isinstance(part, Fact)}
    return advice.model_copy(update={"figures": advice.figures | parts})


def p99_ms(histogram: Histogram) -> float:
    """The 99th percentile in milliseconds; 0 of nothing."""
    return (histogram.quantile_ns(0.99) or 0.0) / 1e6
