"""What became of the server's worker processes: whether all stayed, and whether they shared the work."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.load import ClosedLoad
from ..units import format_percent
from .finding import Finding
from .measured import Measured

# With half as much work again as its share, one worker is at its limit while the others could do a third more.
IMBALANCE = 1.5
# A worker with less than this part of its share hardly took part: fewer workers were measured than were asked for.
IDLE_INVALID = 0.2
# Below it a worker had next to nothing to do, and how that was shared says nothing.
LEAST_CPU_S = 0.05


def worker_lost(measured: Measured) -> Iterator[Finding]:
    """A process that ends in the window takes requests with it, and the others do its work: another stack."""
    resources = measured.trial.resources
    if resources and resources.children_ended:
        count = resources.children_ended
        what = "a process" if count == 1 else f"{count} processes"
        sentence = f"{what} of the server ended while it was measured"
        remedy = "see its output; switch off limits on requests per worker and time-outs that restart it"
        yield Finding("worker-lost", "invalid", sentence, remedy, count)


def worker_imbalance(measured: Measured) -> Iterator[Finding]:
    """Workers that share the work unevenly carry less than they could."""
    resources, workers = measured.trial.resources, measured.workers
    if resources is None or workers < 2 or not isinstance(measured.trial.load, ClosedLoad):
        return
    used = resources.children_cpu_s[:workers]
    mean = sum(used) / workers
    idle = used[-1] < IDLE_INVALID * mean if used else False
    if len(used) < workers or mean < LEAST_CPU_S or not (idle or used[0] >= IMBALANCE * mean):
        return
    share = format_percent(used[0] / sum(used))
    sentence = f"one of {workers} workers did {share} of the work, where {format_percent(1 / workers)} is its share"
    remedy = "ask over more connections (-c), or choose a server that hands connections out evenly"
    yield Finding("worker-imbalance", "invalid" if idle else "caution", sentence, remedy, used[0] / mean)
