"""A family of comparisons judged together: which ratio is above or below one, and whether by more than the margin.

Two questions are asked of each comparison, in this order: in which direction it differs, and whether by more than what
counts as none. All answers of a family together are wrong with a probability of at most 5 %: `docs/statistics.md`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from .estimates import ALPHA, DEFAULT_MARGIN, Array, Sample, blocks_until, p_difference, p_tie, sample
from .spending import Looks

Side = Literal["above", "below"]
ONE_LOOK = Looks()


class Decision(NamedTuple):
    """Where a ratio stands to one, and to a margin around it.

    Attributes:
        place: `above` or `below` one by more than the margin, `within` it, or `open`.
        direction: `above` or `below` one, by whatever amount; None where that is not known.
        p_difference, p_direction, p_tie: adjusted p-values; None below two blocks.
        more_blocks: about how many would decide an open place; None where decided or where nothing can be said.
        more_for_direction: the same of a direction that is not known, where the place is open.
    """

    place: Literal[Side, "within", "open"]
    direction: Side | None = None
    p_difference: float | None = None
    p_direction: float | None = None
    p_tie: float | None = None
    more_blocks: int | None = None
    more_for_direction: int | None = None


def holm(p_values: npt.ArrayLike) -> Array:
    """P-values adjusted for each other along the last axis (Holm, Scand. J. Statist. 6, 1979).

    Rejecting those that are at most alpha errs in one or more of them with at most this probability, however they
    depend on each other.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=-1)
    times = np.arange(p.shape[-1], 0, -1)
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, -1) * times, axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), -1)
    return adjusted


def holm_before(p_values: npt.ArrayLike, later: npt.ArrayLike) -> Array:
    """P-values adjusted along the last axis, each asked before one that is weaker: the direction before the size.

    Both of a comparison share its part of alpha, which goes to the others once both are rejected (a graphical
    procedure: Bretz et al., Statist. Med. 28, 2009). So the later ones are adjusted by Holm as if they were alone, and
    each of these is held against alpha by the number of comparisons whose later one is not rejected. All rejections of
    both kinds together err with a probability of at most alpha.

    Args:
        p_values: of the earlier questions; each at most its later one.
        later: of the later questions, in the same order.
    """
    p = np.minimum(p_values, later)
    rejected_from = np.sort(holm(later), axis=-1)
    # The level at which so many later ones are rejected, and what is left then.
    least = np.concatenate((np.zeros((*p.shape[:-1], 1)), rejected_from[..., :-1]), axis=-1)
    left = np.arange(p.shape[-1], 0, -1)
    return np.asarray(np.minimum(np.maximum(least[..., None, :], p[..., None] * left).min(axis=-1, initial=1.0), 1.0))


def decide(
    family: Sequence[Sequence[float]], margin: float | Sequence[float] = DEFAULT_MARGIN, looks: Looks = ONE_LOOK
) -> list[Decision]:
    """Say of several ratios, judged together, on which side of one they are, and of the margin around it.

    All directions and differences together are wrong with a probability of at most 5 %, and so are all ties; at a
    further look at the same run with what may go wrong at that one. P-values are adjusted for it as well.

    Args:
        family: the ratios of each comparison, one per block. One with fewer than two stays open and counts for nothing.
        margin: the relative difference that counts as none, the same for all or one for each.
        looks: when the run was looked at.
    """
    samples = [sample(ratios) if len(ratios) >= 2 else None for ratios in family]
    known = [one for one in samples if one]
    margins = np.broadcast_to(np.asarray(margin, dtype=np.float64), len(samples))[[one is not None for one in samples]]
    mean, sd, blocks = (np.array([one[part] for one in known], dtype=np.float64) for part in range(3))
    beyond_margin = p_difference(mean, sd, blocks, margins)
    times = ALPHA / looks.alpha
    differ = np.minimum(holm(beyond_margin) * times, 1.0)
    direct = np.minimum(holm_before(p_difference(mean, sd, blocks, 0.0), beyond_margin) * times, 1.0)
    tie = np.minimum(holm(p_tie(mean, sd, blocks, margins)) * times, 1.0)
    # What an open comparison must still pass: Holm's bound once those before it are decided.
    open_ones = _Open(looks, max(int((differ > ALPHA).sum()), 1), max(int((tie > ALPHA).sum()), 1))
    decided = (
        _decision(one, (float(p_differ), float(p_direct), float(p_same)), float(bound), open_ones)
        for one, p_differ, p_direct, p_same, bound in zip(known, differ, direct, tie, margins, strict=True)
    )
    return [next(decided) if one else Decision("open") for one in samples]


class _Open(NamedTuple):
    """What is not decided yet: how many comparisons by a difference, and by a tie, and when it was looked at."""

    looks: Looks
    differ: int
    tie: int

    def more(self, found: Sample, room: float, *, tie: bool = False) -> int | None:
        """How many blocks more would decide a comparison."""
        share = 2 / self.tie if tie else 1 / self.differ

        def level(blocks: int) -> float:
            return 1 - share * self.looks.alpha_after(blocks - found.blocks)

        more = blocks_until(found, room, level)
        # One more at least: where rounding says that it is decided, it is not.
        return None if more is None else max(more, 1)


def _decision(found: Sample, p_values: tuple[float, float, float], margin: float, still: _Open) -> Decision:
    p_differ, p_direct, p_same = p_values
    side: Side = "above" if found.mean > 0 else "below"
    direction = side if p_direct <= ALPHA else None
    if p_differ <= ALPHA:
        return Decision(side, direction, *p_values)
    if p_same <= ALPHA:
        return Decision("within", direction, *p_values)
    for_direction = None if direction else still.more(found, abs(found.mean))
    beyond = abs(found.mean) - math.log1p(margin)
    more = still.more(found, abs(beyond), tie=beyond <= 0)
    return Decision("open", direction, *p_values, more, for_direction)
