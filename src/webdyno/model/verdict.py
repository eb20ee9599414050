"""Verdict: what may be said about two stacks, and how sure it is."""

from __future__ import annotations

from typing import Literal

from .base import Value

Metric = Literal["throughput", "p50", "p99", "cpu_per_request", "memory"]
Outcome = Literal["faster", "slower", "tie", "undecided"]


class Interval(Value):
    """A confidence interval.

    Attributes:
        low, high: its ends.
        level: its confidence, e.g. 0.95.
    """

    low: float
    high: float
    level: float = 0.95


class Estimate(Value):
    """A number and how sure it is.

    Attributes:
        value: the estimate.
        interval: None where fewer than two blocks are valid.
        blocks: how many blocks it stands on.
    """

    value: float
    interval: Interval | None
    blocks: int


class Verdict(Value):
    """One stack against another on one metric.

    Attributes:
        metric: what is compared.
        stack, against: notations.
        ratio: value of `stack` divided by the value of `against`, from the mean log-ratio over blocks.
        outcome: `faster`/`slower` speak of `stack` and mean better/worse (less CPU is better); `tie`: the 90 %
            interval lies inside the margin; `undecided`: none of these.
        margin: the relative difference that counts as none, e.g. 0.02.
        blocks_needed: about how many blocks more would decide; None where decided or where nothing can be said.
        p_value: of the exact sign-flip test, as a cross-check; None below two blocks.
    """

    metric: Metric
    stack: str
    against: str
    ratio: Estimate
    outcome: Outcome
    margin: float
    blocks_needed: int | None = None
    p_value: float | None = None
