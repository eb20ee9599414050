"""Which figures of a run lie far from where the undisturbed ones lead to expect them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median
from typing import NamedTuple

import numpy as np

from ...model.block_differences import Signal, Stray
from ..statistics.two_way import hang_together, residuals, scale

# Beyond so many robust standard deviations a value is no part of the others' scatter (Iglewicz and Hoaglin, How to
# Detect and Handle Outliers, 1993) ...
STRAY = 3.5
# ... and nearer than this it is what shared machines do at their best.
LEAST_STRAY = 0.15
# Of fewer values nobody can tell which one strays.
_LEAST_VALUES = 3

# A block and a stack.
Key = tuple[int, str]
Signals = Mapping[Key, tuple[Signal, ...]]


class Table(NamedTuple):
    """What is left of each logarithm without what undisturbed trials lead to expect.

    Attributes:
        left: by block and stack; of two stacks that of their ratio, since nobody can tell which of them strays.
        signals: of those that were disturbed; of a ratio, those of both its stacks.
        against: the stack that the ratios of two stacks are to.
        scatter: robust standard deviation of the undisturbed ones; infinite where these do not tell how the stacks
            compare.
    """

    left: Mapping[Key, float]
    signals: Signals
    against: str | None
    scatter: float

    def calm(self, part: int, key: Key) -> int:
        """How many undisturbed ones there are of the same block (part 0) or stack (part 1)."""
        return sum(other not in self.signals for other in self.left if other[part] == key[part])

    def has_signals_beside(self, key: Key) -> bool:
        """Whether others of its block or stack were disturbed."""
        return any(other in self.signals for other in self.left if other[0] == key[0] or other[1] == key[1])


def in_table(logs: Mapping[Key, float], signals: Signals, baseline: str) -> Table:
    """Compare all figures of a metric with each other; what was disturbed leads to expect nothing.

    Args:
        logs: logarithms by block and stack, of two stacks at least; some may be missing.
        signals: what was seen of those that were disturbed.
        baseline: notation.
    """
    stacks = sorted({stack for _, stack in logs})
    if len(stacks) == 2:
        return _of_two(logs, signals, *sorted(stacks, key=lambda one: one != baseline))
    return _of_several(logs, signals, stacks)


def strays(table: Table, *, more_is_better: bool) -> Iterator[Stray]:
    """The figures that lie far off, but for those that do so since others were disturbed.

    Nothing that is done to a trial makes it better. So where any trial of a block or stack was disturbed, and that may
    have been more of them than was seen, the better ones are those that were left alone.

    Args:
        table: of all figures.
        more_is_better: whether a stack wants the metric to be high.
    """
    limit = max(STRAY * table.scatter, math.log1p(LEAST_STRAY))
    for key, by in sorted(table.left.items()):
        if abs(by) <= limit:
            continue
        if table.against is None and (by > 0) == more_is_better and table.has_signals_beside(key):
            continue
        parts = (0, 1) if table.against is None else (1,)
        if key in table.signals or all(table.calm(part, key) >= _LEAST_VALUES for part in parts):
            block, stack = key
            yield Stray(
                block=block,
                stack=stack,
                against=table.against,
                factor=math.exp(by),
                signals=table.signals.get(key, ()),
            )


def _of_two(logs: Mapping[Key, float], signals: Signals, one: str, other: str) -> Table:
    ratios = {
        (block, other): log - logs[block, one]
        for (block, of), log in logs.items()
        if of == other and (block, one) in logs
    }
    seen = {
        (block, other): (*signals.get((block, other), ()), *signals.get((block, one), ()))
        for block, _ in ratios
        if (block, other) in signals or (block, one) in signals
    }
    calm = ratios.keys() - seen.keys()
    middle = median(ratios[key] for key in calm or ratios) if ratios else 0.0
    left = {key: ratio - middle for key, ratio in ratios.items()}
    return Table(left, seen, one, scale(np.array([left[key] for key in calm]), parts=1))


def _of_several(logs: Mapping[Key, float], signals: Signals, stacks: list[str]) -> Table:
    blocks = sorted({block for block, _ in logs})
    keys = [[(block, stack) for stack in stacks] for block in blocks]
    values = np.array([[logs.get(key, math.nan) for key in row] for row in keys])
    doubted = np.array([[key in signals for key in row] for row in keys])
    calm = ~doubted & ~np.isnan(values)
    left = residuals(values, doubted)
    parts = int(calm.any(axis=0).sum() + calm.any(axis=1).sum()) - 1
    by_key = zip((key for row in keys for key in row), left.flat, strict=True)
    return Table(
        {key: float(one) for key, one in by_key if not math.isnan(one)},
        {key: seen for key, seen in signals.items() if key in logs},
        None,
        scale(left[calm], parts) if hang_together(calm) else math.inf,
    )
