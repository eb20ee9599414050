"""A ratio and how sure it is, to be told."""

from __future__ import annotations

from ...model.fact import Fact, fact
from ...model.verdict import Estimate, Interval
from ...texts.catalogue import told
from ...units import decimals_of

_WIDEST = 13


def ratio_text(ratio: Estimate) -> str:
    """A ratio and how sure it is: `3.1x (95 % CI 2.9-3.3, 6 blocks)`."""
    return told(sure_ratio(ratio))


def sure_ratio(ratio: Estimate) -> Fact:
    """A ratio and how sure it is."""
    return fact("ratio.sure", ratio=times(ratio), sure=sureness(ratio))


def times(ratio: Estimate) -> Fact:
    """A ratio with as many decimals as its interval carries: `3.1x`."""
    return fact("ratio", value=ratio.value, places=_decimals(ratio))


def sureness(ratio: Estimate) -> Fact:
    """How sure a ratio is: `95 % CI 2.9-3.3, 6 blocks`."""
    ends = ratio.interval
    if ends is None:
        return fact("sure.no-interval", blocks=ratio.blocks)
    places = _decimals(ratio)
    return fact("sure", level=ends.level, low=ends.low, high=ends.high, places=places, blocks=ratio.blocks)


def ends_text(ratio: Estimate) -> str:
    """Both ends of its interval with as many decimals as it carries: `2.9-3.3`; empty where there is none."""
    ends, places = ratio.interval, _decimals(ratio)
    if ends is None:
        return ""
    text = f"{ends.low:.{places}f}-{ends.high:.{places}f}"
    return text if len(text) <= _WIDEST else f"{ends.low:.2g}-{ends.high:.2g}"


def inverse(ratio: Estimate) -> Estimate:
    """The same comparison seen from the other side."""
    ends = ratio.interval
    turned = Interval(low=1 / ends.high, high=1 / ends.low, level=ends.level) if ends else None
    return Estimate(value=1 / ratio.value, interval=turned, blocks=ratio.blocks)


def _decimals(ratio: Estimate) -> int:
    finest = 2 if ratio.value >= 1 else decimals_of(ratio.value, 3)
    coarsest = min(decimals_of(ratio.value, 2), finest)
    if ratio.interval is None:
        return coarsest
    half = (ratio.interval.high - ratio.interval.low) / 2
    return min(max(decimals_of(half, 1), coarsest), finest) if half else finest
