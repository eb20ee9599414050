"""Order: how the stacks of a run follow each other in one metric, and how much of that is known."""

from __future__ import annotations

from typing import Literal

from .base import Figure
from .metric import Metric
from .verdict import Estimate

Relation = Literal["ahead", "tie", "open"]


class Step(Figure):
    """Two neighbours in an order.

    Attributes:
        stack, behind: notations, the one with the better figure first.
        ratio: value of `stack` divided by that of `behind`; None where no block is valid for both.
        relation: `ahead`: the first is better, by however little; `tie`: they are the same to within the margin;
            `open`: neither is known.
        p: of the claim, at most 0.05 where it holds, adjusted by Holm for all steps and for the looks at the run; None
            below two blocks.
        margin: the relative difference that counts as none.
    """

    stack: str
    behind: str
    ratio: Estimate | None
    relation: Relation
    p: float | None
    margin: float


class Order(Figure):
    """The order of all valid stacks.

    Attributes:
        metric: by which they are ordered.
        stacks: notations, the best first.
        steps: from each to the next.
        blocks: after how many it was judged.
    """

    metric: Metric
    stacks: tuple[str, ...]
    steps: tuple[Step, ...]
    blocks: int

    @property
    def known(self) -> bool:
        """Whether no step is open."""
        return all(step.relation != "open" for step in self.steps)
