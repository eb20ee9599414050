"""What may go wrong at each look at a run that blocks are added to, so that all looks together err rarely.

A plain run is looked at once, at its end, and errs in at most 5 %. Whoever adds blocks until it is decided looks again,
and each look is a further chance to err. All further looks together may err in 2.5 % more, of which the part 1 - m / n
is spent at n blocks, where m is the number at the first look (alpha spending: Lan and DeMets, Biometrika 70, 1983; by
Bonferroni's bound, which holds however the looks depend on each other).
"""

from __future__ import annotations

from typing import NamedTuple

from .estimates import ALPHA, LEVEL

FURTHER_ALPHA = ALPHA / 2
# Fewer blocks decide nothing.
LEAST_BLOCKS = 2
# Of nothing there is no interval.
_LEAST_ALPHA = 1e-9


class Looks(NamedTuple):
    """After how many blocks a run was looked at.

    Attributes:
        blocks: rising, the last one now; empty: looked at once, as planned.
        share: the part of the 5 % that the first look has.
    """

    blocks: tuple[int, ...] = ()
    share: float = 1.0

    @property
    def planned(self) -> int:
        """How many looks share what may go wrong at this one."""
        return round(1 / self.share)

    @property
    def alpha(self) -> float:
        """What may go wrong at the last look."""
        if len(self.blocks) < 2:
            return ALPHA * self.share
        return self._between(self.blocks[-2], self.blocks[-1])

    @property
    def level(self) -> float:
        """That of an interval by itself, such that those of all looks hold together as often as the verdicts."""
        return LEVEL if len(self.blocks) < 2 else 1 - self.alpha

    def alpha_after(self, more: int) -> float:
        """What may go wrong at the next look, if it comes after so many blocks more."""
        if not self.blocks:
            return ALPHA * self.share
        return self._between(self.blocks[-1], self.blocks[-1] + more)

    def _between(self, before: int, now: int) -> float:
        spent = FURTHER_ALPHA * self.blocks[0] * (1 / before - 1 / now)
        return max(spent, _LEAST_ALPHA)
