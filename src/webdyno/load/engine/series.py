"""The window second by second."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from ...model.histogram import Histogram
from ...model.trial import Second

SECOND_NS = 1_000_000_000


class Series:
    """Counts answers by the second in which they came; holds one histogram, whatever the length of the window."""

    def __init__(self, window_ns: int) -> None:
        """Begin with a window of `window_ns` nanoseconds that has not seen an answer."""
        self._seconds = -(-window_ns // SECOND_NS)
        self._failed: Counter[int] = Counter()
        self._closed: list[tuple[int, float | None, float | None]] = []
        self._times = Histogram()

    def right(self, at_ns: npt.NDArray[np.int64], times_ns: npt.NDArray[np.int64]) -> None:
        """Add right answers.

        Args:
            at_ns: when they came, from the window's opening, ascending, never before an earlier call's.
            times_ns: the reported time of each.
        """
        if not at_ns.size:
            return
        seconds = at_ns // SECOND_NS
        for second in range(int(seconds[0]), int(seconds[-1]) + 1):
            self._close_before(second)
            self._times.record(times_ns[seconds == second])

    def failed(self, at_ns: int) -> None:
        """Add a failure."""
        self._failed[at_ns // SECOND_NS] += 1

    def finish(self) -> tuple[Second, ...]:
        """The whole window's seconds."""
        self._close_before(self._seconds)
        return tuple(
            Second(ok=ok, failed=self._failed[second], p50_us=p50, p99_us=p99)
            for second, (ok, p50, p99) in enumerate(self._closed)
        )

    def _close_before(self, second: int) -> None:
        while len(self._closed) < second:
            p50, p99 = self._times.quantile_ns(0.5), self._times.quantile_ns(0.99)
            in_us = (None, None) if p50 is None or p99 is None else (p50 / 1e3, p99 / 1e3)
            self._closed.append((self._times.count, *in_us))
            self._times = Histogram()
