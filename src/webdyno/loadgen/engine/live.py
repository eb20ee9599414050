"""What came back since the last tick, for whoever watches while it is measured."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...model.histogram import Histogram
from ..job import Tick


class Live:
    """Counts from one tick to the next, the warm-up included.

    Attributes:
        dropped: arrivals given up since the last tick.
    """

    def __init__(self, start: int) -> None:
        """Begin at `start`, nanoseconds."""
        self._ticked = start
        self._in_flight = 0
        self._begin()

    def _begin(self) -> None:
        self.dropped = 0
        self._failed = self._ended = 0
        self._times = Histogram()

    def right(self, times_ns: npt.NDArray[np.int64]) -> None:
        """Add the reported times of right answers."""
        self._ended += times_ns.size
        self._times.record(times_ns)

    def failed(self, *, sent: bool) -> None:
        """Add a failure, of a request that was sent or of one that could not be."""
        self._failed += 1
        self._ended += sent

    def tick(self, now: int, opens: int, in_flight: int, waiting: int) -> Tick:
        """Say what has been since the last tick, and begin anew.

        Args:
            now: this moment, nanoseconds.
            opens: the window's opening.
            in_flight: requests that are sent and not answered.
            waiting: arrivals that wait for a connection.
        """
        p50, p99 = self._times.quantile_ns(0.5), self._times.quantile_ns(0.99)
        tick = Tick(
            at_s=(now - opens) / 1e9,
            interval_s=(now - self._ticked) / 1e9,
            sent=self._ended + in_flight - self._in_flight,
            ok=self._times.count,
            failed=self._failed,
            dropped=self.dropped,
            in_flight=in_flight,
            waiting=waiting,
            times=self._times.encode(),
            p50_us=None if p50 is None else p50 / 1e3,
            p99_us=None if p99 is None else p99 / 1e3,
        )
        self._ticked, self._in_flight = now, in_flight
        self._begin()
        return tick
