"""Intervals and tests on block values: few samples, so Student's t on logarithms; never a bootstrap or raw requests.

The unit is the block. What is compared is the log-ratio within one block, so that whatever a block does to all its
stacks alike (a busy neighbour, a hot machine) cancels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import stdtrit

from ..model.verdict import Estimate, Interval

LEVEL = 0.95
# Two one-sided tests at 5 % each are the same as this interval lying inside the margin (Schuirmann 1987).
TIE_LEVEL = 0.90
DEFAULT_MARGIN = 0.02
# Beyond it the plan is "longer than anybody waits": the difference sits on the margin itself.
MOST_BLOCKS = 500
_EXACT_FLIPS = 18


class Decision(NamedTuple):
    """Where a ratio stands to a margin: `above` and `below` one by more than it, `within` it, or `open`."""

    place: Literal["above", "below", "within", "open"]
    more_blocks: int | None


def geometric_estimate(values: Sequence[float], level: float = LEVEL) -> Estimate | None:
    """The geometric mean of positive values, one per block, with a t-interval of their logarithms; None of none."""
    if not values:
        return None
    logs = np.log(np.asarray(values, dtype=np.float64))
    mean, count = float(logs.mean()), len(values)
    if count < 2:
        return Estimate(value=math.exp(mean), interval=None, blocks=count)
    half = _t(level, count - 1) * float(logs.std(ddof=1)) / math.sqrt(count)
    interval = Interval(low=math.exp(mean - half), high=math.exp(mean + half), level=level)
    return Estimate(value=math.exp(mean), interval=interval, blocks=count)


def paired_ratios(values: Mapping[int, float], against: Mapping[int, float]) -> list[float]:
    """`values[block] / against[block]` for the blocks that both have, by block number."""
    return [values[block] / against[block] for block in sorted(values.keys() & against.keys())]


def decide(ratios: Sequence[float], margin: float = DEFAULT_MARGIN) -> Decision:
    """Place the ratio of two stacks against the margin of what counts as no difference.

    `above`/`below`: the 95 % interval lies wholly outside the margin; `within`: the 90 % interval lies inside it.
    Otherwise `open`, with about how many blocks more would settle it if mean and scatter stay as they are.
    """
    if len(ratios) < 2:
        return Decision("open", None)
    logs = np.log(np.asarray(ratios, dtype=np.float64))
    mean, sd, count, bound = float(logs.mean()), float(logs.std(ddof=1)), len(ratios), math.log1p(margin)
    if _half(LEVEL, sd, count) < abs(mean) - bound:
        return Decision("above" if mean > 0 else "below", None)
    if _half(TIE_LEVEL, sd, count) <= bound - abs(mean):
        return Decision("within", None)
    level = LEVEL if abs(mean) > bound else TIE_LEVEL
    room = abs(abs(mean) - bound)
    enough = next((n for n in range(count + 1, MOST_BLOCKS) if _half(level, sd, n) < room), None)
    return Decision("open", None if enough is None else enough - count)


def sign_flip_p(ratios: Sequence[float]) -> float | None:
    """Two-sided p-value of the hypothesis that each log-ratio could as well have had the other sign.

    Exact over all sign patterns up to 18 blocks, from the normal approximation beyond; None below two blocks.
    Assumes nothing about the distribution, so it cross-checks the t-interval (Fisher 1935).
    """
    if len(ratios) < 2:
        return None
    logs = np.log(np.asarray(ratios, dtype=np.float64))
    observed = abs(float(logs.sum()))
    if len(ratios) > _EXACT_FLIPS:
        scale = math.sqrt(float(logs @ logs))
        return math.erfc(observed / scale / math.sqrt(2)) if scale else 1.0
    # Flipping all signs mirrors the sums, so the first sign can stay.
    sums = logs[:1]
    for value in logs[1:]:
        sums = np.concatenate((sums + value, sums - value))
    return float(np.mean(np.abs(sums) >= observed * (1 - 1e-12)))


def _t(level: float, freedom: int) -> float:
    return float(stdtrit(freedom, (1 + level) / 2))


def _half(level: float, sd: float, blocks: int) -> float:
    return _t(level, blocks - 1) * sd / math.sqrt(blocks)
