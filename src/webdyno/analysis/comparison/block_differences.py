"""What happened where the blocks of a run differ much, from robust spread and from what the machine was seen doing."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from statistics import median

from ...model.block_differences import BlockDifferences, Disturbed, RatioWithout, Stray
from ...model.metric import Metric
from ...model.run import Run
from ...model.trial import Phase
from ..statistics.estimates import geometric_estimate
from .analysis import StackSummary
from .metric_values import VALUES
from .signals import disturbed_trials
from .verdicts import Comparison, ratios, rivals

# With fewer blocks nothing is known of how they scatter.
LEAST_BLOCKS = 4
# Beyond so many robust standard deviations a value is no part of the others' scatter (Iglewicz and Hoaglin, How to
# Detect and Handle Outliers, 1993) ...
STRAY = 3.5
# ... and nearer than this it is what shared machines do at their best. Blocks may also differ much without any stray.
LEAST_STRAY, LEAST_SPREAD = 0.15, 0.10
# Standard deviations of a normal distribution in a median absolute deviation.
_PER_MAD = 1.4826
_ROUNDS = 20

Residuals = dict[tuple[int, str], float]


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
    left = residuals(logs, baseline.notation)
    if not left:
        return None
    spread = math.sqrt(sum(one * one for one in left.values()) / len(left))
    disturbed = tuple(disturbed_trials(run, phase))
    names = sorted({stack for _, stack in logs})
    strays = tuple(_strays(left, disturbed, names if len(names) == 2 else ()))
    if not strays and spread <= LEAST_SPREAD:
        return None
    calm = blocks - {one.block for one in disturbed}
    leave_out = disturbed and 2 * len(calm) >= len(blocks) and len(calm) >= 2
    without = [one for stack in rivals(baseline, stacks) for one in _without(metric, stack, baseline, calm)]
    return BlockDifferences(
        metric=metric,
        spread=spread,
        strays=strays,
        disturbed=disturbed,
        without=tuple(without) if leave_out else (),
    )


def residuals(logs: Mapping[tuple[int, str], float], baseline: str) -> Residuals:
    """What is left of each logarithm without the part of its stack and the part of its block (Tukey's median polish).

    Of two stacks nobody can tell which of them strays: what is left is then that of their ratio, and stands for the one
    that is not the baseline.

    Args:
        logs: by block and stack; some may be missing.
        baseline: notation.
    """
    stacks = {stack for _, stack in logs}
    if len(stacks) == 2:
        (other,) = stacks - {baseline} if baseline in stacks else [max(stacks)]
        (one,) = stacks - {other}
        pairs = {
            block: log - logs[block, one] for (block, of), log in logs.items() if of == other and (block, one) in logs
        }
        middle = median(pairs.values()) if pairs else 0.0
        return {(block, other): ratio - middle for block, ratio in pairs.items()}
    left = dict(logs)
    for part in (0, 1) * _ROUNDS:
        for which in {key[part] for key in left}:
            of_it = [key for key in left if key[part] == which]
            middle = median(left[key] for key in of_it)
            left |= {key: left[key] - middle for key in of_it}
    return left


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


def _strays(left: Residuals, disturbed: Sequence[Disturbed], pair: Sequence[str]) -> Iterator[Stray]:
    scale = _PER_MAD * median(map(abs, left.values()))
    for (block, stack), by in sorted(left.items()):
        if abs(by) > max(STRAY * scale, math.log1p(LEAST_STRAY)):
            here = [one for one in disturbed if one.block == block and one.stack in (pair or (stack,))]
            against = next((other for other in pair if other != stack), None)
            yield Stray(
                block=block,
                stack=stack,
                against=against,
                factor=math.exp(by),
                signals=tuple(signal for one in here for signal in one.signals),
            )


def _without(
    metric: Metric, stack: StackSummary, baseline: StackSummary, calm: Collection[int]
) -> Iterator[RatioWithout]:
    both = [
        one.model_copy(update={"blocks": tuple(values for values in one.blocks if values.block in calm)})
        for one in (stack, baseline)
    ]
    whole = geometric_estimate(ratios(Comparison(metric, stack, baseline)))
    without = geometric_estimate(ratios(Comparison(metric, *both)))
    if whole and without:
        yield RatioWithout(stack=stack.notation, against=baseline.notation, whole=whole, without=without)
