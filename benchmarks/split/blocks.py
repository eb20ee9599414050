"""Blocks of a stack against itself in alternating windows: what each window saw, and the shares of their variance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import log
from typing import NamedTuple

import numpy as np

from webdyno.model.base import Value
from webdyno.model.trial import ShortWindow, Trial

from .nested import Array, components, jackknife, linked

# Fewer tell nothing of what lies between them.
LEAST_BLOCKS = 4
Pair = tuple[ShortWindow, ShortWindow]


class Block(Value):
    """One block of one run.

    Attributes:
        stack: which one; `burner`: beside a burner that comes and goes.
        seed, block: of the run, and its number in it.
        began: when the run did; `machine`, `revision`, `load_average`: where, of what and beside which load.
        pairs: the windows of both in each cycle.
    """

    stack: str
    burner: bool
    seed: int
    block: int
    began: datetime
    machine: str
    revision: str
    load_average: float
    pairs: tuple[Pair, ...]


Measure = Callable[[ShortWindow], float | None]


def throughput(window: ShortWindow) -> float | None:
    """Responses per second."""
    return window.delivered / window.window_s or None


def cpu_per_request(window: ShortWindow) -> float | None:
    """CPU seconds of the server for each response."""
    return window.cpu_s / window.delivered or None if window.cpu_s and window.delivered else None


def generator_per_request(window: ShortWindow) -> float | None:
    """CPU seconds of the load generator for each response."""
    return window.generator_cpu_s / window.delivered if window.generator_cpu_s and window.delivered else None


def pairs_of(trials: Sequence[Trial], stacks: tuple[str, str], blocks: Sequence[int]) -> dict[int, tuple[Pair, ...]]:
    """The windows of two stacks under the closed load, cycle by cycle, by block.

    Args:
        trials: of a run.
        stacks: notations.
        blocks: those whose trials count.
    """
    known = {(trial.block, trial.stack): trial.windows for trial in trials if trial.phase == "saturation"}
    # A stack that was left out from some cycle on has fewer.
    return {block: tuple(zip(known[block, stacks[0]], known[block, stacks[1]], strict=False)) for block in blocks}


class Shares(NamedTuple):
    """What the variance of a block's log-ratio is made of.

    Attributes:
        variance: all of it.
        starts, windows: shares of it: what the windows of a start have in common, and what each adds.
        generator: what of both goes with the load generator's waits for a core.
        speed: what goes beside that with the CPU time that a response costs the generator, which is on another core:
            how fast the machine is at that moment, and what of the generator's luck is like it.
    """

    variance: float
    starts: float
    windows: float
    generator: float
    speed: float


class Split(NamedTuple):
    """The shares with their standard errors, and what lies behind them.

    Attributes:
        blocks, cycles: how many blocks, and how many cycles they have on average.
        shares, errors: as found, and their standard errors.
        window_sd: standard deviation of the log-ratio of two windows of a cycle around that of their block.
        unpaired_sd: what that would be if they were of different moments.
    """

    blocks: int
    cycles: float
    shares: Shares
    errors: Shares
    window_sd: float
    unpaired_sd: float


def split(blocks: Sequence[Sequence[Pair]], measure: Measure) -> Split | None:
    """Split the variance of a block's log-ratio of some measure; None where there are too few blocks or windows."""
    known = [one for block in blocks if len(one := _known(block, measure)) > 1]
    found = _shares(known)
    if len(known) < LEAST_BLOCKS or found is None:
        return None
    without = [_shares([*known[:at], *known[at + 1 :]]) for at in range(len(known))]
    errors = jackknife([one for one in without if one])
    ratios = components([block[:, 0] for block in known])
    sides = [components([block[:, at] for block in known]) for at in (3, 4)]
    assert ratios
    return Split(
        blocks=len(known),
        cycles=float(np.mean([len(block) for block in known])),
        shares=found,
        errors=Shares(*errors),
        window_sd=_root(ratios.within),
        unpaired_sd=_root(sum(one.within for one in sides if one)),
    )


def _known(block: Sequence[Pair], measure: Measure) -> Array:
    """A row for each cycle that has all of it.

    Its columns: the log-ratio of the measure, the difference of the generator's waits as shares of the window, the
    log-ratio of its cost, and the logarithms of both measures.
    """
    rows = []
    for pair in block:
        first, second = (log(value) if (value := measure(one)) else None for one in pair)
        costs = [log(value) if (value := generator_per_request(one)) else None for one in pair]
        if first is not None and second is not None and costs[0] is not None and costs[1] is not None:
            waits = [(one.generator_wait_s or 0.0) / one.window_s for one in pair]
            rows.append((second - first, waits[1] - waits[0], costs[1] - costs[0], first, second))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _shares(blocks: Sequence[Array]) -> Shares | None:
    if not blocks:
        return None
    ratios = [block[:, 0] for block in blocks]
    waits, both = (linked(ratios, [block[:, 1:end] for block in blocks]) for end in (2, 3))
    if waits is None or both is None:
        return None
    sizes = [len(block) for block in blocks]
    whole, left, rest = (one.of_mean(sizes) for one in (waits.whole, waits.rest, both.rest))
    # Of equal values there is nothing to share.
    parts = np.array([both.rest.between, rest - both.rest.between, whole - left, left - rest]) / (whole or 1.0)
    return Shares(whole, *parts.tolist())


def _root(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))
