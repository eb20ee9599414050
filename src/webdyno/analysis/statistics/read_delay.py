"""Times as they were before the load generator read the answers late: nobody sees when an answer came.

A generator that had no core, or was busy, sends late and reads late, and how late it sent is known of each request. So
what is measured is taken for a sum of two independent times, what the server took and a delay as those of the sends:
P(T + L > x) = P(T > x) + sum over t <= x of P(T = t) P(L > x - t), which is solved for T step by step. What is typical
of the sends (their median) is left out of L: it is the cost of a timer, which nobody waits for who waits for an answer.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...model.histogram import Histogram

# Bins as wide as 1 %, so that what moves a time by less does not count; two steps more change nothing that is seen.
_BIN = 0.01
_STEPS = 4
_CHANCE = 2.0

Shares = npt.NDArray[np.float64]


def without_read_delay(times: Histogram, late: Histogram) -> Histogram:
    """The times of requests without the delay of reading their answers, as many as there are.

    Args:
        times: from the send, or from the moment when the generator turned to the request, nanoseconds.
        late: how late the generator turned to its arrivals, nanoseconds.
    """
    typical = late.quantile_ns(0.5)
    values, counts = times.points()
    if typical is None or not values.size:
        return times
    bins = np.floor(np.log(np.maximum(values, 1.0)) / _BIN)
    _, first, of = np.unique(bins, return_index=True, return_inverse=True)
    measured = np.bincount(of, counts) / counts.sum()
    middles = np.bincount(of, values * counts) / np.bincount(of, counts)
    delays, how_often = late.points()
    beyond = np.append(np.cumsum(how_often[::-1])[::-1], 0) / how_often.sum()
    # Of each time, a column, how often a delay leads into the bin above a given one, a row, or further.
    above = np.append(values[first[1:]], values[-1] * (1 + _BIN))
    pushed = np.tril(beyond[np.searchsorted(delays - typical, above[:, None] - middles)])
    slower = 1 - np.cumsum(measured)
    true = _solved(slower, pushed, measured)
    seen = _seen(slower, pushed @ true, times.count)
    if seen < 1:
        true = _solved(slower, seen * pushed, measured)
    ranks = np.rint(np.cumsum(true / true.sum()) * times.count).astype(np.int64)
    estimated = Histogram()
    estimated.record(middles, np.diff(ranks, prepend=0))
    return estimated


def _solved(slower: Shares, pushed: Shares, measured: Shares) -> Shares:
    true = measured
    for _ in range(_STEPS):
        # Delays may have led to no time that was not measured.
        left = np.maximum.accumulate(np.clip(slower - pushed @ true, 0, 1)[::-1])[::-1]
        true = -np.diff(left, prepend=1.0)
    return true


def _seen(slower: Shares, expected: Shares, count: int) -> float:
    """The share of the delays that reads can have had: no more than there are times that long, give or take by chance.

    A generator that stood still while no answer was under way has read none late.
    """
    several = np.maximum(count * expected, 1.0)
    return float(min(1.0, np.min((count * slower + _CHANCE * np.sqrt(several)) / several)))
