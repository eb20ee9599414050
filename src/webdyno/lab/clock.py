"""The time of a run: how much of it is left, and how much a fresh start takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# Of the time limit, for blocks that take longer than the pilot led to expect and for telling the results.
RESERVED_SHARE = 0.05


class Room(NamedTuple):
    """What is left for blocks.

    Attributes:
        left_s: seconds until the time limit, less the reserve.
        block_s: seconds that a block takes, as far as is known.
    """

    left_s: float
    block_s: float

    @property
    def blocks(self) -> int:
        """How many blocks fit."""
        return max(int(self.left_s / self.block_s), 0)


class Clock:
    """Keeps the time limit, and learns what fresh starts take beside their windows.

    Args:
        limit_s: seconds after set-up.
        elapsed_s: seconds since the pilot began.
    """

    def __init__(self, limit_s: float, elapsed_s: Callable[[], float]) -> None:
        self.elapsed_s = elapsed_s
        self._limit_s = limit_s
        self._overhead_s: dict[frozenset[str], float] = {}

    def pilot_left_s(self) -> float:
        """Seconds until the time limit."""
        return self._limit_s - self.elapsed_s()

    def left_s(self) -> float:
        """Seconds until the time limit, less the reserve."""
        return self._limit_s * (1 - RESERVED_SHARE) - self.elapsed_s()

    def learn(self, group: Sequence[str], took_s: float, windows_s: float) -> None:
        """Take in how long a fresh start of these stacks took, and how much of it its windows were."""
        self._overhead_s[frozenset(group)] = max(0.0, took_s - windows_s)

    def start_s(self, group: Sequence[str], windows_s: float) -> float:
        """How long a fresh start of these stacks will take with such windows."""
        # Before stacks were started together, each is known alone.
        known = self._overhead_s.get(frozenset(group))
        alone = known if known is not None else sum(self._overhead_s[frozenset([notation])] for notation in group)
        return alone + windows_s
