"""What one trial says about its own validity: pure functions with rules set before anything is measured.

A trial is left out for what the machine or the load generator did, never for how the server did: a server that was slow
in one block was slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from ..model.histogram import Histogram
from ..model.load import ClosedLoad, OpenLoad
from ..units import format_duration, format_percent, format_rate
from .measured import Measured

# Above it the generator's own queueing shows in the times: at 90 % of a core an M/D/1 queue waits 4.5 services long.
GENERATOR_CPU = 0.90
# A loop that stood still for longer has delayed sends and reads by as much.
LOOP_GAP_S = 0.05
# Under closed load nothing is sent meanwhile: the throughput is lower by this share, as much as counts as a difference.
LOOP_GAP_INVALID = 0.02
# As vegeta and wrk2 are used: a rate that is 1 % short is another rate.
RATE_SHORT = 0.01
# Lag below 1 ms is what timers cost; below a tenth of the median response time it cannot decide a comparison.
LAG_MS, LAG_SHARE = 1.0, 0.10
# A server that freezes gives the generator a burst of work when it thaws; only later than so many times that limit is
# the generator itself to blame for requests that were never sent.
GROSSLY_LATE = 10
# A new connection takes milliseconds; a wait of this length means that all connections were busy for long.
WAITED_MS = 50.0
# 1 % of stolen time can be seen in results; 5 % moves them by as much as what is usually compared.
STEAL_CAUTION, STEAL_INVALID = 1.0, 5.0
THROTTLED_CAUTION, THROTTLED_INVALID = 0.01, 0.05
# L = X R holds exactly over an idle-to-idle window (Little 1961); what is left is the window's edges.
LITTLE_CAUTION, LITTLE_INVALID = 0.02, 0.05
# The edges hold at most twice the connections; with this many answers for each they stay below the caution.
LITTLE_ANSWERS_PER_CONNECTION = 200
# Connections under way that no answer accounts for: nine tenths of one is one, less are the window's edges.
STUCK = 0.9
# One connection in twenty without an answer is throughput that the others did not have.
STUCK_INVALID = 0.05
# A Python process that is the limit keeps a core busy; 20 % is room for its own waits between requests.
SERVER_BUSY = 0.80
# What the server did to itself: its good blocks alone would flatter it.
OWN_FAILURES = ("no-answers", "stuck-connections")

FREE_CORE = "give the load generator a core of its own, or ask for less load"
BY_HAND = "run it with `webdyno serve` and ask it by hand"
QUIET = "measure on a quieter machine, or longer"
MACHINE = "use a machine with cores of its own (dedicated vCPUs), or measure at a quieter time"


class Finding(NamedTuple):
    """Something that one trial shows.

    Attributes:
        name, severity, sentence, remedy: as in `ValidityReason`.
        weight: how bad it is; of several trials with the same finding, the worst gives the sentence.
    """

    name: str
    severity: Literal["invalid", "caution"]
    sentence: str
    remedy: str
    weight: float


def findings(measured: Measured) -> list[Finding]:
    """All that one trial shows."""
    return [finding for check in _CHECKS for finding in check(measured)]


def no_answers(measured: Measured) -> Iterator[Finding]:
    """Nothing right came back: there is no time and no throughput to average."""
    if not measured.result.completed:
        sentence = f"not one right answer came back in {format_duration(measured.result.window_s)}"
        yield Finding("no-answers", "invalid", sentence, BY_HAND, 1)


def generator_limited(measured: Measured) -> Iterator[Finding]:
    """The load generator was the bottleneck, or stood still."""
    engine, window = measured.result.engine, measured.result.window_s
    use, gap = engine.cpu_s / window, engine.loop_gap_max_s
    closed = isinstance(measured.trial.load, ClosedLoad)
    if use > GENERATOR_CPU and not engine.spinning:
        sentence = f"the load generator used {format_percent(use)} of a core: it was the limit, not the server"
        yield Finding("generator-limited", "invalid", sentence, FREE_CORE, use)
    elif closed and gap > LOOP_GAP_INVALID * window:
        sentence = (
            f"the load generator stood still for {format_duration(gap)}, {format_percent(gap / window)} of the time"
        )
        yield Finding("generator-limited", "invalid", sentence, FREE_CORE, gap)
    elif gap > LOOP_GAP_S:
        sentence = f"the load generator stood still for {format_duration(gap)}"
        yield Finding("generator-limited", "caution", sentence, FREE_CORE, gap)


def late_generator(measured: Measured) -> Iterator[Finding]:
    """The load generator turned to its arrivals too late: their response times are partly its own."""
    load, late_ms = measured.trial.load, _p99_ms(measured.late)
    if isinstance(load, OpenLoad) and late_ms > _lag_allowed_ms(measured) and not _held_up(measured):
        sentence = f"the load generator was late: 1 % of the requests by more than {format_duration(late_ms / 1e3)}"
        yield Finding("lag", "invalid", sentence, FREE_CORE, late_ms)


def overloaded(measured: Measured) -> Iterator[Finding]:
    """Requests waited for a free connection: the server did not keep up. That is its result, so the trial counts."""
    load, short, lag_ms = measured.trial.load, _never_sent(measured), _p99_ms(measured.lag)
    late = _p99_ms(measured.late) > _lag_allowed_ms(measured)
    if not isinstance(load, OpenLoad) or (late and not _held_up(measured)):
        return
    if lag_ms <= WAITED_MS and short <= RATE_SHORT:
        return
    sentence = f"it did not keep up with {format_rate(load.rate)}: "
    sentence += f"1 % of the requests waited over {format_duration(lag_ms / 1e3)} for a free connection"
    if short > RATE_SHORT:
        sentence += f", {format_percent(short)} were never sent"
    yield Finding("overloaded", "caution", sentence, "ask for a lower rate with --rate", lag_ms + short)


def _p99_ms(histogram: Histogram) -> float:
    return (histogram.quantile_ns(0.99) or 0.0) / 1e6


def _lag_allowed_ms(measured: Measured) -> float:
    return max(LAG_MS, LAG_SHARE * (measured.response_ms(0.5) or 0.0))


def _held_up(measured: Measured) -> bool:
    """Requests never left, and not because the generator was busy: the server took no more."""
    grossly = _p99_ms(measured.late) > GROSSLY_LATE * _lag_allowed_ms(measured)
    return _never_sent(measured) > RATE_SHORT and not grossly


def _never_sent(measured: Measured) -> float:
    scheduled = measured.result.scheduled
    return max(1 - measured.lag.count / scheduled, 0.0) if scheduled else 0.0


def steal(measured: Measured) -> Iterator[Finding]:
    """The hypervisor gave CPU time to others."""
    resources = measured.trial.resources
    percent = resources.system.steal_percent if resources else None
    if percent is not None and percent > STEAL_CAUTION:
        severity: Literal["invalid", "caution"] = "invalid" if percent > STEAL_INVALID else "caution"
        sentence = f"the hypervisor took {format_percent(percent / 100)} of the CPU time away (steal)"
        yield Finding("steal", severity, sentence, MACHINE, percent)


def throttled(measured: Measured) -> Iterator[Finding]:
    """The control group's CPU quota ran out."""
    resources = measured.trial.resources
    seconds = resources.system.throttled_s if resources else None
    share = (seconds or 0.0) / measured.result.window_s
    if share > THROTTLED_CAUTION:
        severity: Literal["invalid", "caution"] = "invalid" if share > THROTTLED_INVALID else "caution"
        sentence = f"the CPU quota of the control group ran out for {format_percent(share)} of the time"
        yield Finding("throttled", severity, sentence, "raise the container's CPU limit", share)


