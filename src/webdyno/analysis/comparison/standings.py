"""Standings: what the blocks of a run show while it goes on."""

from __future__ import annotations

from ...model.metric import METRICS
from ...model.run import Run
from ...model.standing import Standing
from ..statistics.estimates import geometric_estimate
from .analyse import chosen_baseline
from .analysis import StackSummary
from .summary import of_closed_load, summaries
from .verdicts import Comparison, ratios


def standings(run: Run) -> tuple[str, tuple[Standing, ...]]:
    """The baseline, and where every stack stands so far: the best first, those without a valid block last.

    The intervals are those of the blocks so far, 95 % each by itself. Whoever waits until one of them suits him errs
    more often (see `docs/statistics.md`), so nothing is called decided here.

    Raises:
        StoreError: a stored histogram is damaged.
    """
    metric = run.experiment.main_metric
    _, stacks = summaries(of_closed_load(run))
    baseline, _ = chosen_baseline(run.experiment.baseline, stacks)
    ratio = {
        stack.notation: geometric_estimate(ratios(Comparison(metric, stack, baseline)))
        for stack in stacks
        if stack is not baseline and stack.valid and baseline.valid
    }
    found = [
        Standing(stack=stack.notation, value=_value(stack, duet=run.experiment.duet), ratio=ratio.get(stack.notation))
        for stack in stacks
    ]
    sign = 1 if METRICS[metric].more_is_better else -1

    def place(one: Standing) -> tuple[bool, float]:
        value = 1.0 if one.stack == baseline.notation else one.ratio.value if one.ratio else None
        return value is None or one.value is None, -sign * (value or 0.0)

    return baseline.notation, tuple(sorted(found, key=place))


def _value(stack: StackSummary, *, duet: bool) -> float | None:
    found = stack.cpu_per_request_us if duet else stack.throughput
    return found.value if found else None
