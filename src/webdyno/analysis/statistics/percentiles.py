"""Percentiles from merged histograms: never averaged, and none where too few samples bound it.

Requests that never got an answer in time (timed out, dropped, unfinished) are slower than every one that did. They are
censored values: they count in the rank, so a server that freezes cannot look fast by not answering; a percentile that
falls among them is None. (Failures of other kinds were answered, wrongly; validity speaks of those.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from ...model.base import Figure
from ...model.histogram import Histogram
from ...model.trial import Counted, LoadFigures

# A percentile shown on its own needs ten samples expected beyond it, or one odd request moves it:
# p99 needs 1,000, p99.9 needs 10,000.
BEYOND = 10
# One that only enters a mean over blocks needs an upper bound to exist at all: the chance that the largest of n samples
# lies above the q-quantile is 1 - q^n (David & Nagaraja, Order Statistics, 7.1); at 95 % p99 needs 299. Its noise is
# carried by the interval over blocks.
_BOUND_LEVEL = 0.95


class Percentiles(Figure):
    """Times in milliseconds from merged histograms; a percentile is None where too few samples bound it.

    Attributes:
        kind: `response time` (open load, from the intended moment) or `service time` (closed load, from the send).
        count: samples.
        p50, p90, p95, p99, p999, max: milliseconds.
        mean: milliseconds.
    """

    kind: Literal["response time", "service time"]
    count: int
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    p999: float | None
    max: float | None
    mean: float | None


def samples_needed(q: float) -> int:
    """How many samples a percentile needs to be shown."""
    return math.ceil(BEYOND / (1 - q) - 1e-6)


def samples_needed_in_block(q: float) -> int:
    """How many samples a percentile needs to enter a mean over blocks."""
    return math.ceil(math.log(1 - _BOUND_LEVEL) / math.log(q))


def censored(result: Counted) -> int:
    """Requests that are known to be slower than every answered one."""
    return result.failures.get("timeout", 0) + result.dropped + result.unanswered


def quantile_ms(histogram: Histogram, q: float, beyond: int, needed: int) -> float | None:
    """The `q`-quantile in milliseconds of the samples and `beyond` slower ones; None where it cannot be known."""
    total = histogram.count + beyond
    if not histogram.count or total < needed:
        return None
    rank = math.ceil(q * total - 1e-9)
    if rank > histogram.count:
        return None
    value = histogram.quantile_ns(rank / histogram.count)
    return None if value is None else value / 1e6


def percentiles(
    kind: Literal["response time", "service time"], histograms: Sequence[Histogram], results: Sequence[LoadFigures]
) -> Percentiles | None:
    """Percentiles of several trials as one; None where no request was answered.

    Args:
        kind: what the histograms hold.
        histograms: one for each trial.
        results: the same trials, for the requests that were never answered.
    """
    merged = Histogram()
    for histogram in histograms:
        merged.merge(histogram)
    if not merged.count:
        return None
    # A closed load always ends with requests under way: they say nothing about slowness.
    beyond = sum(map(censored, results)) if kind == "response time" else sum(_timed_out(result) for result in results)

    def at(q: float) -> float | None:
        return quantile_ms(merged, q, beyond, samples_needed(q))

    slowest = merged.quantile_ns(1.0)
    mean = merged.mean_ns()
    return Percentiles(
        kind=kind,
        count=merged.count,
        p50=at(0.5),
        p90=at(0.9),
        p95=at(0.95),
        p99=at(0.99),
        p999=at(0.999),
        max=None if beyond or slowest is None else slowest / 1e6,
        mean=None if beyond or mean is None else mean / 1e6,
    )


def _timed_out(result: LoadFigures) -> int:
    return result.failures.get("timeout", 0)
