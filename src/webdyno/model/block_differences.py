"""Block differences: which blocks of a run differ much, and what the machine was seen doing meanwhile."""

from __future__ import annotations

from typing import Literal

from .base import Figure
from .metric import Metric
from .verdict import Estimate

SignalName = Literal["steal", "throttled", "core-wait", "others", "pressure"]


class Signal(Figure):
    """Something that the machine did to one trial and not to most others of its stack.

    Attributes:
        name: `steal`: the hypervisor gave time to others; `throttled`: the quota ran out; `core-wait`: the load
            generator had no core; `others`: CPU time that neither stack nor load generator used; `pressure`: some task
            waited for a CPU (PSI).
        value: how much of it: CPUs for `others`, else the share of the window, 0-1.
        usual: the same in the calmer trials of the stack.
    """

    name: SignalName
    value: float
    usual: float


class Disturbed(Figure):
    """A trial that was disturbed, by rules that look at the machine alone.

    Attributes:
        block, stack: which one.
        signals: what was seen, the clearest first.
    """

    block: int
    stack: str
    signals: tuple[Signal, ...]


class Stray(Figure):
    """A figure far from where the undisturbed ones of its stack and of its block lead to expect it.

    Attributes:
        block, stack: whose.
        against: notation, where there are two stacks only: then the ratio strays, and it is not known which of them.
        factor: by what it differs, 0.6 for 40 % less.
        signals: of this stack in that block, or of either; none: nothing that is watched explains it.
    """

    block: int
    stack: str
    against: str | None
    factor: float
    signals: tuple[Signal, ...]


class RatioWithout(Figure):
    """A ratio of the main metric with all blocks, and without those that were disturbed; no verdict rests on it.

    Attributes:
        stack, against: notations.
        whole, without: the ratio.
    """

    stack: str
    against: str
    whole: Estimate
    without: Estimate


class BlockDifferences(Figure):
    """What happened in a run whose blocks differ much.

    Attributes:
        metric: in which they do.
        spread: standard deviation of what is left of the logarithms without each stack's and each block's own part.
        strays: the figures that lie far off.
        disturbed: all trials that were disturbed, whether or not their figures lie far off.
        without: the ratios without the blocks of these; none where fewer than half of the blocks were undisturbed.
    """

    metric: Metric
    spread: float
    strays: tuple[Stray, ...]
    disturbed: tuple[Disturbed, ...]
    without: tuple[RatioWithout, ...]

    @property
    def disturbed_blocks(self) -> tuple[int, ...]:
        """Those in which any trial was disturbed."""
        return tuple(sorted({one.block for one in self.disturbed}))
