"""Tables taken as a part of each row and a part of each column, and what that leaves of each value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .estimates import Array

Flags = npt.NDArray[np.bool_]

_ROUNDS = 30
# Residuals below this count as none: logarithms of figures that differ by 0.1 millionths.
_NONE = 1e-7
_PER_MAD = 1.4826


def residuals(values: Array, doubted: Flags) -> Array:
    """What is left of each value, with the parts that make the sum of its absolute values least.

    A few values far off therefore move no part, as with Tukey's median polish, which may stop short of that least sum
    where values are missing. It is found by reweighted least squares (Schlossmacher, J. Am. Stat. Assoc. 68, 1973).

    Args:
        values: rows by columns; NaN where there is none, and in no whole row or column.
        doubted: which of them decide only what all others leave open.

    Returns:
        The same shape, NaN where there is no value.
    """
    there = ~np.isnan(values)
    known = np.where(there, values, 0.0)
    # All doubted ones together weigh less than any other.
    weights = np.where(doubted, 1.0 / (values.size + 1), 1.0) * there
    left, now = known, weights
    for _ in range(_ROUNDS):
        # The part of each row is the weighted mean of what its columns leave, so only columns are to be solved for.
        share = now / now.sum(axis=1, keepdims=True)
        centred = known - (share * known).sum(axis=1, keepdims=True)
        normal = np.diag(now.sum(axis=0)) - now.T @ share
        columns = np.linalg.lstsq(normal, (now * centred).sum(axis=0), rcond=None)[0]
        left = known - columns
        left = left - (share * left).sum(axis=1, keepdims=True)
        now = weights / np.maximum(np.abs(left), _NONE)
    return np.where(there, left, np.nan)


def scale(left: Array, parts: int) -> float:
    """The robust standard deviation of residuals.

    As many of them as there were parts are next to zero whatever the scatter is, so the median is that of the others
    (Maronna, Martin and Yohai, Robust Statistics, 2006, 4.4).

    Args:
        left: the residuals of values that are not doubted.
        parts: how many were found from them.
    """
    rest = np.sort(np.abs(left), axis=None)[parts:]
    return _PER_MAD * float(np.median(rest)) if rest.size else 0.0


def hang_together(there: Flags) -> bool:
    """Whether the values that are there tie all columns to each other, by rows that they have in common."""
    return bool(np.linalg.matrix_power(there.T @ there, there.shape[1]).all())
