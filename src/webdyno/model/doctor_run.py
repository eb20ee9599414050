"""Doctor run: what was seen of a machine, and the comparison of a stack with itself on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from .base import Value
from .machine import MachineFacts
from .run import Run

DOCTOR_SCHEMA: Final = 1


class DoctorRun(Value):
    """One look at a machine: the document that `webdyno doctor --json` prints.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from documents of other kinds.
        id: sortable and unique, from the moment of the look.
        started: when the machine was looked at, UTC.
        machine: key of the machine, by which its floor is kept.
        facts: what was read.
        comparison: a stack compared with itself; None where it was left out.
    """

    schema_number: Annotated[Literal[1], Field(alias="schema")] = DOCTOR_SCHEMA
    document: Literal["doctor"] = "doctor"
    id: str
    started: datetime
    machine: Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
    facts: MachineFacts
    comparison: Run | None = None
