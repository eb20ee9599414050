"""Floor: the smallest differences that one machine can show, below which no margin goes there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from .base import Value
from .metric import Metric


class MarginFloor(Value):
    """What `webdyno doctor` found by comparing a stack with itself.

    Attributes:
        machine: key of the machine, of its hardware and its id.
        measured: when, UTC.
        seconds: length of the comparison that the differences hold for.
        blocks: how many blocks the scatter is known from.
        differences: for each metric the smallest relative difference that can be seen, 0.03 for 3 %.
    """

    machine: str
    measured: datetime
    seconds: float
    blocks: int
    differences: dict[Metric, Annotated[float, Field(ge=0, le=1e3)]]
