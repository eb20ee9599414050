"""What became of the answers: whether any came, whether some never came, whether counts and times agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...model.fact import Fact, fact
from ...model.load import ClosedLoad
from ...texts.catalogue import in_sentence
from ..measured_load import MeasuredLoad
from ..measured_trial import MeasuredTrial
from .finding import BY_HAND, Finding, severity

# Beyond what the window's edges explain.
LITTLE_CAUTION, LITTLE_INVALID = 0.02, 0.05
# Nine tenths of a connection for the whole window is one.
STUCK = 0.9
# With fewer answers for each connection, what happens at the window's edges is most of what is seen.
LEAST_ANSWERS, LONGER = 2, 3
# One connection in twenty without an answer is throughput that the others did not have.
STUCK_INVALID = 0.05
# A Python process that is the limit keeps a core busy; 20 % is room for its own waits between requests.
SERVER_BUSY = 0.80
# What the server did to itself: its good blocks alone would flatter it.
OWN_FAILURES = ("no-answers", "stuck-connections")

# What an idle stack uses is missing to the others: a hundredth is seen, a twentieth is what is usually compared.
IDLE_CAUTION, IDLE_INVALID = 0.01, 0.05
# The timers of an idle server use less of a core than this. What is beyond it may be work that its requests have left
# for later, which then costs the others: as with any difference, a fiftieth of what they cost in its windows is seen.
TIMERS = 0.003
LATER_CAUTION, LATER_INVALID = 0.02, 0.05

HONEST = fact("honest")
FEWER = fact("fewer-connections", by_hand=BY_HAND)
QUIET = fact("quiet")


def no_answers(measured: MeasuredLoad) -> Iterator[Finding]:
    """Nothing right came back: there is no time and no throughput to average."""
    if not measured.result.delivered:
        yield Finding("no-answers", "invalid", fact("no-answers", window_s=measured.result.window_s), BY_HAND, 1)


def less_work(measured: MeasuredTrial) -> Iterator[Finding]:
    """The answers were right, but the work behind them was not done: that is no speed."""
    if measured.result.delivered and measured.trial.failure:
        yield Finding("less-work", "invalid", less(in_sentence(measured.trial.failure)), HONEST, 1)


def less(why: Fact | str) -> Fact:
    """That a stack did less than its answers pretend, and how that is known."""
    return fact("less-work", why=why)


def stuck_connections(measured: MeasuredLoad) -> Iterator[Finding]:
    """Connections that waited in the window for an answer which did not come in time: that many the server has lost."""
    load, stuck = measured.load, measured.result.timed_out_mean
    if isinstance(load, ClosedLoad) and stuck and stuck >= STUCK:
        within = measured.window.timeout_s
        what = fact("stuck-connections", stuck=stuck, connections=load.connections, timeout_s=within)
        found = severity(stuck, STUCK_INVALID * load.connections)
        yield Finding("stuck-connections", found, what, FEWER, stuck)


def busy_idle(measured: MeasuredTrial) -> Iterator[Finding]:
    """It worked while others were loaded: they had less of the core than it has in its own windows."""
    idle, resources = measured.trial.idle, measured.trial.resources
    if idle is None or measured.trial.phase == "pilot":
        return
    later = max(idle.cpu_s - TIMERS * idle.seconds, 0.0) / resources.cpu_s if resources and resources.cpu_s else 0.0
    if idle.cores > IDLE_CAUTION or (later > LATER_CAUTION and isinstance(measured.load, ClosedLoad)):
        unfit = idle.cores > IDLE_INVALID or (later > LATER_INVALID and isinstance(measured.load, ClosedLoad))
        what = fact("busy-idle", use=idle.cores, share=later)
        yield Finding("busy-idle", "invalid" if unfit else "caution", what, fact("in-turn"), max(idle.cores, later))


def short_window(measured: MeasuredLoad) -> Iterator[Finding]:
    """Each connection had so few answers in the window that small differences do not show."""
    load, result = measured.load, measured.result
    mean_s = result.cycle_s(load.connections) if isinstance(load, ClosedLoad) else None
    if mean_s and mean_s * LEAST_ANSWERS > result.window_s / measured.windows:
        what = fact("short-window", mean_s=mean_s, window_s=measured.window.duration_s)
        longer = fact("longer", duration_s=math.ceil(LONGER * mean_s))
        yield Finding("short-window", "caution", what, longer, mean_s)


def littles_law(measured: MeasuredLoad) -> Iterator[Finding]:
    """Requests under way = rate x mean time; if not, something was counted or timed wrongly.

    The law holds exactly from idle to idle (Little 1961). In a window it is off by the requests that an edge cuts: each
    counts with a part of its time on one side and with all of it, or with the mean, on the other.
    """
    load, result = measured.load, measured.result
    mean_ns = measured.took.mean_ns()
    if not isinstance(load, ClosedLoad) or result.ok_in_window is None or mean_ns is None or result.unfinished:
        return
    if result.in_flight_mean is None or result.cut_s is None:
        return
    mean_s, under_way_s = mean_ns / 1e9, result.in_flight_mean * result.window_s
    told_s = (result.ok_in_window + result.failed_in_window) * mean_s
    # What the edges of one window miss is as often too much as too little, so that over several it grows as a root.
    edges_s = (result.cut_s + 2 * measured.windows * load.connections * mean_s) / math.sqrt(measured.windows)
    off = max(abs(told_s - under_way_s) - edges_s, 0.0) / max(under_way_s, mean_s)
    if off > LITTLE_CAUTION:
        yield Finding("littles-law", severity(off, LITTLE_INVALID), fact("littles-law", off=off), QUIET, off)


def server_not_limit(measured: MeasuredTrial) -> Iterator[Finding]:
    """At saturation the server should be busy; if not, its throughput says little about its cost."""
    resources, window = measured.trial.resources, measured.result.window_s
    if resources is None or not isinstance(measured.load, ClosedLoad):
        return
    use, cores = resources.cpu_s / window, measured.server_cores
    if use < SERVER_BUSY * cores:
        what = (
            fact("server-not-limit.cores", use=use, cores=cores)
            if cores > 1
            else fact("server-not-limit.core", use=use)
        )
        yield Finding("server-not-limit", "caution", what, fact("cpu-per-request"), 1 - use / cores)
