"""What became of the requests of one endpoint, or of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...model.histogram import Histogram
from ...model.trial import FailureKind, FailureSample
from .series import AnswerTimes, Series

_SAMPLES_PER_KIND = 3
_DETAIL_LENGTH = 200


class Tally:
    """Counts and histograms of requests that are due in the window, and the series of what came in it.

    Attributes:
        ok, dropped, unfinished: requests by how they ended.
        completed: right answers that came inside the window.
        inside: right answers by the share of their time that lies in it.
        failures: failed requests by kind.
        statuses: answers by status, those of right ones only where any 2xx is right.
        series: the window second by second.
    """

    def __init__(self, window_ns: int, *, open_load: bool, seconds: bool) -> None:
        self._open_load = open_load
        self.ok = self.completed = self.dropped = self.unfinished = 0
        self.inside = 0.0
        self.failures: Counter[FailureKind] = Counter()
        self.statuses: Counter[int] = Counter()
        self.series = Series(window_ns, open_load=open_load, keep=seconds)
        self._samples: dict[FailureKind, list[FailureSample]] = {}
        self._times = {name: Histogram() for name in AnswerTimes._fields}
        self._failed_response: dict[FailureKind, Histogram] = {}

    @property
    def ended(self) -> int:
        """Requests whose end is known."""
        return self.ok + self.failures.total() + self.dropped + self.unfinished

    def right(self, times: AnswerTimes, member: npt.NDArray[np.bool_]) -> Iterator[None]:
        """Add the right answers that are `member` of the window, a portion at each step."""
        self.ok += int(np.count_nonzero(member))
        whole = bool(member.all())
        for name, column in zip(AnswerTimes._fields, times, strict=True):
            # Under closed load service and response time are the same.
            if column is not None and (self._open_load or name == "response"):
                self._times[name].record(column if whole else column[member])
                yield

    def failed(self, kind: FailureKind, detail: str, status: int) -> None:
        """Add a failure; its times come by `delayed` and `failed_after`."""
        self.failures[kind] += 1
        if status:
            self.statuses[status] += 1
        samples = self._samples.setdefault(kind, [])
        if len(samples) < _SAMPLES_PER_KIND:
            samples.append(FailureSample(kind=kind, detail=detail[:_DETAIL_LENGTH]))

    def failed_after(self, kind: FailureKind, times: npt.NDArray[np.int64]) -> None:
        """Add how long failed requests took, from their intended moment, nanoseconds."""
        self._failed_response.setdefault(kind, Histogram()).record(times)

    def delayed(self, late: npt.NDArray[np.int64], waited: npt.NDArray[np.int64], lag: npt.NDArray[np.int64]) -> None:
        """Add the delays of requests that had no right answer; `waited` and `lag` of those that were sent."""
        for name, column in (("late", late), ("waited", waited), ("lag", lag)):
            self._times[name].record(column)

    def counted(self, status: int | None) -> dict[str, Any]:
        """The fields of `Counted`, at the end.

        Args:
            status: the one that every right answer has; None where they are counted in `statuses`.
        """
        times = self._times
        if not self._open_load:
            times["service"] = times["response"]
            for name in ("late", "waited", "lag"):
                times[name] = Histogram()
                times[name].counts[0] = self.ok if name != "late" else self.ended
        series, seconds = self.series.finish()
        return {
            "scheduled": self.ended,
            "ok": self.ok,
            "completed": self.completed,
            "ok_in_window": None if self._open_load else self.inside,
            "failures": dict(self.failures),
            "dropped": self.dropped,
            "unfinished": self.unfinished,
            "statuses": dict(self.statuses + Counter({status: self.ok} if status else {})),
            **{name: histogram.encode() for name, histogram in times.items() if name != "punctual" or self._open_load},
            "failed_response": {kind: histogram.encode() for kind, histogram in self._failed_response.items()},
            "series": series,
            "times": seconds,
            "failure_samples": tuple(sample for samples in self._samples.values() for sample in samples),
        }
