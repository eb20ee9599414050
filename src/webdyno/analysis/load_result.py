"""What one load says: its times, whether it may be believed, and whether it met its thresholds."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Literal

from ..model.base import Value
from ..model.histogram import Histogram
from ..model.load import OpenLoad
from ..model.load_run import LoadRun
from ..model.trial import ResourceUse, Trial
from ..units import format_percent
from .checks import findings
from .errors import count_errors, main_cause
from .measured import Measured
from .percentiles import censored, quantile_ms, samples_needed
from .results import ErrorCounts, ValidityReason
from .thresholds import Threshold
from .validity import RECONNECTS_SHOWN

Kind = Literal["response time", "service time"]
QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}


class Latency(Value):
    """The reported time in milliseconds; a figure is None where too few samples bound it.

    Attributes:
        kind: `response time` (open load, from the intended moment) or `service time` (closed load, from the send).
        count: right answers.
        unanswered: requests that rank above every answered one: timed out, and under open load dropped or unfinished.
        p50, p75, p90, p95, p99, p999: percentiles; None as well where they fall among the unanswered.
        max, mean: None where something was unanswered.
    """

    kind: Kind
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


class Lag(Value):
    """Intended moment to send in milliseconds, every request that was sent; None where none was.

    Attributes:
        p50, p99, max: of the whole lag.
        late_p99: of its part that is the generator's own; the rest was spent waiting for a free connection.
    """

    p50: float | None
    p99: float | None
    max: float | None
    late_p99: float | None


class ThresholdOutcome(Value):
    """A threshold held against a load.

    Attributes:
        text: as the user wrote it.
        value: as text with its unit; empty where it is not known.
        met: False also where it cannot be known.
        why: why it is not known; empty where it is.
    """

    text: str
    value: str
    met: bool
    why: str = ""


class LoadAnalysis(Value):
    """All that may be said about one load.

    Attributes:
        valid: False where a reason is `invalid`: something other than the server decided the figures.
        throughput: right answers per second.
        latency: the reported time; `lag`: how late requests were sent.
        errors: what went wrong.
        reasons: why it is not valid, or needs care, each with what to do.
        thresholds: each with its value.
    """

    valid: bool
    throughput: float
    latency: Latency
    lag: Lag
    errors: ErrorCounts
    reasons: tuple[ValidityReason, ...]
    thresholds: tuple[ThresholdOutcome, ...] = ()


def analyse_load(run: LoadRun, thresholds: Sequence[Threshold] = ()) -> LoadAnalysis:
    """Derive everything that is told about one load.

    Raises:
        StoreError: a histogram of the run is damaged.
    """
    measured = _measured(run)
    latency = _latency(run, reported(measured))
    reasons = (*_reasons(run, measured), *_about_samples(latency))
    return LoadAnalysis(
        valid=all(reason.severity != "invalid" for reason in reasons),
        throughput=run.result.throughput,
        latency=latency,
        lag=Lag(
            p50=_plain_ms(measured.lag, 0.5),
            p99=_plain_ms(measured.lag, 0.99),
            max=_plain_ms(measured.lag, 1.0),
            late_p99=_plain_ms(measured.late, 0.99),
        ),
        errors=count_errors([run.result]),
        reasons=reasons,
        thresholds=tuple(_outcome(threshold, run, reported(measured)) for threshold in thresholds),
    )


def times_of(run: LoadRun) -> Histogram:
    """The histogram of the reported time, nanoseconds.

    Raises:
        StoreError: it is damaged.
    """
    return reported(_measured(run))


def kind_of(run: LoadRun) -> Kind:
    """What is reported under this load."""
    return "response time" if isinstance(run.load, OpenLoad) else "service time"


def unanswered(run: LoadRun) -> int:
    """Requests that are known to be slower than every answered one."""
    # A closed load always ends with requests under way: they say nothing about slowness.
    return censored(run.result) if kind_of(run) == "response time" else run.result.failures.get("timeout", 0)


def reported(measured: Measured) -> Histogram:
    """The reported time: response time under open, service time under closed load."""
    return measured.response if isinstance(measured.trial.load, OpenLoad) else measured.service


def _measured(run: LoadRun) -> Measured:
    # The rules are those of a comparison's trials; of the server's processes nothing is known.
    resources = ResourceUse(cpu_s=0, samples=(), system=run.system) if run.system else None
    trial = Trial(
        block=1,
        position=0,
        stack=run.url,
        phase="rate" if isinstance(run.load, OpenLoad) else "saturation",
        started=run.started,
        load=run.load,
        window=run.window,
        result=run.result,
        resources=resources,
    )
    return Measured(trial, run.result)


def _latency(run: LoadRun, times: Histogram) -> Latency:
    beyond = unanswered(run)
    mean = times.mean_ns()
    return Latency(
        kind=kind_of(run),
        count=times.count,
        unanswered=beyond,
        max=None if beyond else _plain_ms(times, 1.0),
        mean=None if beyond or mean is None else mean / 1e6,
        **{name: quantile_ms(times, q, beyond, samples_needed(q)) for name, q in QUANTILES.items()},
    )


def _plain_ms(histogram: Histogram, q: float) -> float | None:
    value = histogram.quantile_ns(q)
    return None if value is None else value / 1e6


def _reasons(run: LoadRun, measured: Measured) -> Iterator[ValidityReason]:
    by_hand = f"ask it by hand: curl -i {shlex.quote(run.url)}"
    for finding in findings(measured):
        if finding.name == "server-not-limit":
            continue
        yield ValidityReason(
            name=finding.name,
            severity=finding.severity,
            sentence=finding.sentence,
            remedy=by_hand if finding.name == "no-answers" else finding.remedy,
        )
    errors = count_errors([run.result])
    if errors.failed:
        cause = main_cause(errors, run.expected_status)
        sentence = f"{format_percent(errors.rate)} of the requests failed ({errors.failed:,}): {cause}"
        yield _caution("errors", sentence, f"find the cause first: {by_hand}")
    reconnects = run.result.reconnects / max(errors.requests, 1)
    if reconnects > RECONNECTS_SHOWN:
        sentence = f"{format_percent(min(reconnects, 1.0))} of the requests needed a new connection"
        yield _caution("reconnects", sentence, "see why the server closes them: its keep-alive settings")


def _about_samples(latency: Latency) -> Iterator[ValidityReason]:
    needed = samples_needed(0.99)
    if latency.p99 is not None or not latency.count:
        return
    if latency.count + latency.unanswered < needed:
        sentence = f"no p99: {latency.count:,} answers, it needs {needed:,}"
        yield _caution("few-samples", sentence, "measure longer: --duration")
    else:
        sentence = "no p99: more than 1 % of the requests had no answer in time"
        yield _caution("beyond-timeout", sentence, "ask for less load, or give a longer --timeout")


def _caution(name: str, sentence: str, remedy: str) -> ValidityReason:
    return ValidityReason(name=name, severity="caution", sentence=sentence, remedy=remedy)


def _outcome(threshold: Threshold, run: LoadRun, times: Histogram) -> ThresholdOutcome:
    known = _value(threshold, run, times)
    if isinstance(known, str):
        return ThresholdOutcome(text=threshold.text, value="", met=False, why=known)
    return ThresholdOutcome(text=threshold.text, value=threshold.show(known), met=threshold.holds(known))


def _value(threshold: Threshold, run: LoadRun, times: Histogram) -> float | str:
    """The value in the threshold's unit, or why it is not known."""
    if threshold.metric == "rate":
        return run.result.throughput
    if threshold.metric == "errors":
        errors = count_errors([run.result])
        return errors.rate if threshold.unit == "share" else errors.failed
    beyond = unanswered(run)
    total = times.count + beyond
    q = threshold.quantile
    if not times.count:
        return "there was no right answer"
    if q is None:
        value = times.mean_ns() if threshold.metric == "mean" else times.quantile_ns(1.0)
        return f"{beyond:,} requests had no answer in time" if beyond or value is None else value / 1e9
    if total < samples_needed(q):
        return f"{times.count:,} answers, it needs {samples_needed(q):,}"
    value_ms = quantile_ms(times, q, beyond, samples_needed(q))
    return "it lies among the requests without an answer in time" if value_ms is None else value_ms / 1e3
