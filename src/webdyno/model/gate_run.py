"""Gate run: two sides that were measured, and the limits that they are held against."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from .base import Value
from .note import Note
from .run import Run
from .side import Side

GATE_SCHEMA: Final = 1
MOST_GATE_RUNS = 2


class GateRun(Value):
    """One gate as carried out: the document that `webdyno gate --json` prints.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from documents of other kinds.
        id: sortable and unique, from the moment when it was judged.
        judged: when the measurements were held against the limits, UTC.
        base, head: the sides.
        limits: how much worse the head may be, as given: `cpu_per_request > +5%`.
        notes: what the reader should know about the sides.
        outcome: what it came to: `passed`, `regression`, `inconclusive` or `not measured`.
        runs: the comparison, and the one that confirmed a regression.
    """

    schema_number: Annotated[Literal[1], Field(alias="schema")] = GATE_SCHEMA
    document: Literal["gate"] = "gate"
    id: str
    judged: datetime
    base: Side
    head: Side
    limits: Annotated[tuple[str, ...], Field(min_length=1)]
    notes: tuple[Note, ...]
    outcome: str
    runs: Annotated[tuple[Run, ...], Field(min_length=1, max_length=MOST_GATE_RUNS)]

    @model_validator(mode="after")
    def _check_sides(self) -> Self:
        sides = {self.base.stack, self.head.stack}
        if len(sides) < 2 or not all(sides <= set(run.experiment.stacks) for run in self.runs):
            raise ValueError("base and head are not two stacks of its runs")
        return self
