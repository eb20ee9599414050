"""Precision: how near the intervals of the asked ratios have come to the width that was asked for."""

from __future__ import annotations

import math

from ...model.run import Run
from ...model.verdict import Closing
from ..statistics.estimates import blocks_until, exp, half_width, sample
from .analyse import analyse
from .verdicts import Comparison, ratios, rivals

# Fewer blocks know their own scatter so badly that one lucky handful would end the run.
BLOCKS_TO_BE_PRECISE = 6


def closings(run: Run) -> tuple[Closing, ...]:
    """Where every asked ratio stands: each valid stack against the baseline, on each asked metric, else throughput.

    What is looked at is the width of the interval, never where it lies: ending on a difference would find one too
    often (see `docs/statistics.md`). Empty where no precision was asked for or no two stacks are valid.
    """
    precision, metrics = run.experiment.precision, run.experiment.metrics or ("throughput",)
    if precision is None:
        return ()
    analysis = analyse(run)
    baseline = analysis.stack(analysis.baseline)
    family = [Comparison(metric, stack, baseline) for metric in metrics for stack in rivals(baseline, analysis.stacks)]
    return tuple(_closing(compared, math.log1p(precision)) for compared in family)


def _closing(compared: Comparison, room: float) -> Closing:
    blocks = ratios(compared)
    half = more = None
    if len(blocks) >= 2:
        found = sample(blocks)
        half = exp(float(half_width(found.sd, found.blocks))) - 1
        more = blocks_until(found, room)
    return Closing(
        metric=compared.metric,
        stack=compared.stack.notation,
        against=compared.against.notation,
        half_width=half,
        more_blocks=None if more is None else max(more, BLOCKS_TO_BE_PRECISE - len(blocks), 0),
    )
