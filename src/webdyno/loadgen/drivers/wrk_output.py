"""What wrk found, read from what our script has it print, as the result of a load."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from ...errors import EngineFailed
from ...model.histogram import Histogram
from ...model.trial import DriverRecord, EngineUse, FailureKind, FailureSample, LoadFigures


class Summary(NamedTuple):
    """What wrk counted.

    Attributes:
        duration_us: from the start of its threads to the end of the last one.
        requests: responses that came, whatever their status and however late.
        bytes: received.
        connect, read, write: sockets that failed.
        status: responses of a status of 400 or more.
        timeout: responses that came later than the time-out.
    """

    duration_us: int
    requests: int
    bytes: int
    connect: int
    read: int
    write: int
    status: int
    timeout: int


class WrkReport(NamedTuple):
    """All that wrk tells of one run.

    Attributes:
        summary: its counts.
        times: what it reports: how many responses took which time, by whole microsecond.
    """

    summary: Summary
    times: Counter[int]

    @property
    def ok(self) -> int:
        """Responses in time with a status below 400; one that is both late and wrong counts as both."""
        return max(self.summary.requests - self.summary.status - self.summary.timeout, 0)


def load_result(
    report: WrkReport, connections: int, *, warmup_s: float, warmed: int, engine: EngineUse, driver: DriverRecord
) -> LoadFigures:
    """The result of a load; what wrk does not tell is left out.

    Args:
        report: of the window.
        connections: how many there were.
        warmup_s: how long the warm-up took.
        warmed: its right answers.
        engine: what wrk used in the window.
        driver: how it was called.

    Raises:
        EngineFailed: its histogram does not fit its counts.
    """
    summary, ok = report.summary, report.ok
    seen: dict[FailureKind, tuple[int, str]] = {
        "connect": (summary.connect, "connections that could not be opened"),
        "reset": (summary.read + summary.write, "connections that broke, or spoke no HTTP, before the response"),
        "status": (summary.status, "responses with a status of 400 or more"),
        "timeout": (summary.timeout, "responses that came later than the time-out"),
    }
    failures = {kind: count for kind, (count, _) in seen.items() if count}
    return LoadFigures(
        driver=driver,
        window_s=summary.duration_us / 1e6,
        warmup_s=warmup_s,
        scheduled=ok + sum(failures.values()),
        ok=ok,
        completed=ok,
        failures=failures,
        failed_in_window=float(sum(failures.values())),
        bytes_in=summary.bytes,
        answered=ok + warmed,
        service=_histogram(measured_times(report, connections)).encode(),
        failure_samples=tuple(
            FailureSample(kind=kind, detail=f"wrk counted {count:,} {what}")
            for kind, (count, what) in seen.items()
            if count
        ),
        engine=engine,
    )


def measured_times(report: WrkReport, connections: int) -> Counter[int]:
    """Take out what wrk adds to its histogram for coordinated omission before it shows it.

    It takes E = duration / (requests of a connection) for the interval that was meant, and adds to every value from
    2 E on the values that many intervals shorter: what it reports at m is what it measured at m and at m + E, m + 2 E
    and so on.

    Raises:
        EngineFailed: the report is not the number of requests, so that this wrk does something else.
    """
    summary, reported = report
    of_each = summary.requests // connections
    if not of_each:
        return reported
    interval = summary.duration_us // of_each
    raw = Counter(
        {value: count - reported[value + interval] if value > interval else count for value, count in reported.items()}
    )
    timed = summary.requests - summary.timeout
    if raw.total() != timed or min(raw.values(), default=0) < 0:
        raise EngineFailed(
            f"wrk timed {timed:,} responses, but its histogram holds {raw.total():,}: it is none that webdyno knows",
            "use wrk 4.0 to 4.2, or leave out --driver",
        )
    return raw


def _histogram(times: Counter[int]) -> Histogram:
    histogram = Histogram()
    values = np.fromiter(times.keys(), np.int64, len(times)) * 1000
    histogram.record(values, np.fromiter(times.values(), np.int64, len(times)))
    return histogram
