"""When the arrivals of an open load are due: decided beforehand, the same for every stack and any number of engines."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ..model.load import Burst, OpenLoad, Profile, Ramp, Replay
from .rates import Array, Piece, integral, moments_of

MOST_ARRIVALS = 20_000_000
# Made while arrivals become due, in 20 us each.
PORTION = 512

Moments = npt.NDArray[np.int64]


def arrivals_ns(
    load: OpenLoad, span_s: float, seed: int, *, opens_s: float = 0.0, share: tuple[int, int] = (0, 1)
) -> Iterator[Moments]:
    """The arrivals' moments, in nanoseconds from the start, ascending, all within `span_s`; portion by portion.

    Constant arrivals are `1 / rate` apart, the first at 0. Poisson arrivals have independent exponential gaps; the
    same rate and seed give the same arrivals, and a longer span only adds to them.

    Under a profile, constant arrivals come whenever the integral of the rate from the window's opening on is a whole
    number, and Poisson arrivals whenever it reaches the next arrival of a Poisson process of rate 1 (Cinlar 1975).

    Args:
        load: rate, kind of arrivals, profile.
        span_s: seconds of warm-up and window together.
        seed: of the Poisson arrivals.
        opens_s: when in the span the window opens: there a profile begins.
        share: a place among so many who share the load: each is given one arrival after the other in turn, so that
            all together have those that one alone would have.

    Raises:
        UsageError: more arrivals than `MOST_ARRIVALS`.
    """
    check_count(load, span_s, opens_s=opens_s)
    if load.profile:
        moments = _shaped(load, load.profile, span_s, seed, opens_s)
    else:
        moments = _constant(load.rate, span_s) if load.arrivals == "constant" else _poisson(load.rate, span_s, seed)
    return _dealt(moments, round(span_s * 1e9), *share)


def _dealt(moments: Iterator[Array], span_ns: int, place: int, parts: int) -> Iterator[Moments]:
    before = 0
    for portion in moments:
        due = np.rint(portion * 1e9).astype(np.int64)
        # Only the last portions reach beyond it.
        yield due[: np.searchsorted(due, span_ns)][(place - before) % parts :: parts]
        before += len(portion)


def check_count(load: OpenLoad, span_s: float, *, opens_s: float = 0.0) -> None:
    """Refuse a load with more arrivals than one may have.

    Raises:
        UsageError: more are expected than `MOST_ARRIVALS`.
    """
    expected = load.rate * span_s
    if load.profile:
        warmup, window = _pieces(load.profile, opens_s, span_s - opens_s)
        expected = integral((*warmup, *window)) * (load.profile.size if isinstance(load.profile, Burst) else 1)
    if expected > MOST_ARRIVALS:
        raise UsageError(
            f"{expected:,.0f} arrivals are more than {MOST_ARRIVALS:,} in one go", "lower the rate or the duration"
        )


def _constant(rate: float, span_s: float) -> Iterator[Array]:
    for numbers in _counted(int(rate * span_s) + 1):
        yield numbers / rate


def _counted(total: int) -> Iterator[Array]:
    """The numbers from 0 on, so many."""
    for at in range(0, total, PORTION):
        yield np.arange(at, min(at + PORTION, total), dtype=np.float64)


def _poisson(rate: float, span_s: float, seed: int) -> Iterator[Array]:
    rng = np.random.default_rng(seed)
    last = 0.0
    while last < span_s:
        gaps = rng.exponential(1 / rate, PORTION)
        gaps[0] += last
        due = np.cumsum(gaps)
        last = float(due[-1])
        yield due


def _shaped(load: OpenLoad, profile: Profile, span_s: float, seed: int, opens_s: float) -> Iterator[Array]:
    warmup, window = _pieces(profile, opens_s, span_s - opens_s)
    before, total = integral(warmup), integral((*warmup, *window))
    size = profile.size if isinstance(profile, Burst) else 1
    # Constant arrivals are counted from the window's opening, so that they are the same after any warm-up.
    first = before % 1
    constant = (whole + first for whole in _counted(math.ceil(total - first)))
    reached = moments_of((*warmup, *window))
    for expected in constant if load.arrivals == "constant" else _poisson(1.0, total, seed):
        moments = reached(expected)
        for numbers in _counted(len(moments) * size):
            yield moments[numbers.astype(np.int64) // size]
    if isinstance(profile, Replay):
        for at in range(0, len(profile.offsets_s), PORTION):
            yield np.array(profile.offsets_s[at : at + PORTION]) + opens_s


def _pieces(profile: Profile, warmup_s: float, window_s: float) -> tuple[list[Piece], list[Piece]]:
    """The rate in the warm-up and in the window; of bursts, that of the bursts; of a replay, without its moments."""
    if isinstance(profile, Ramp):
        first, window = profile.start, [Piece(window_s, profile.start, profile.end)]
    elif isinstance(profile, Burst):
        first = 1 / profile.every_s
        window = [Piece(window_s, first, first)]
    elif isinstance(profile, Replay):
        first, window = profile.rate, []
    else:
        first, window = profile.steps[0].rate, []
        left = window_s
        for step in profile.steps:
            window.append(Piece(min(step.seconds, left), step.rate, step.rate))
            left -= window[-1].seconds
            if left <= 0:
                break
        last = profile.steps[-1].rate
        if left > 0:
            window.append(Piece(left, last, last))
    return [Piece(warmup_s, first, first)] if warmup_s else [], window
