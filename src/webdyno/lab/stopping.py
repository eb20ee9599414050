"""How near ratios are to the precision that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.fact import Fact, fact
from ..model.verdict import Closing


def blocks_to_go(closings: Sequence[Closing]) -> int | None:
    """How many blocks it takes until all are narrow enough; None where nothing can be said yet."""
    to_go = [closing.more_blocks for closing in closings]
    known = [blocks for blocks in to_go if blocks is not None]
    return max(known) if known and len(known) == len(to_go) else None


def not_reached(done: int, closings: Sequence[Closing], precision: float) -> Fact:
    """What to say where time or blocks are used up before."""
    ratios = tuple(_still_open(closing) for closing in closings if closing.more_blocks != 0)
    return fact("not-precise", blocks=done, precision=precision, ratios=ratios or (fact("not-precise.no-ratio"),))


def _still_open(closing: Closing) -> Fact:
    metric, stack, half_width = closing.metric, closing.stack, closing.half_width
    if half_width is None:
        return fact("not-precise.no-interval", metric=metric, stack=stack)
    if not closing.more_blocks:
        return fact("not-precise.ratio", metric=metric, stack=stack, half_width=half_width)
    blocks = closing.more_blocks
    return fact("not-precise.ratio-and-blocks", metric=metric, stack=stack, half_width=half_width, more_blocks=blocks)
