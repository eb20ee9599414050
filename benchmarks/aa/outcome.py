"""Outcomes of comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from webdyno.model.base import Value
from webdyno.model.metric import Metric


class Comparison(NamedTuple):
    """One that is measured or was: no two with the same of these are wanted."""

    line: str
    design: str
    burner: bool
    seed: int


class Ratio(Value):
    """What was found of one stack against another.

    Attributes:
        metric, stack, against: what was compared.
        value: the ratio; `low`, `high`: ends of its 95 % interval, None below two blocks.
        outcome: the verdict on its size; `direction`: whether it is known to be `higher` or `lower` than one at all.
        blocks: valid ones of both.
    """

    metric: Metric
    stack: str
    against: str
    value: float
    low: float | None
    high: float | None
    outcome: str
    direction: str | None = None
    blocks: int

    @property
    def half_width(self) -> float | None:
        """Half of its interval, relative: 0.03 for 3 %."""
        if self.low is None or self.high is None:
            return None
        return math.exp(math.log(self.high / self.low) / 2) - 1


class Outcome(Value):
    """What one comparison came to.

    Attributes:
        line, design, burner, seed: which comparison.
        began: when.
        machine: which one, in a line; `revision`: of webdyno.
        load_average: of the last minute when it began, before its burner did.
        seconds: it took after set-up.
        inside_s: of these, inside measuring and warm-up windows.
        blocks: measured ones.
        ratios: all with a verdict.
        invalid: stacks that took no part in verdicts, and why.
        burnt_s: CPU seconds that the burner got.
    """

    line: str
    design: str
    burner: bool
    seed: int
    began: datetime
    machine: str
    revision: str
    load_average: float
    seconds: float
    inside_s: float
    blocks: int
    ratios: tuple[Ratio, ...]
    invalid: tuple[str, ...] = ()
    burnt_s: float = 0.0

    @property
    def comparison(self) -> Comparison:
        """Which one it is of."""
        return Comparison(self.line, self.design, self.burner, self.seed)

    def ratio(self, metric: Metric, stack: str, against: str) -> Ratio | None:
        """That of one stack against another; None where they could not be compared."""
        asked = (metric, stack, against)
        return next((one for one in self.ratios if (one.metric, one.stack, one.against) == asked), None)


def geometric_mean(values: Sequence[float]) -> float:
    """Of positive values, at least one."""
    return math.exp(math.fsum(map(math.log, values)) / len(values))
