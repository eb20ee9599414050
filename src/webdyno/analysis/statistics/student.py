"""Student's t distribution: what share lies beyond a value, and beyond which value a share lies.

scipy knows both, but to import it takes longer than a whole analysis; the tests hold these against it.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

# Beyond it lies nothing that a float could hold the square of.
_LARGEST = 1e150
_SMALLEST = 1e-300
_MOST_STEPS = 500
_EXACT, _NEAR = 1e-15, 1e-12


def share_beyond(t: float, freedom: float) -> float:
    """The probability of more than `t`, exact also where 1 minus it could not be told from 1."""
    if t < 0:
        return 1 - share_beyond(-t, freedom)
    if t >= _LARGEST:
        return 0.0
    # Half of the regularised incomplete beta function, of which the continued fraction is used on the side where it
    # converges fast (Press et al., Numerical Recipes, 3rd ed., 6.4 and 6.14.3).
    square = max(t * t, _SMALLEST)
    inner, outer = square / (freedom + square), freedom / (freedom + square)
    a = freedom / 2
    powers = math.exp(a * math.log(outer) + math.log(inner) / 2 - _log_beta(freedom))
    if outer > (a + 1) / (a + 2.5):
        return (1 - powers * _continued_fraction(0.5, a, inner) / 0.5) / 2
    return powers * _continued_fraction(a, 0.5, outer) / a / 2


@cache
def value_beyond(share: float, freedom: float) -> float:
    """The value that is exceeded with a probability of more than 0 and at most 0.5."""
    # The normal distribution has less in its tail, and what lies beyond is convex: from below, Newton's steps never
    # pass the value.
    value = -NormalDist().inv_cdf(share)
    for _ in range(_MOST_STEPS):
        density = math.exp(-(freedom + 1) / 2 * math.log1p(value * value / freedom) - _log_beta(freedom))
        step = (share_beyond(value, freedom) - share) / (density / math.sqrt(freedom))
        value += step
        if step <= _NEAR * value:
            break
    return value


def _log_beta(freedom: float) -> float:
    """The logarithm of B(freedom / 2, 1 / 2)."""
    return math.lgamma(freedom / 2) + math.lgamma(0.5) - math.lgamma((freedom + 1) / 2)


def _continued_fraction(a: float, b: float, x: float) -> float:
    """That of the incomplete beta function, by Lentz's method: whatever becomes zero is made as small as can be."""
    c = 1.0
    d = 1 / _not_zero(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _MOST_STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            found *= d * c
        if abs(d * c - 1) < _EXACT:
            break
    return found


def _not_zero(value: float) -> float:
    return value if abs(value) >= _SMALLEST else _SMALLEST
