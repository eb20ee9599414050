"""A rate that changes over time: straight pieces one after the other, their integral and its inverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Piece(NamedTuple):
    """A stretch of time in which the rate goes evenly from `start` to `end`, per second."""

    seconds: float
    start: float
    end: float


def integral(pieces: Sequence[Piece]) -> float:
    """How many arrivals are expected over all pieces."""
    return sum(piece.seconds * (piece.start + piece.end) / 2 for piece in pieces)


def moments_of(pieces: Sequence[Piece]) -> Callable[[Array], Array]:
    """Of these pieces, what gives the moments at which the integral of the rate has reached given values.

    Values ascend and moments are in seconds. Where the rate is 0 for a while the integral stands still: the moment is
    the end of that pause. Values that are not reached have no moment and are left out.
    """
    seconds, start, end = np.array(pieces, dtype=np.float64).reshape(-1, 3).T
    masses = seconds * (start + end) / 2
    reached, ended = np.cumsum(masses), np.cumsum(seconds)
    slopes = (end - start) / seconds

    def moments(expected: Array) -> Array:
        at = np.searchsorted(reached, expected, side="right")
        at = at[at < len(pieces)]
        mass = expected[: len(at)] - (reached - masses)[at]
        # The root of start * t + slope * t**2 / 2 = mass, in the form that does not cancel.
        divisor = start[at] + np.sqrt(np.maximum(start[at] ** 2 + 2 * mass * slopes[at], 0))
        within = np.divide(2 * mass, divisor, out=np.zeros_like(mass), where=divisor > 0)
        found: Array = (ended - seconds)[at] + np.minimum(within, seconds[at])
        return found

    return moments
