"""Comparisons of a stack with itself: whatever verdict calls one of the two faster is false."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import bdtr

from webdyno.analysis.comparison.analysis import BlockValues, Memory, StackSummary
from webdyno.analysis.comparison.verdicts import verdict
from webdyno.analysis.failure_counts import ErrorCounts
from webdyno.analysis.statistics.estimates import DEFAULT_MARGIN

# What a 95 % interval may be wrong about.
FALSE_SHARE = 0.05
SURE = 0.999

_NOTHING = ErrorCounts(requests=0, failures={}, dropped=0, unfinished=0, reconnects=0, statuses={}, samples=())
_EMPTY = StackSummary(
    notation="",
    label="",
    valid=True,
    throughput=None,
    cpu_per_request_us=None,
    saturation=None,
    response=None,
    offered_rate=None,
    memory=Memory(rss_mean=None, rss_peak=None, vms_mean=None, vms_peak=None),
    errors=_NOTHING,
    errors_saturation=_NOTHING,
    errors_rate=_NOTHING,
    startup_s=None,
    blocks=(),
    used={},
    reasons=(),
)


def is_told_apart(first: Sequence[float], second: Sequence[float], margin: float = DEFAULT_MARGIN) -> bool:
    """Whether the verdict on two stacks with these throughputs, block by block, is that one is faster."""
    told = verdict("throughput", _summary("first", first), _summary("second", second), margin)
    assert told
    return told.outcome in ("faster", "slower")


def most_false(comparisons: int) -> int:
    """How many false verdicts of so many do not speak against one in twenty, at 99.9 %."""
    return next(count for count in range(comparisons) if bdtr(count, comparisons, FALSE_SHARE) >= SURE)


def _summary(notation: str, throughputs: Sequence[float]) -> StackSummary:
    nothing_else = {"cpu_per_request_us": None, "p50_ms": None, "p99_ms": None, "rss_bytes": None}
    blocks = tuple(
        BlockValues(block=block, throughput=value, **nothing_else) for block, value in enumerate(throughputs, 1)
    )
    return _EMPTY.model_copy(update={"notation": notation, "blocks": blocks})
