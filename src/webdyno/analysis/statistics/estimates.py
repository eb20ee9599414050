"""Intervals and tests on block values: few samples, so Student's t on logarithms; never a bootstrap or raw requests.

The unit is the block. What is compared is the log-ratio within one block, so that whatever a block does to all its
stacks alike (a busy neighbour, a hot machine) cancels. How it is decided, with the sources: `docs/statistics.md`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...model.verdict import Estimate, Interval
from .student import share_beyond, value_beyond

LEVEL = 0.95
ALPHA = 1 - LEVEL
DEFAULT_MARGIN = 0.02
# Beyond it the plan is "longer than anybody waits".
MOST_BLOCKS = 500
_LONGEST_LOGARITHM = 690.0
_EXACT_FLIPS = 18
# In place of a standard error of zero, by which nothing can be divided.
_LEAST_ERROR = 1e-300

Array = npt.NDArray[np.float64]

_shares_beyond = np.vectorize(share_beyond, otypes=[np.float64])
_values_beyond = np.vectorize(value_beyond, otypes=[np.float64])


class Sample(NamedTuple):
    """The log-ratios of one comparison in short: their mean, standard deviation and number, at least two."""

    mean: float
    sd: float
    blocks: int


def geometric_estimate(values: Sequence[float], level: float = LEVEL) -> Estimate | None:
    """The geometric mean of positive values, one per block, with a t-interval of their logarithms; None of none."""
    if not values:
        return None
    if len(values) < 2:
        return Estimate(value=values[0], interval=None, blocks=1)
    mean, sd, count = sample(values)
    half = float(half_width(sd, count, level))
    interval = Interval(low=exp(mean - half), high=exp(mean + half), level=level)
    return Estimate(value=exp(mean), interval=interval, blocks=count)


def at_level(found: Estimate, level: float) -> Estimate:
    """The same estimate with its interval at another level; without one it stays as it is.

    Where an end was cut at 300 digits the new one is too narrow, and still spans many powers of ten.
    """
    if found.interval is None or found.interval.level == level:
        return found
    half = spread(found) * float(half_width(1.0, found.blocks, level))
    middle = math.log(found.value)
    interval = Interval(low=exp(middle - half), high=exp(middle + half), level=level)
    return found.model_copy(update={"interval": interval})


def spread(found: Estimate) -> float:
    """The standard deviation of the logarithms that an estimate with an interval was made from."""
    assert found.interval
    half = (math.log(found.interval.high) - math.log(found.interval.low)) / 2
    return half / float(half_width(1.0, found.blocks, found.interval.level))


def exp(logarithm: float) -> float:
    """The number, or one of about 300 digits in place of what a float could not hold."""
    return math.exp(min(max(logarithm, -_LONGEST_LOGARITHM), _LONGEST_LOGARITHM))


def paired_ratios(values: Mapping[int, float], against: Mapping[int, float]) -> list[float]:
    """`values[block] / against[block]` for the blocks that both have, by block number."""
    return [values[block] / against[block] for block in sorted(values.keys() & against.keys())]


def sample(values: Sequence[float]) -> Sample:
    """The logarithms of at least two positive values in short."""
    logs = np.log(np.asarray(values, dtype=np.float64))
    return Sample(float(logs.mean()), float(logs.std(ddof=1)), len(values))


def half_width(sd: npt.ArrayLike, blocks: npt.ArrayLike, level: float = LEVEL) -> Array:
    """Half of Student's t-interval of the mean of `blocks` values with standard deviation `sd`; arrays broadcast."""
    count = np.asarray(blocks, dtype=np.float64)
    return np.asarray(_values_beyond((1 - level) / 2, count - 1) * _standard_error(sd, count))


def p_difference(
    mean: npt.ArrayLike, sd: npt.ArrayLike, blocks: npt.ArrayLike, margin: npt.ArrayLike = DEFAULT_MARGIN
) -> Array:
    """Two-sided p-value against "the ratio lies within the margin"; arrays broadcast.

    It is at most 0.05 exactly where the 95 % interval lies wholly outside the margin (a minimum-effect test: Murphy and
    Myors, J. Appl. Psychol. 84, 1999; here with t in place of F).
    """
    count = np.asarray(blocks, dtype=np.float64)
    beyond = (np.abs(mean) - np.log1p(margin)) / _standard_error(sd, count)
    return np.asarray(np.minimum(1.0, 2 * _shares_beyond(beyond, count - 1)))


def p_tie(
    mean: npt.ArrayLike, sd: npt.ArrayLike, blocks: npt.ArrayLike, margin: npt.ArrayLike = DEFAULT_MARGIN
) -> Array:
    """P-value against "the ratio lies outside the margin"; arrays broadcast.

    The larger one of two one-sided tests (Schuirmann, J. Pharmacokin. Biopharm. 15, 1987): it is at most 0.05 exactly
    where the 90 % interval lies inside the margin.
    """
    count = np.asarray(blocks, dtype=np.float64)
    inside = (np.log1p(margin) - np.abs(mean)) / _standard_error(sd, count)
    return np.asarray(_shares_beyond(inside, count - 1))


def blocks_until(found: Sample, room: float, level: float | Callable[[int], float] = LEVEL) -> int | None:
    """How many blocks more bring the half-width of the interval down to `room`, if the scatter stays as it is.

    Args:
        found: so far.
        room: relative.
        level: of the interval, or that of so many blocks where it falls with them.

    Returns:
        None where it would take longer than anybody waits.
    """

    def is_enough(blocks: int) -> bool:
        return bool(half_width(found.sd, blocks, level(blocks) if callable(level) else level) <= room)

    counts = range(found.blocks, MOST_BLOCKS + 1)
    more = bisect_left(counts, True, key=is_enough)
    return more if more < len(counts) else None


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


def _standard_error(sd: npt.ArrayLike, count: Array) -> Array:
    return np.maximum(np.asarray(sd, dtype=np.float64) / np.sqrt(count), _LEAST_ERROR)
