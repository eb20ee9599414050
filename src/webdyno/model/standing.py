"""Standing: where a stack stands while its run goes on."""

from __future__ import annotations

from .base import Figure
from .verdict import Estimate


class Standing(Figure):
    """What the blocks so far show of one stack; nothing of it is final.

    Attributes:
        stack: notation.
        value: successful responses per second at saturation, in a duet microseconds of server CPU per response; None
            where no block is valid.
        ratio: of the run's main metric to the baseline, over the blocks that are valid for both, without an interval
            below two; None of the baseline itself, and where there is no such block.
    """

    stack: str
    value: float | None
    ratio: Estimate | None = None
