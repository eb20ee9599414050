"""Verdict: what may be said about two stacks, and how sure it is."""

from __future__ import annotations

from typing import Literal

from .base import Figure
from .metric import Metric

Outcome = Literal["faster", "slower", "tie", "undecided"]
Direction = Literal["higher", "lower"]
Family = Literal["primary", "secondary"]


class Interval(Figure):
    """A confidence interval.

    Attributes:
        low, high: its ends.
        level: its confidence, e.g. 0.95.
    """

    low: float
    high: float
    level: float = 0.95


class Estimate(Figure):
    """A number and how sure it is.

    Attributes:
        value: the estimate.
        interval: None where fewer than two blocks are valid.
        blocks: how many blocks it stands on.
    """

    value: float
    interval: Interval | None
    blocks: int


class Verdict(Figure):
    """One stack against another on one metric.

    Attributes:
        metric: what is compared.
        stack, against: notations.
        ratio: value of `stack` divided by the value of `against`, from the mean log-ratio over blocks.
        direction: whether the value of `stack` is `higher` or `lower`, by whatever amount: `p_direction` is at most
            0.05; None where that is not known.
        outcome: the size of the difference. `faster`/`slower` speak of `stack` and mean better/worse (less CPU is
            better) by more than the margin: `p_difference` is at most 0.05; `tie`: `p_tie` is at most 0.05;
            `undecided`: neither is, or the windows of a stack are too short for a tie (`short-window`).
        margin: the relative difference that counts as none, e.g. 0.02.
        family: `primary`: the metrics that the run is about; `secondary`: the others. Each is corrected by itself.
        comparisons: how many comparisons the family has, this one among them.
        looks: how many planned looks at the run share what may go wrong; 1 but of a quick run.
        p_difference: against "the ratio lies within the margin", adjusted for the family, and in a quick
            run for the looks at it; None below two blocks.
            `p_direction`: against "it is one"; `p_tie`: against "it lies outside the margin".
        sign_flip_p: of the exact sign-flip test that the ratio is one, not adjusted, as a cross-check; None below two
            blocks.
        blocks_needed: about how many blocks more would decide the size; None where it is decided or nothing can be
            said. `blocks_for_direction`: the same of the direction.
        seconds_needed: about how long `blocks_needed` take; `seconds_for_direction`: `blocks_for_direction`.
    """

    metric: Metric
    stack: str
    against: str
    ratio: Estimate
    outcome: Outcome
    margin: float
    direction: Direction | None = None
    family: Family = "primary"
    comparisons: int = 1
    looks: int = 1
    p_difference: float | None = None
    p_direction: float | None = None
    p_tie: float | None = None
    sign_flip_p: float | None = None
    blocks_needed: int | None = None
    seconds_needed: float | None = None
    blocks_for_direction: int | None = None
    seconds_for_direction: float | None = None

    @property
    def differs(self) -> bool:
        """Whether the two are known to differ, and not known to do so by less than the margin."""
        return self.direction is not None and self.outcome != "tie"

    @property
    def is_open(self) -> bool:
        """Whether more blocks may decide something of it that is not known yet.

        They do not where more would be needed than anybody waits for, or the windows are too short for a tie.
        """
        unknown = self.outcome == "undecided"
        return unknown and bool(self.p_difference is None or self.blocks_needed or self.blocks_for_direction)

    @property
    def is_corrected(self) -> bool:
        """Whether it is held against more than its interval: as one of several, or for several looks."""
        return self.comparisons > 1 or self.looks > 1

    @property
    def fails_correction(self) -> bool:
        """Whether its interval by itself leaves out one, and does not count as one of several, or for several looks."""
        ends = self.ratio.interval
        unknown = self.direction is None and self.outcome == "undecided"
        return unknown and self.is_corrected and ends is not None and (ends.low > 1 or ends.high < 1)

    @property
    def size_is_open(self) -> bool:
        """Whether it is known which one has more, and not whether by more than the margin."""
        return self.direction is not None and self.outcome == "undecided"


class Closing(Figure):
    """How near the interval of one asked ratio has come to the asked precision.

    Attributes:
        metric: what is compared.
        stack, against: notations.
        half_width: half of the 95 % interval of the ratio, relative: 0.03 for 3 %; None below two blocks.
        more_blocks: about how many blocks more it takes, 0 where it is there; None where nothing can be said.
    """

    metric: Metric
    stack: str
    against: str
    half_width: float | None
    more_blocks: int | None
