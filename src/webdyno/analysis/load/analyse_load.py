"""What one load says: its times, whether it may be believed, and whether it met its thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.base import Figure
from ...model.histogram import Histogram
from ...model.load import TimeKind
from ...model.load_run import LoadRun
from ...model.trial import Counted, EndpointResult, FailureKind
from ...units import printable
from ..failure_counts import ErrorCounts, count_errors
from ..measured_load import MeasuredLoad, decoded
from ..statistics.percentiles import Times, censored
from ..validity.reason import ValidityReason
from .reasons import load_reasons, sample_reasons
from .threshold import Threshold
from .threshold_outcome import ThresholdOutcome, outcome

QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}


class Latency(Figure):
    """The reported time in milliseconds; a figure is None where too few samples bound it.

    Attributes:
        kind: `response time` (open load, from the intended moment) or `service time` (closed load, from the send).
        count: successful responses.
        unanswered: requests that rank above every answered one: timed out, and under open load dropped or unfinished.
        p50, p75, p90, p95, p99, p999: percentiles; None as well where they fall among the unanswered.
        max, mean: None where something was unanswered.
    """

    kind: TimeKind
    count: int
    unanswered: int
    p50: float | None
    p75: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    p999: float | None
    max: float | None
    mean: float | None


class Lag(Figure):
    """Intended moment to send in milliseconds, every request that was sent; None where none was, or it is not told.

    Attributes:
        p50, p99, max: of the whole lag.
        late_p99: of its part that is the generator's own.
        waited_p99: of the rest, spent waiting for a free connection; None in results of older versions as well.
    """

    p50: float | None
    p99: float | None
    max: float | None
    late_p99: float | None
    waited_p99: float | None


class FailedTimes(Figure):
    """How long failed requests of one kind took in milliseconds, from the intended moment; None for too few of them.

    Attributes:
        kind: as in `LoadFigures.failures`; what timed out would have taken longer than this.
        count: how many were timed.
        p50, p99: percentiles.
    """

    kind: FailureKind
    count: int
    p50: float | None
    p99: float | None


class Endpoint(Figure):
    """One endpoint of a scenario.

    Attributes:
        name: of its step; method, path: its request, as written.
        requests: all that were due: right, failed, dropped or unfinished.
        ok: successful responses; failures: failed requests by kind; dropped, unfinished: as in `LoadFigures`.
        throughput: successful responses per second.
        latency: the reported time, of the same kind as that of the whole load.
        failed: times of its failed requests.
    """

    name: str
    method: str
    path: str
    requests: int
    ok: int
    failures: dict[FailureKind, int]
    dropped: int
    unfinished: int | None
    throughput: float
    latency: Latency
    failed: tuple[FailedTimes, ...]


class LoadAnalysis(Figure):
    """All that may be said about one load.

    Attributes:
        valid: False where a reason is `invalid`: something other than the server decided the figures.
        throughput: successful responses per second.
        latency: the reported time; `lag`: how late requests were sent.
        errors: what went wrong; failed: how long that took, by kind.
        endpoints: the same for each step of a scenario, in their order; empty where there is but one request.
        reasons: why it is not valid, or needs care, each with what to do.
        thresholds: each with its value.
    """

    valid: bool
    throughput: float
    latency: Latency
    lag: Lag
    errors: ErrorCounts
    failed: tuple[FailedTimes, ...]
    endpoints: tuple[Endpoint, ...]
    reasons: tuple[ValidityReason, ...]
    thresholds: tuple[ThresholdOutcome, ...] = ()


def analyse_load(run: LoadRun, thresholds: Sequence[Threshold] = ()) -> LoadAnalysis:
    """Derive everything that is told about one load.

    Raises:
        StoreError: a histogram of the run is damaged.
    """
    measured = measured_load(run)
    times, result = measured.times, run.result
    latency = _latency(times)
    reasons = (*load_reasons(run, measured), *sample_reasons(times))
    return LoadAnalysis(
        valid=all(reason.severity != "invalid" for reason in reasons),
        throughput=result.throughput,
        latency=latency,
        lag=Lag(
            p50=_plain_ms(measured.lag, 0.5),
            p99=_plain_ms(measured.lag, 0.99),
            max=_plain_ms(measured.lag, 1.0),
            late_p99=_plain_ms(measured.late, 0.99),
            waited_p99=_plain_ms(measured.waited, 0.99),
        ),
        errors=count_errors([result]),
        failed=tuple(_failed(result, "the load")),
        endpoints=tuple(_endpoint(run, endpoint) for endpoint in result.endpoints),
        reasons=reasons,
        thresholds=tuple(outcome(threshold, result, times) for threshold in thresholds),
    )


def measured_load(run: LoadRun) -> MeasuredLoad:
    """The load as it is judged."""
    return MeasuredLoad(run.load, run.window, run.result, run.system)


def _latency(times: Times) -> Latency:
    return Latency(
        kind=times.kind,
        count=times.answered.count,
        unanswered=times.censored,
        max=times.max_ms,
        mean=times.mean_ms,
        **{name: times.shown_ms(q) for name, q in QUANTILES.items()},
    )


def _endpoint(run: LoadRun, endpoint: EndpointResult) -> Endpoint:
    name, kind = f"the endpoint {printable(endpoint.name)}", run.load.reports
    encoded = endpoint.response if kind == "response time" else endpoint.service
    times = Times(kind, decoded(encoded, f"the histogram of {name}"), censored(kind, endpoint))
    return Endpoint(
        name=endpoint.name,
        method=endpoint.method,
        path=endpoint.path,
        requests=endpoint.scheduled,
        ok=endpoint.ok,
        failures=endpoint.failures,
        dropped=endpoint.dropped,
        unfinished=endpoint.unfinished,
        throughput=endpoint.delivered / run.result.window_s,
        latency=_latency(times),
        failed=tuple(_failed(endpoint, name)),
    )


def _failed(counted: Counted, of: str) -> Iterator[FailedTimes]:
    for kind, encoded in counted.failed_response.items():
        times = Times("response time", decoded(encoded, f"the histogram of the {kind} failures of {of}"), 0)
        if count := times.answered.count:
            yield FailedTimes(kind=kind, count=count, p50=times.shown_ms(0.5), p99=times.shown_ms(0.99))


def _plain_ms(histogram: Histogram | None, q: float) -> float | None:
    value = histogram.quantile_ns(q) if histogram else None
    return None if value is None else value / 1e6