def stuck_connections(measured: Measured) -> Iterator[Finding]:
    """Connections that wait for an answer which never comes: that many the server has lost."""
    load, stuck = measured.trial.load, _stuck(measured)
    if isinstance(load, ClosedLoad) and stuck:
        severity: Literal["invalid", "caution"] = "invalid" if stuck > STUCK_INVALID * load.connections else "caution"
        sentence = f"about {stuck:.0f} of {load.connections} connections got no answer for the whole window"
        yield Finding("stuck-connections", severity, sentence, BY_HAND, stuck)


def _stuck(measured: Measured) -> float:
    """Requests under way beyond those that the answers account for (L - X R); 0 below what the edges can hold."""
    load, result, mean_ns = measured.trial.load, measured.result, measured.service.mean_ns()
    timed_out = result.failures.get("timeout", 0)
    # The time that other failures took is not known, and more under way than connections is a wrong count.
    if not isinstance(load, ClosedLoad) or not mean_ns or result.failed > timed_out:
        return 0.0
    if result.in_flight_mean > load.connections * (1 + LITTLE_CAUTION):
        return 0.0
    stuck = result.in_flight_mean - result.throughput * mean_ns / 1e9
    edges = 2 * load.connections**2 / result.ok if result.unfinished + timed_out < STUCK else 0.0
    return stuck if stuck >= max(STUCK, edges) else 0.0


def littles_law(measured: Measured) -> Iterator[Finding]:
    """Requests under way = throughput x service time; if not, something was counted or timed wrongly."""
    load, result = measured.trial.load, measured.result
    mean_ns = measured.service.mean_ns()
    if not isinstance(load, ClosedLoad) or result.failed or mean_ns is None or result.in_flight_mean <= 0:
        return
    if _stuck(measured) or result.ok < LITTLE_ANSWERS_PER_CONNECTION * load.connections:
        return
    off = abs(result.throughput * mean_ns / 1e9 / result.in_flight_mean - 1)
    if off > LITTLE_CAUTION:
        severity: Literal["invalid", "caution"] = "invalid" if off > LITTLE_INVALID else "caution"
        sentence = f"Little's law is off by {format_percent(off)}: counts and times do not agree"
        yield Finding("littles-law", severity, sentence, QUIET, off)


def server_not_limit(measured: Measured) -> Iterator[Finding]:
    """At saturation the server should be busy; if not, its throughput says little about its cost."""
    resources, window = measured.trial.resources, measured.result.window_s
    if resources is None or not isinstance(measured.trial.load, ClosedLoad):
        return
    use, cores = resources.cpu_s / window, measured.server_cores
    if use < SERVER_BUSY * cores:
        of = f"{format_percent(use)} of a core" if cores == 1 else f"{use:.2g} of {cores} cores"
        sentence = f"the server used only {of} at saturation: it waited, or others had the CPU"
        remedy = "compare CPU per request; on a quiet machine, more connections, workers or threads may carry more"
        yield Finding("server-not-limit", "caution", sentence, remedy, 1 - use / cores)


_CHECKS: tuple[Callable[[Measured], Iterator[Finding]], ...] = (
    no_answers,
    generator_limited,
    late_generator,
    overloaded,
    steal,
    throttled,
    stuck_connections,
    littles_law,
    server_not_limit,
)
