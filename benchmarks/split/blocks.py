"""Blocks of a stack against itself in alternating windows: what each window saw, and the shares of their variance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import log
from typing import NamedTuple

import numpy as np

from webdyno.model.base import Value
from webdyno.model.trial import ShortWindow, Trial

from .nested import Array, Components, components, jackknife, linked

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
        starts, windows, generator: shares of it: what the windows of a start have in common, what each adds, and what
            of both goes with the CPU time that the generator takes for a response and with its waits for a core.
    """

    variance: float
    starts: float
    windows: float
    generator: float


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

    Its columns: the log-ratio of the measure, that of the generator's cost, the difference of its waits as shares of
    the window, and the logarithms of both measures.
    """
    rows = []
    for pair in block:
        first, second = (log(value) if (value := measure(one)) else None for one in pair)
        costs = [log(value) if (value := generator_per_request(one)) else None for one in pair]
        if first is not None and second is not None and costs[0] is not None and costs[1] is not None:
            waits = [(one.generator_wait_s or 0.0) / one.window_s for one in pair]
            rows.append((second - first, costs[1] - costs[0], waits[1] - waits[0], first, second))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _shares(blocks: Sequence[Array]) -> Shares | None:
    found = linked([block[:, 0] for block in blocks], [block[:, 1:3] for block in blocks]) if blocks else None
    if found is None:
        return None
    sizes = [len(block) for block in blocks]
    variance, rest = found.whole.of_mean(sizes), found.rest.of_mean(sizes)
    # Of equal values there is nothing to share.
    whole = variance or 1.0
    starts = found.rest.between / whole
    windows = Components(0.0, found.rest.within).of_mean(sizes) / whole
    return Shares(variance, starts, windows, (variance - rest) / whole)


def _root(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))
