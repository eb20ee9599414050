"""What became of the answers: whether any came, whether some never came, whether counts and times agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...model.load import ClosedLoad
from ...units import format_duration, format_percent
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

HONEST = "mend the app: it must do the work for every request"
FEWER = f"{BY_HAND}; if that is answered, each connection may need a thread: fewer connections (-c) or more threads"
QUIET = "measure on a quieter machine, or longer"


def no_answers(measured: MeasuredTrial) -> Iterator[Finding]:
    """Nothing right came back: there is no time and no throughput to average."""
    if not measured.result.delivered:
        sentence = f"not one right answer came back in {format_duration(measured.result.window_s)}"
        yield Finding("no-answers", "invalid", sentence, BY_HAND, 1)


def less_work(measured: MeasuredTrial) -> Iterator[Finding]:
    """The answers were right, but the work behind them was not done: that is no speed."""
    if measured.result.delivered and measured.trial.failure:
        yield Finding("less-work", "invalid", less(measured.trial.failure), HONEST, 1)


def less(why: str) -> str:
    """That a stack did less than its answers pretend, and how that is known."""
    return f"it did less than it was asked to: {why}"


def stuck_connections(measured: MeasuredTrial) -> Iterator[Finding]:
    """Connections that waited in the window for an answer which did not come in time: that many the server has lost."""
    load, stuck = measured.trial.load, measured.result.timed_out_mean
    if isinstance(load, ClosedLoad) and stuck and stuck >= STUCK:
        within = format_duration(measured.trial.window.timeout_s)
        sentence = f"about {stuck:.0f} of {load.connections} connections waited for answers that never came in {within}"
        found = severity(stuck, STUCK_INVALID * load.connections)
        yield Finding("stuck-connections", found, sentence, FEWER, stuck)


def short_window(measured: MeasuredTrial) -> Iterator[Finding]:
    """Each connection had so few answers in the window that small differences do not show."""
    load, result = measured.trial.load, measured.result
    mean_s = result.cycle_s(load.connections) if isinstance(load, ClosedLoad) else None
    if mean_s and mean_s * LEAST_ANSWERS > result.window_s:
        shown, window = format_duration(mean_s), format_duration(measured.trial.window.duration_s)
        sentence = f"answers take {shown} on average, too long for windows of {window} to show small differences"
        remedy = f"measure longer: -d {math.ceil(LONGER * mean_s)}s"
        yield Finding("short-window", "caution", sentence, remedy, mean_s)


def littles_law(measured: MeasuredTrial) -> Iterator[Finding]:
    """Requests under way = rate x mean time; if not, something was counted or timed wrongly.

    The law holds exactly from idle to idle (Little 1961). In a window it is off by the requests that an edge cuts: each
    counts with a part of its time on one side and with all of it, or with the mean, on the other.
    """
    load, result = measured.trial.load, measured.result
    mean_ns = measured.took.mean_ns()
    if not isinstance(load, ClosedLoad) or result.ok_in_window is None or mean_ns is None or result.unfinished:
        return
    if result.in_flight_mean is None or result.cut_s is None:
        return
    mean_s, under_way_s = mean_ns / 1e9, result.in_flight_mean * result.window_s
    told_s = (result.ok_in_window + result.failed_in_window) * mean_s
    edges_s = result.cut_s + 2 * load.connections * mean_s
    off = max(abs(told_s - under_way_s) - edges_s, 0.0) / max(under_way_s, mean_s)
    if off > LITTLE_CAUTION:
        sentence = f"Little's law is off by {format_percent(off)}: counts and times do not agree"
        yield Finding("littles-law", severity(off, LITTLE_INVALID), sentence, QUIET, off)


def server_not_limit(measured: MeasuredTrial) -> Iterator[Finding]:
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
