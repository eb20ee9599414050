"""When the arrivals of an open load are due: decided before the clock starts, the same for every stack."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ..model.load import OpenLoad

MOST_ARRIVALS = 20_000_000


def arrivals_ns(load: OpenLoad, span_s: float, seed: int) -> npt.NDArray[np.int64]:
    """The arrivals' moments, in nanoseconds from the start, ascending, all within `span_s`.

    Constant arrivals are `1 / rate` apart, the first at 0. Poisson arrivals have independent exponential gaps; the
    same rate and seed give the same arrivals, and a longer span only adds to them.

    Raises:
        UsageError: more arrivals than `MOST_ARRIVALS`.
    """
    if load.rate * span_s > MOST_ARRIVALS:
        raise UsageError(
            f"{load.rate:g} arrivals per second for {span_s:g} s are more than {MOST_ARRIVALS:,} in one go",
            "lower the rate or the duration",
        )
    seconds = _constant(load.rate, span_s) if load.arrivals == "constant" else _poisson(load.rate, span_s, seed)
    due = np.rint(seconds * 1e9).astype(np.int64)
    return due[due < round(span_s * 1e9)]


def _constant(rate: float, span_s: float) -> npt.NDArray[np.float64]:
    return np.arange(int(rate * span_s) + 1) / rate


def _poisson(rate: float, span_s: float, seed: int) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    mean = rate * span_s
    batch = int(mean + 6 * mean**0.5) + 16
    due = np.cumsum(rng.exponential(1 / rate, batch))
    while due[-1] < span_s:
        due = np.concatenate((due, due[-1] + np.cumsum(rng.exponential(1 / rate, batch))))
    return due
