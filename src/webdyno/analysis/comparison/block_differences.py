"""What happened where the blocks of a run differ much, from robust spread and from what the machine was seen doing."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from ...model.block_differences import BlockDifferences, RatioWithout
from ...model.metric import METRICS, Metric
from ...model.run import Run
from ...model.trial import Phase
from ..statistics.estimates import geometric_estimate
from .analysis import StackSummary
from .looks import looks_of
from .metric_values import VALUES
from .signals import disturbed_trials
from .strays import in_table, strays
from .verdicts import Comparison, ratios, rivals

# With fewer blocks nothing is known of how they scatter.
LEAST_BLOCKS = 4
# Blocks may also differ much without any stray.
LEAST_SPREAD = 0.10


def block_differences(run: Run, baseline: StackSummary, stacks: Sequence[StackSummary]) -> BlockDifferences | None:
    """What happened; None where the blocks agree, or are too few to tell.

    A block counts as disturbed by what the machine was seen doing, whatever its figures are. The ratios without such
    blocks are shown and nothing more: no verdict may rest on what is left out after it was seen.
    """
    metric, phase = run.experiment.main_metric, _phase(run)
    logs = _logs(metric, [stack for stack in stacks if stack.valid])
    blocks = {block for block, _ in logs}
    if phase is None or len(blocks) < LEAST_BLOCKS or len({stack for _, stack in logs}) < 2:
        return None
    disturbed = tuple(disturbed_trials(run, phase))
    table = in_table(logs, {(one.block, one.stack): one.signals for one in disturbed}, baseline.notation)
    if not table.left:
        return None
    spread = math.sqrt(sum(one * one for one in table.left.values()) / len(table.left))
    found = tuple(strays(table, more_is_better=METRICS[metric].more_is_better))
    if not found and spread <= LEAST_SPREAD:
        return None
    calm = blocks - {one.block for one in disturbed}
    leave_out = disturbed and 2 * len(calm) >= len(blocks) and len(calm) >= 2
    level = looks_of(run).level
    without = [one for stack in rivals(baseline, stacks) for one in _without(metric, stack, baseline, calm, level)]
    return BlockDifferences(
        metric=metric,
        spread=spread,
        strays=found,
        disturbed=disturbed,
        without=tuple(without) if leave_out else (),
    )


def _phase(run: Run) -> Phase | None:
    """That which the main metric comes of; memory has its own reasons to differ."""
    metric = run.experiment.main_metric
    if metric == "memory":
        return None
    return "duet" if run.experiment.duet else "rate" if metric in ("p50", "p99") else "saturation"


def _logs(metric: Metric, stacks: Sequence[StackSummary]) -> dict[tuple[int, str], float]:
    return {
        (one.block, stack.notation): math.log(value)
        for stack in stacks
        for one in stack.blocks
        if (value := VALUES[metric].in_block(one))
    }


def _without(
    metric: Metric, stack: StackSummary, baseline: StackSummary, calm: Collection[int], level: float
) -> Iterator[RatioWithout]:
    both = [
        one.model_copy(update={"blocks": tuple(values for values in one.blocks if values.block in calm)})
        for one in (stack, baseline)
    ]
    whole = geometric_estimate(ratios(Comparison(metric, stack, baseline)), level)
    without = geometric_estimate(ratios(Comparison(metric, *both)), level)
    if whole and without:
        yield RatioWithout(stack=stack.notation, against=baseline.notation, whole=whole, without=without)
