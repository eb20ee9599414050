"""What to do next, decided from seeds, times and figures alone."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

LEAST_BLOCKS = 2
MOST_PLANNED_BLOCKS = 30
# Earlier than this a lucky handful of blocks would end the run.
FIRST_LOOK = 6
LOOKS_AT = (1 / 3, 2 / 3)
# After how many blocks a quick run is looked at, as far as they fit: two know their own scatter too badly to be worth a
# share of what may go wrong, and later ones add little to the one before.
QUICK_LOOKS = (3, 4, 6, 8, 12, 16, 24)
# How much more is known before it is looked at again.
LOOK_AGAIN = 1.5


def block_order(stacks: Sequence[str], block: int, seed: int) -> list[str]:
    """The random order of the stacks in one block, the same for the same seed."""
    order = list(stacks)
    random.Random(f"order {seed} {block}").shuffle(order)
    return order


def hash_seed(stack: str, block: int, seed: int) -> int:
    """PYTHONHASHSEED of one fresh start: differs from block to block, so that no lucky hash layout decides."""
    return random.Random(f"hash {seed} {block} {stack}").randrange(2**32)


def arrival_seed(block: int, cycle: int, seed: int) -> int:
    """Seed of the arrivals in one cycle of a block: the same for every stack, so that all get the same schedule."""
    return random.Random(f"arrivals {seed} {block} {cycle}").randrange(2**63)


def window_order(stacks: int, block: int, phase: str, cycle: int, seed: int) -> list[int]:
    """The places of a block's stacks in the random order in which a cycle goes through them."""
    order = list(range(stacks))
    random.Random(f"windows {seed} {block} {phase} {cycle}").shuffle(order)
    return order


def stretch(block: int, phase: str, cycle: int, seed: int) -> float:
    """How many times as long as at least the warm-up of a window is that is taken up again, 1 to 2, the same for all.

    What a process does after so many requests, such as a collection of garbage, would else fall at the same place of
    the windows of every block.
    """
    return random.Random(f"stretch {seed} {block} {phase} {cycle}").uniform(1, 2)


def fixed_rate(pilot_throughputs: Sequence[float]) -> float | None:
    """Half of what the slowest stack carried, rounded down to two digits; None where there is none to go by."""
    half = min(pilot_throughputs, default=0.0) / 2
    if half <= 0:
        return None
    unit = 10.0 ** (math.floor(math.log10(half)) - 1)
    return round(math.floor(half / unit + 1e-9) * unit, 6)


def blocks_that_fit(remaining_s: float, block_s: float) -> int:
    """How many blocks of `block_s` seconds fit into the remaining time, within sensible bounds."""
    return max(LEAST_BLOCKS, min(MOST_PLANNED_BLOCKS, int(remaining_s / block_s)))


def looks_at(blocks: int) -> tuple[int, ...]:
    """After how many blocks it is looked at whether fewer than these are enough: few moments, fixed beforehand."""
    looks = (round(share * blocks) for share in LOOKS_AT)
    return tuple(look for look in looks if FIRST_LOOK <= look < blocks)


def quick_looks(blocks: int) -> tuple[int, ...]:
    """After how many blocks a quick run is looked at whether the order of its stacks is known: last when time is up."""
    last = max(blocks, LEAST_BLOCKS)
    return (*(look for look in QUICK_LOOKS if look < last), last)


def next_look(seen: int) -> int:
    """After how many blocks a run that was looked at is looked at again, whatever was seen."""
    return max(math.ceil(LOOK_AGAIN * seen), seen + 1)
