"""Counting and timing: every request of the window ends here exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import EngineFailed
from ...model.trial import EndpointResult, EngineUse, FailureKind, LoadFigures
from .live import Live
from .series import AnswerTimes
from .tally import Tally

FIELDS = 5
NEVER = 1 << 62
# Answers are put away while others become due, so it is done in portions of at most 35 us: so many are packed at once,
# and a batch of so many is folded into one histogram after the other. Larger batches cost less for each answer.
PACKED = 128 * FIELDS
MOST_UNPACKED = 8 * PACKED
FOLDED = 2048
_MOST_UNFOLDED = 4096


class Traffic(NamedTuple):
    """What went on below the requests: connections opened, those that replaced one closed by the server, bytes read."""

    connects: int
    reconnects: int
    bytes_in: int


class Attempt(NamedTuple):
    """A request: its endpoint's place, when it was due, when the loop turned to it, and its send, 0 if it never left.

    The loop turns to a request when it sends it, or when it lets it wait for a connection. Moments are nanoseconds on
    the engine's clock.
    """

    endpoint: int
    due: int
    turned: int
    sent: int


class Recorded(NamedTuple):
    """An endpoint as results name it; `status` is the one of its right answers, None where any 2xx is right."""

    name: str
    method: str
    path: str
    status: int | None


class Recorder:
    """What becomes of the requests; those that are due inside the window count, the others only for the series.

    A request belongs to the window by its intended moment; under closed load that is when it is sent.
    Right answers are the common case: they are appended to a buffer and folded into the histograms in batches.

    Attributes:
        answers: the buffer, `FIELDS` numbers for each.
        folding: part of what was in it is being folded.
    """

    def __init__(
        self,
        window_ns: int,
        *,
        open_load: bool,
        endpoints: Sequence[Recorded],
        apart: bool = False,
        seconds: bool = False,
        live: Live | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            window_ns: length of the window, nanoseconds.
            open_load: response time is reported, not service time.
            endpoints: what is sent.
            apart: each endpoint has figures of its own.
            seconds: keep the histograms of every second.
            live: told of everything that ends, the warm-up included; None where nobody watches.
        """
        self._window_ns = window_ns
        self._opens = self._closes = NEVER
        self._open_load = open_load
        self._endpoints = endpoints
        self._live = live
        self.answers: list[int] = []
        self._packed = 0
        self.folding = False
        self._batches: list[npt.NDArray[np.int64]] = []
        self._portions: Iterator[None] = iter(())
        self._delays: list[Attempt] = []
        self._failed: dict[FailureKind, list[tuple[int, int]]] = {}
        self._busy_ns = self._timed_out_ns = self._cut_ns = self._answered = self._warmup_failed = 0
        self._failed_outside = 0
        self._failed_inside = 0.0
        count = len(endpoints) if apart else 0
        self._total = Tally(window_ns, open_load=open_load, seconds=seconds)
        self._parts = [Tally(window_ns, open_load=open_load, seconds=seconds) for _ in range(count)]
        self.right = self.answers.extend
        """Add a right answer: a tuple of the four fields of its `Attempt`, and the moment of its last byte."""

    def open(self, opens: int) -> None:
        """The window opens at this moment of the engine's clock, nanoseconds, which is not past."""
        self._opens, self._closes = opens, opens + self._window_ns

    def right_status(self, endpoint: int, status: int, due: int) -> None:
        """Count the status of a right answer, where any 2xx is right."""
        if self._opens <= due < self._closes:
            for tally in self._tallies(endpoint):
                tally.statuses[status] += 1

    def failed(self, kind: FailureKind, detail: str, status: int, attempt: Attempt, ended: int) -> None:
        """Add a failure; `status` is 0 where no answer was read whole."""
        if self._live:
            self._live.failed(sent=attempt.sent > 0)
        inside = self._opens <= ended < self._closes
        took_ns, share_ns = ended - attempt.sent, self._inside_ns(attempt, ended)
        if share_ns:
            self._failed_inside += share_ns / took_ns
            self._cut_ns += took_ns if share_ns < took_ns else 0
            self._timed_out_ns += share_ns if kind == "timeout" else 0
        member = self._ended(attempt, ended)
        self._failed_outside += not member
        for tally in self._tallies(attempt.endpoint):
            if inside:
                tally.series.failed(ended - self._opens)
            if member:
                tally.failed(kind, detail, status)
        if member:
            rows = self._failed.setdefault(kind, [])
            rows.append((attempt.endpoint, ended - attempt.due))
            if len(rows) >= _MOST_UNFOLDED:
                self.fold()

    def dropped(self, attempt: Attempt) -> None:
        """Add an arrival that was given up."""
        if self._live:
            self._live.dropped += 1
        if self._ended(attempt, attempt.turned):
            for tally in self._tallies(attempt.endpoint):
                tally.dropped += 1

    def unfinished(self, attempt: Attempt, ended: int) -> None:
        """Add a request that is given up at the end, sent or still waiting."""
        if self._ended(attempt, ended):
            for tally in self._tallies(attempt.endpoint):
                tally.unfinished += 1

    def _tallies(self, endpoint: int) -> tuple[Tally, ...]:
        return (self._total, self._parts[endpoint]) if self._parts else (self._total,)

    def _ended(self, attempt: Attempt, ended: int) -> bool:
        """Note what delayed a request without a right answer; whether it counts."""
        self._busy_ns += self._inside_ns(attempt, ended)
        member = self._opens <= attempt.due < self._closes
        self._warmup_failed += attempt.due < self._opens <= ended
        if member and self._open_load:
            self._delays.append(attempt)
            if len(self._delays) >= _MOST_UNFOLDED:
                self.fold()
        return member

    def _inside_ns(self, attempt: Attempt, ended: int) -> int:
        """How much of the time between its send and its end lies in the window."""
        return max(min(ended, self._closes) - max(attempt.sent, self._opens), 0) if attempt.sent else 0

    def put_away(self) -> None:
        """Do a portion of what is to be done with the buffer, so small that little can become due meanwhile."""
        if len(self.answers) > PACKED:
            self._pack()
        if self._packed > FOLDED and not self.folding:
            self.folding, self._portions = True, self._fold_answers()
        if self.folding:
            self.folding = next(self._portions, self) is not self

    def _pack(self) -> None:
        if not self.answers:
            return
        batch = np.fromiter(self.answers, np.int64, len(self.answers))
        self.answers.clear()
        self._batches.append(batch)
        self._packed += batch.size // FIELDS

    def fold(self) -> None:
        """Fold the buffers into the histograms."""
        self._pack()
        for _ in chain(self._portions, self._fold_answers()):
            pass
        self.folding = False
        if self._delays:
            self._fold_delays()
        for kind, rows in self._failed.items():
            endpoints, times = np.array(rows, dtype=np.int64).T
            self._total.failed_after(kind, times)
            for part in self._split(endpoints):
                self._parts[part].failed_after(kind, times[endpoints == part])
        self._failed.clear()

    def _fold_answers(self) -> Iterator[None]:
        batches, self._batches, self._packed = self._batches, [], 0
        if not batches:
            return
        endpoints, due, turned, sent, done = np.ascontiguousarray(np.concatenate(batches).reshape(-1, FIELDS).T)
        yield
        self._answered += due.size
        opens, closes = self._opens, self._closes
        response = done - due
        times = AnswerTimes(response, response)
        if self._open_load:
            times = AnswerTimes(done - sent, response, turned - due, sent - turned, sent - due, done - turned)
        if self._live:
            self._live.right(response)
        yield
        at, member, inside = done - opens, (due >= opens) & (due < closes), (done >= opens) & (done < closes)
        yield
        took, shares_ns = np.maximum(done - sent, 1), np.maximum(np.minimum(done, closes) - np.maximum(sent, opens), 0)
        self._busy_ns += int(shares_ns.sum())
        self._cut_ns += int(took[(shares_ns > 0) & (shares_ns < took)].sum())
        shares = shares_ns / took
        yield
        yield from _add(self._total, at, times, member, inside, shares)
        for part in self._split(endpoints):
            of = endpoints == part
            yield from _add(self._parts[part], at[of], times.of(of), member[of], inside[of], shares[of])

    def _fold_delays(self) -> None:
        rows = np.array(self._delays, dtype=np.int64)
        self._delays.clear()
        self._delay(self._total, rows)
        for part in self._split(rows[:, 0]):
            self._delay(self._parts[part], rows[rows[:, 0] == part])

    @staticmethod
    def _delay(tally: Tally, rows: npt.NDArray[np.int64]) -> None:
        _, due, turned, sent = rows.T
        left = sent > 0
        tally.delayed(turned - due, (sent - turned)[left], (sent - due)[left])

    def _split(self, endpoints: npt.NDArray[np.int64]) -> list[int]:
        return np.unique(endpoints).tolist() if self._parts else []

    def result(self, scheduled: int | None, warmup_ns: int, traffic: Traffic, engine: EngineUse) -> LoadFigures:
        """Everything, at the end.

        Args:
            scheduled: how many requests were due in the window; None under closed load, which sends as it goes.
            warmup_ns: how long the window was waited for.
            traffic: connections and bytes of the window.
            engine: the engine's own use in the window.

        Raises:
            EngineFailed: requests were lost or counted twice.
        """
        self.fold()
        ended = self._total.ended
        if scheduled is not None and scheduled != ended:
            raise EngineFailed(f"of {scheduled} requests {ended} ended: the load generator counts wrongly", "report it")
        window_ns = self._window_ns
        statuses = {endpoint.status for endpoint in self._endpoints}
        if len(statuses) > 1:
            for endpoint, part in zip(self._endpoints, self._parts, strict=True):
                if endpoint.status:
                    self._total.statuses[endpoint.status] += part.ok
        return LoadFigures(
            window_s=window_ns / 1e9,
            warmup_s=warmup_ns / 1e9,
            connects=traffic.connects,
            reconnects=traffic.reconnects,
            bytes_in=traffic.bytes_in,
            answered=self._answered,
            in_flight_mean=self._busy_ns / window_ns,
            timed_out_mean=self._timed_out_ns / window_ns,
            failed_in_window=0.0 if self._open_load else self._failed_inside,
            cut_s=self._cut_ns / 1e9,
            warmup_failed=self._warmup_failed,
            failed_outside=self._failed_outside,
            endpoints=tuple(
                EndpointResult(
                    name=endpoint.name, method=endpoint.method, path=endpoint.path, **part.counted(endpoint.status)
                )
                for endpoint, part in zip(self._endpoints, self._parts, strict=bool(self._parts))
            ),
            engine=engine,
            **self._total.counted(statuses.pop() if len(statuses) == 1 else None),
        )


def _add(
    tally: Tally,
    at_ns: npt.NDArray[np.int64],
    times: AnswerTimes,
    member: npt.NDArray[np.bool_],
    inside: npt.NDArray[np.bool_],
    shares: npt.NDArray[np.float64],
) -> Iterator[None]:
    tally.inside += float(shares.sum())
    yield from tally.right(times, member)
    count = int(np.count_nonzero(inside))
    tally.completed += count
    if count == inside.size:
        yield from tally.series.right(at_ns, times)
    elif count:
        yield from tally.series.right(at_ns[inside], times.of(inside))
