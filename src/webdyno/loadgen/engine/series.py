"""The window second by second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...model.histogram import Histogram
from ...model.trial import Second, SecondTimes

SECOND_NS = 1_000_000_000
_EMPTY = Histogram().encode()


class AnswerTimes(NamedTuple):
    """What is timed of right answers, nanoseconds: one entry for each, in the order of their coming.

    Under closed load, where a request is due when it is sent, there is but one time: the others are None.
    """

    service: npt.NDArray[np.int64]
    response: npt.NDArray[np.int64]
    late: npt.NDArray[np.int64] | None = None
    waited: npt.NDArray[np.int64] | None = None
    lag: npt.NDArray[np.int64] | None = None
    punctual: npt.NDArray[np.int64] | None = None

    def of(self, chosen: npt.NDArray[np.bool_]) -> AnswerTimes:
        """The times of some answers."""
        return AnswerTimes(*(column[chosen] for column in self if column is not None))


class Series:
    """Counts answers by the second in which they came; holds the histograms of one second, whatever the window."""

    def __init__(self, window_ns: int, *, open_load: bool, keep: bool) -> None:
        """Begin before the first answer.

        Args:
            window_ns: length of the window.
            open_load: the response time is reported, not the service time.
            keep: the histograms of every second.
        """
        self._seconds = -(-window_ns // SECOND_NS)
        self._reported = "response" if open_load else "service"
        self._timed = tuple(SecondTimes.model_fields) if keep else (self._reported,)
        self._keep = keep
        self._failed: Counter[int] = Counter()
        self._closed: list[tuple[int, float | None, float | None]] = []
        self._times: list[SecondTimes] = []
        self._open: dict[str, Histogram] = {}

    def right(self, at_ns: npt.NDArray[np.int64], times: AnswerTimes) -> Iterator[None]:
        """Add right answers, a portion at each step.

        Args:
            at_ns: when they came, from the window's opening, ascending, never before an earlier call's.
            times: of each.
        """
        if not at_ns.size:
            return
        first, last = int(at_ns[0]) // SECOND_NS, int(at_ns[-1]) // SECOND_NS
        bounds = np.searchsorted(at_ns, [second * SECOND_NS for second in range(first, last + 2)]).tolist()
        for second, start, end in zip(range(first, last + 1), bounds, bounds[1:], strict=False):
            self._close_before(second)
            for name in self._timed:
                column = getattr(times, name)
                if column is not None:
                    self._open.setdefault(name, Histogram()).record(column[start:end])
                    yield

    def failed(self, at_ns: int) -> None:
        """Add a failure."""
        self._failed[at_ns // SECOND_NS] += 1

    def finish(self) -> tuple[tuple[Second, ...], tuple[SecondTimes, ...]]:
        """The whole window's seconds."""
        self._close_before(self._seconds)
        seconds = tuple(
            Second(ok=ok, failed=self._failed[second], p50_us=p50, p99_us=p99)
            for second, (ok, p50, p99) in enumerate(self._closed)
        )
        return seconds, tuple(self._times)

    def _close_before(self, second: int) -> None:
        while len(self._closed) < second:
            reported = self._open.get(self._reported)
            p50, p99 = (reported.quantile_ns(0.5), reported.quantile_ns(0.99)) if reported else (None, None)
            in_us = (None, None) if p50 is None or p99 is None else (p50 / 1e3, p99 / 1e3)
            self._closed.append((reported.count if reported else 0, *in_us))
            if self._keep:
                self._times.append(self._kept())
            self._open = {}

    def _kept(self) -> SecondTimes:
        return SecondTimes(
            **{name: self._open[name].encode() if name in self._open else _EMPTY for name in SecondTimes.model_fields}
        )
