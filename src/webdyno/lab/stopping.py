"""When blocks that have no planned number end: once every asked ratio is precise enough, or enough at a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..model.run import Run
from ..model.verdict import Closing
from ..units import format_percent

# Says how near every asked ratio is; given from outside, since the lab analyses nothing.
Watch = Callable[[Run], Sequence[Closing]]
# Says at a planned look whether enough is known.
Decided = Callable[[Run], bool]


def blocks_to_go(closings: Sequence[Closing]) -> int | None:
    """How many blocks it takes until all are narrow enough; None where nothing can be said yet."""
    to_go = [closing.more_blocks for closing in closings]
    known = [blocks for blocks in to_go if blocks is not None]
    return max(known) if known and len(known) == len(to_go) else None


def not_reached(done: int, closings: Sequence[Closing], precision: float) -> str:
    """What to say where time or blocks are used up before."""
    open_ones = ", ".join(_told(closing) for closing in closings if closing.more_blocks != 0)
    text = f"ended after {done} blocks, before +-{format_percent(precision)} was reached"
    return f"{text}: {open_ones or 'no two stacks had a valid trial'}"


def _told(closing: Closing) -> str:
    half = "no interval" if closing.half_width is None else f"+-{format_percent(closing.half_width)}"
    about = f", about {closing.more_blocks} more blocks" if closing.more_blocks else ""
    return f"{closing.metric} of {closing.stack} {half}{about}"
