"""What a stack compared with itself tells of the machine: the smallest difference that can be seen there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from ...model.floor import MarginFloor
from ...model.metric import METRICS, Metric
from ..comparison.analysis import Analysis
from ..comparison.verdicts import Comparison, ratios
from ..statistics.estimates import exp, half_width

# Fewer do not tell the scatter: of four its 95 % interval goes from 0.6 to 2.9 times what was seen.
BLOCKS_FOR_A_MARGIN = 4
# The length of comparison that the smallest difference is told for.
SPAN_S = 120.0
_DECIMALS = 4


def margin_floor(analysis: Analysis, measured_s: float, machine: str, measured: datetime) -> MarginFloor | None:
    """The smallest differences from a comparison of two equal stacks.

    Args:
        analysis: of that comparison.
        measured_s: how long it took from its pilot to its end; blocks in proportion fit into two minutes.
        machine: key of the machine.
        measured: when.

    Returns:
        For each metric that enough blocks have; None where not even the throughput has them.
    """
    found: dict[Metric, float] = {}
    blocks = 0
    for metric in METRICS:
        seen = ratios(Comparison(metric, *analysis.stacks))
        if len(seen) < BLOCKS_FOR_A_MARGIN:
            continue
        if metric == "throughput":
            blocks = len(seen)
        fitting = max(math.floor(SPAN_S / measured_s * len(seen)), BLOCKS_FOR_A_MARGIN)
        found[metric] = round(smallest_difference(seen, fitting), _DECIMALS)
    if not blocks:
        return None
    return MarginFloor(machine=machine, measured=measured, seconds=SPAN_S, blocks=blocks, differences=found)


def smallest_difference(same: Sequence[float], blocks: int) -> float:
    """The smallest relative difference whose 95 % interval over so many blocks leaves out "no difference".

    exp(t(0.975, blocks - 1) * s / sqrt(blocks)) - 1, the half-width of the interval that every verdict stands on. Since
    both stacks are the same, the true log-ratio is known to be 0: the scatter s is the root mean square about 0, in
    which a machine that prefers one of two equal stacks counts as well.

    Args:
        same: ratios of two equal stacks, one per block, at least one.
        blocks: how many blocks there will be, at least two.
    """
    logs = np.log(np.asarray(same, dtype=np.float64))
    return exp(float(half_width(float(np.sqrt(np.mean(logs**2))), blocks))) - 1
