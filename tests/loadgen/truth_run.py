"""One run of the engine with everything needed to hold it against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.known import known
from webdyno.analysis.measured_load import MeasuredLoad
from webdyno.analysis.validity.finding import Severity
from webdyno.analysis.validity.findings import findings_of_load
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, LoadJob, WindowOpened
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad
from webdyno.model.trial import LoadFigures

from .conftest import make_job
from .schedule import whole_schedule
from .truth_server import Log, Plan, TruthServer

Moments = npt.NDArray[np.float64]
# AnswerTimes are known to 0.1 %: half of it to either side.
BUCKET = 0.0005


class Seen(NamedTuple):
    """What the engine reports, and what was.

    Attributes:
        job, result: the run.
        due: the intended moments by the schedule, seconds on the monotonic clock; empty under closed load.
        opens: when the window opened.
        log: what the server did.
    """

    job: LoadJob
    result: LoadFigures
    due: Moments
    opens: float
    log: Log

    @property
    def waits(self) -> Moments:
        """Intended moment until the answer left, of each request; right where the server answers in turn."""
        return np.sort(self.log.left) - self.due

    def flags(self, *severities: Severity) -> set[str]:
        """The reasons for which the analysis leaves this run out, or wants care, as asked."""
        measured = MeasuredLoad(self.job.load, self.job.window, self.result, None)
        return {finding.name for finding in findings_of_load(measured) if finding.severity in severities}


def run(
    generator: LoadGenerator, plan: Plan, make: Callable[[int], LoadJob], on_open: Callable[[], None] = lambda: None
) -> Seen:
    """Do the job that `make` gives for the server's port."""
    opened: list[float] = []

    def note(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            opened.append(event.at)
            on_open()

    with TruthServer(plan) as server:
        job = make(server.port)
        result = generator.run(job, note)
        log = server.stop()
    assert result.scheduled == result.ok + result.failed + result.dropped + known(result.unfinished)
    due = np.empty(0)
    if isinstance(job.load, OpenLoad):
        assert job.window.warmup_s == 0
        due = opened[0] + whole_schedule(job.load, job.window.duration_s, job.seed) / 1e9
    return Seen(job, result, due, opened[0], log)


def open_job(load: OpenLoad, seconds: float, *, seed: int = 1) -> Callable[[int], LoadJob]:
    return lambda port: make_job(port, load, seconds=seconds, seed=seed)


def quantile_s(encoded: str, q: float) -> float:
    value = Histogram.decode(encoded).quantile_ns(q)
    assert value is not None
    return value / 1e9


def mean_s(encoded: str) -> float:
    value = Histogram.decode(encoded).mean_ns()
    assert value is not None
    return value / 1e9


def nearest_rank(values: Moments, q: float) -> float:
    return float(np.quantile(values, q, method="inverted_cdf"))
