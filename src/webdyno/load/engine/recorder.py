"""Counting and timing: every request of the window ends here exactly once."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from ...errors import EngineFailed
from ...model.histogram import Histogram
from ...model.trial import EngineUse, FailureKind, FailureSample, LoadResult
from .live import Live
from .series import Series

# Small enough that folding a batch delays what is due by about 0.1 ms, large enough to be cheap per request.
BATCH = 1024
_SAMPLES_PER_KIND = 3
_DETAIL_LENGTH = 200


class Traffic(NamedTuple):
    """What went on below the requests: connections opened, those that replaced one closed by the server, bytes read."""

    connects: int
    reconnects: int
    bytes_in: int


class Recorder:
    """What becomes of the requests; those that are due inside the window count, the others only for the series.

    A request belongs to the window by its intended moment; under closed load that is when it is sent.
    Right answers are the common case: they are appended to a buffer and folded into the histograms in batches.
    """

    def __init__(self, opens: int, closes: int, *, open_load: bool, status: int, live: Live | None = None) -> None:
        """Begin with nothing.

        Args:
            opens: when the window opens on the engine's clock, nanoseconds.
            closes: when it closes.
            open_load: response time is reported, not service time.
            status: the one that right answers have.
            live: told of everything that ends, the warm-up included; None where nobody watches.
        """
        self._opens, self._closes = opens, closes
        self._open_load = open_load
        self._status = status
        self._live = live
        self._answers: list[int] = []
        self._turns: list[int] = []
        self._ok = self._dropped = self._unfinished = 0
        self._completed = 0
        self._busy_ns = 0
        self._failures: Counter[FailureKind] = Counter()
        self._samples: dict[FailureKind, list[FailureSample]] = {}
        self._statuses: Counter[int] = Counter()
        self._late, self._lag, self._service, self._response = Histogram(), Histogram(), Histogram(), Histogram()
        self._series = Series(closes - opens)
        self.right = self._answers.extend
        """Add a right answer: a tuple of its intended moment, its send, and its last byte."""
        self.turned_to = self._turns.extend
        """Add an arrival: a tuple of its intended moment and when the loop turned to it."""

    def failed(self, kind: FailureKind, detail: str, status: int, due: int, sent: int, ended: int) -> None:
        """Add a failure; `sent` is 0 where the request never left, `status` where no answer was read whole."""
        if self._live:
            self._live.failed(sent=sent > 0)
        if self._opens <= ended < self._closes:
            self._series.failed(ended - self._opens)
        self._was_busy(sent, ended)
        if not self._opens <= due < self._closes:
            return
        self._failures[kind] += 1
        if status:
            self._statuses[status] += 1
        if sent:
            self._lag.record([sent - due])
        samples = self._samples.setdefault(kind, [])
        if len(samples) < _SAMPLES_PER_KIND:
            samples.append(FailureSample(kind=kind, detail=detail[:_DETAIL_LENGTH]))

    def dropped(self, due: int) -> None:
        """Add an arrival that was given up."""
        self._dropped += self._opens <= due < self._closes
        if self._live:
            self._live.dropped += 1

    def unfinished(self, due: int, sent: int, ended: int) -> None:
        """Add a request that is given up at the end; `sent` is 0 where it was still waiting."""
        self._was_busy(sent, ended)
        if self._opens <= due < self._closes:
            self._unfinished += 1
            if sent:
                self._lag.record([sent - due])

    def fold_when_full(self) -> None:
        """Fold the buffers into the histograms if there is a batch of them."""
        if len(self._answers) >= 3 * BATCH:
            self.fold_answers()
        if len(self._turns) >= 2 * BATCH:
            self._fold_turns()

    def fold_answers(self) -> None:
        """Fold the answers in the buffer into the histograms."""
        due, sent, done = np.fromiter(self._answers, np.int64, len(self._answers)).reshape(-1, 3).T
        self._answers.clear()
        opens, closes = self._opens, self._closes
        reported = done - due
        if self._live:
            self._live.right(reported)
        inside = (done >= opens) & (done < closes)
        self._series.right(done[inside] - opens, reported[inside])
        self._completed += int(np.count_nonzero(inside))
        self._busy_ns += int(np.maximum(np.minimum(done, closes) - np.maximum(sent, opens), 0).sum())
        member = (due >= opens) & (due < closes)
        self._ok += int(np.count_nonzero(member))
        self._response.record(reported[member])
        if self._open_load:
            self._lag.record((sent - due)[member])
            self._service.record((done - sent)[member])

    def _fold_turns(self) -> None:
        due, turned = np.fromiter(self._turns, np.int64, len(self._turns)).reshape(-1, 2).T
        self._turns.clear()
        self._late.record((turned - due)[(due >= self._opens) & (due < self._closes)])

    def _was_busy(self, sent: int, ended: int) -> None:
        if sent:
            self._busy_ns += max(min(ended, self._closes) - max(sent, self._opens), 0)

    def result(self, scheduled: int | None, traffic: Traffic, engine: EngineUse) -> LoadResult:
        """Everything, at the end.

        Args:
            scheduled: how many arrivals the schedule has in the window; None under closed load, which sends as it goes.
            traffic: connections and bytes of the window.
            engine: the engine's own use in the window.

        Raises:
            EngineFailed: requests were lost or counted twice.
        """
        self.fold_answers()
        self._fold_turns()
        ended = self._ok + self._failures.total() + self._dropped + self._unfinished
        if scheduled is not None and scheduled != ended:
            raise EngineFailed(f"of {scheduled} requests {ended} ended: the load generator counts wrongly", "report it")
        service = self._service
        if not self._open_load:
            # Due when sent: the lag is nought by definition, and service and response time are the same.
            service = self._response
            self._lag.counts[0] += self._ok
            self._late.counts[0] = ended
        window_ns = self._closes - self._opens
        return LoadResult(
            window_s=window_ns / 1e9,
            scheduled=ended,
            ok=self._ok,
            completed=self._completed,
            failures=dict(self._failures),
            dropped=self._dropped,
            unfinished=self._unfinished,
            statuses=dict(self._statuses + Counter({self._status: self._ok})),
            connects=traffic.connects,
            reconnects=traffic.reconnects,
            bytes_in=traffic.bytes_in,
            in_flight_mean=self._busy_ns / window_ns,
            late=self._late.encode(),
            lag=self._lag.encode(),
            service=service.encode(),
            response=self._response.encode(),
            series=self._series.finish(),
            failure_samples=tuple(sample for samples in self._samples.values() for sample in samples),
            engine=engine,
        )
