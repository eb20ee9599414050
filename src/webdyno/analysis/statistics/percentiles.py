"""Percentiles from merged histograms: never averaged, and none where too few samples bound it.

Requests that never got an answer in time (timed out, dropped, unfinished) are slower than every one that did. They are
censored values: they count in the rank, so a server that freezes cannot look fast by not answering; a percentile that
falls among them is None. (Failures of other kinds were answered, wrongly; validity speaks of those.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ...model.base import Figure
from ...model.histogram import Histogram
from ...model.load import TimeKind
from ...model.trial import Counted

# A percentile shown on its own needs ten samples expected beyond it, or one odd request moves it:
# p99 needs 1,000, p99.9 needs 10,000.
BEYOND = 10
# One that only enters a mean over blocks needs an upper bound to exist at all: the chance that the largest of n samples
# lies above the q-quantile is 1 - q^n (David & Nagaraja, Order Statistics, 7.1); at 95 % p99 needs 299. Its noise is
# carried by the interval over blocks.
_BOUND_LEVEL = 0.95


class Times(NamedTuple):
    """How long requests took.

    Attributes:
        kind: from when.
        answered: of right answers, nanoseconds.
        censored: how many requests are known to be slower than every one of them.
    """

    kind: TimeKind
    answered: Histogram
    censored: int

    @property
    def total(self) -> int:
        """How many requests that is."""
        return self.answered.count + self.censored

    def shown_ms(self, q: float) -> float | None:
        """The `q`-quantile in milliseconds; None where too few samples bound it, or it lies among the censored."""
        return self.known_ms(q, samples_needed(q))

    def known_ms(self, q: float, needed: int) -> float | None:
        """The same, where it takes `needed` samples to bound it."""
        return quantile_ms(self.answered, q, self.censored, needed)

    def why_unknown(self, q: float) -> Literal["few-samples", "beyond-timeout"] | None:
        """Why the `q`-quantile is not known: too few samples, or it lies among the censored.

        None where it is known, and where no request was answered, which says all.
        """
        if not self.answered.count or self.shown_ms(q) is not None:
            return None
        return "few-samples" if self.total < samples_needed(q) else "beyond-timeout"

    @property
    def max_ms(self) -> float | None:
        """The longest in milliseconds; None where it is not known."""
        slowest = None if self.censored else self.answered.quantile_ns(1.0)
        return None if slowest is None else slowest / 1e6

    @property
    def mean_ms(self) -> float | None:
        """The mean in milliseconds; None where it is not known."""
        mean = None if self.censored else self.answered.mean_ns()
        return None if mean is None else mean / 1e6

    def tail(self, points_per_decade: int) -> tuple[list[float], list[float]]:
        """The distribution from its tenth part up to where too few samples lie beyond it, or all are censored.

        Returns:
            Shares of the requests (0-1), falling, and for each the milliseconds that this share exceeded.
        """
        times_ns, counts = self.answered.points()
        total = self.total
        # From step 1, the fastest tenth left out: one odd fast answer would stretch an axis by a decade.
        steps = np.arange(1, int(np.log10(max(total / BEYOND, 1)) * points_per_decade) + 1)
        slower = 10.0 ** (-steps / points_per_decade)
        ranks = np.maximum(np.ceil((1 - slower) * total), 1)
        known = ranks <= self.answered.count
        times = times_ns[np.searchsorted(np.cumsum(counts), ranks[known])] / 1e6
        return slower[known].tolist(), times.tolist()


class Percentiles(Figure):
    """Times in milliseconds from merged histograms; a percentile is None where too few samples bound it.

    Attributes:
        kind: `response time` (open load, from the intended moment) or `service time` (closed load, from the send).
        count: samples.
        p50, p90, p95, p99, p999, max: milliseconds.
        mean: milliseconds.
    """

    kind: TimeKind
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


def censored(kind: TimeKind, counted: Counted) -> int:
    """Requests that are known to be slower than every answered one."""
    timed_out = counted.failures.get("timeout", 0)
    # A closed load always ends with requests under way: they say nothing about slowness.
    return timed_out if kind == "service time" else timed_out + counted.dropped + counted.unanswered


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


def merged(several: Sequence[Times]) -> Times | None:
    """Times of one kind as if they had been measured together; None of none."""
    if not several:
        return None
    answered = Histogram()
    for one in several:
        answered.merge(one.answered)
    return Times(several[0].kind, answered, sum(one.censored for one in several))


def percentiles(several: Sequence[Times]) -> Percentiles | None:
    """Percentiles of several trials as one; None where no request was answered."""
    times = merged(several)
    if times is None or not times.answered.count:
        return None
    return Percentiles(
        kind=times.kind,
        count=times.answered.count,
        p50=times.shown_ms(0.5),
        p90=times.shown_ms(0.9),
        p95=times.shown_ms(0.95),
        p99=times.shown_ms(0.99),
        p999=times.shown_ms(0.999),
        max=times.max_ms,
        mean=times.mean_ms,
    )
