"""How near ratios are to the precision that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.verdict import Closing
from ..units import format_percent


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
