"""What became of the answers: whether any came, whether some never came, whether counts and times agree."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.load import ClosedLoad
from ..units import format_duration, format_percent
from .finding import BY_HAND, Finding, severity
from .measured import Measured

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

HONEST = "mend the app: it must do the work for every request"
QUIET = "measure on a quieter machine, or longer"


def no_answers(measured: Measured) -> Iterator[Finding]:
    """Nothing right came back: there is no time and no throughput to average."""
    if not measured.result.completed:
        sentence = f"not one right answer came back in {format_duration(measured.result.window_s)}"
        yield Finding("no-answers", "invalid", sentence, BY_HAND, 1)


def less_work(measured: Measured) -> Iterator[Finding]:
    """The answers were right, but the work behind them was not done: that is no speed."""
    if measured.result.completed and measured.trial.failure:
        yield Finding("less-work", "invalid", less(measured.trial.failure), HONEST, 1)


def less(why: str) -> str:
    """That a stack did less than its answers pretend, and how that is known."""
    return f"it did less than it was asked to: {why}"


def stuck_connections(measured: Measured) -> Iterator[Finding]:
    """Connections that wait for an answer which never comes: that many the server has lost."""
    load, stuck = measured.trial.load, _stuck(measured)
    if isinstance(load, ClosedLoad) and stuck:
        sentence = f"about {stuck:.0f} of {load.connections} connections got no answer for the whole window"
        found = severity(stuck, STUCK_INVALID * load.connections)
        yield Finding("stuck-connections", found, sentence, BY_HAND, stuck)


def _stuck(measured: Measured) -> float:
    """Requests under way beyond those that the answers account for (L - X R); 0 below what the edges can hold.

    Users who think have no request under way, and so are none of them.
    """
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
        sentence = f"Little's law is off by {format_percent(off)}: counts and times do not agree"
        yield Finding("littles-law", severity(off, LITTLE_INVALID), sentence, QUIET, off)


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
