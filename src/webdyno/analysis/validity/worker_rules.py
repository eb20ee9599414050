"""What became of the server's worker processes: whether all stayed, and whether they shared the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.fact import fact
from ...model.load import ClosedLoad
from ..measured_trial import MeasuredTrial
from .finding import Finding, Severity

# With half as much work again as its share, one worker is at its limit while the others could do a third more.
IMBALANCE = 1.5
# A worker with less than this part of its share hardly took part: fewer workers were measured than were asked for.
IDLE_INVALID = 0.2
# Below it a worker had next to nothing to do, and how that was shared says nothing.
LEAST_CPU_S = 0.05


def worker_lost(measured: MeasuredTrial) -> Iterator[Finding]:
    """A process that ends in the window takes requests with it, and the others do its work: another stack.

    Unless it is one that is renewed, as after so many requests: then another takes its place, and no request is lost.
    """
    resources, result = measured.trial.resources, measured.result
    if resources and resources.children_ended:
        count = resources.children_ended
        # Where windows alternate it may have taken requests with it that belong to none of them.
        renewed = resources.children_begun >= count and not result.failed and not result.failed_outside
        what = fact("worker-lost.renewed" if renewed else "worker-lost", count=count)
        yield Finding("worker-lost", "caution" if renewed else "invalid", what, fact("worker-restarts"), count)


def worker_imbalance(measured: MeasuredTrial) -> Iterator[Finding]:
    """Workers that share the work unevenly carry less than they could."""
    resources, workers, load = measured.trial.resources, measured.workers, measured.load
    if resources is None or workers < 2 or not isinstance(load, ClosedLoad):
        return
    # Any of the processes may be workers, the others helpers of the app: where some choice is even, nothing is known.
    children = resources.children_cpu_s
    choices = [children[at : at + workers] for at in range(len(children) - workers + 1)]
    busy = [used for used in choices if sum(used) >= LEAST_CPU_S * workers]
    if not busy or not all(map(_uneven, busy)):
        return
    used, mean = busy[0], sum(busy[0]) / workers
    # With fewer connections, no server could keep all of them busy.
    idle = all(map(_idle, busy)) and load.connections >= workers
    what = fact("worker-imbalance", workers=workers, share=used[0] / sum(used), fair=1 / workers)
    found: Severity = "invalid" if idle else "caution"
    yield Finding("worker-imbalance", found, what, fact("spread-connections"), used[0] / mean)


def _uneven(used: Sequence[float]) -> bool:
    """Whether workers, the one that used most first, are far from equal shares."""
    return _idle(used) or used[0] * len(used) >= IMBALANCE * sum(used)


def _idle(used: Sequence[float]) -> bool:
    return used[-1] * len(used) < IDLE_INVALID * sum(used)
