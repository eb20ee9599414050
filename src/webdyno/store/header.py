"""The header of a run: what a list of runs shows."""

from __future__ import annotations

from datetime import datetime

from ..model.base import Value
from ..model.run import RunState


class RunHeader(Value):
    """One stored run.

    Attributes:
        id: by which it is loaded.
        state: as stored, but `interrupted` where the process that measured it died.
        started: UTC.
        measured_s: seconds from the pilot's start to the end; 0 where it was never written down.
        stacks: notations.
        trials: how many are stored.
    """

    id: str
    state: RunState
    started: datetime
    measured_s: float
    stacks: tuple[str, ...]
    trials: int
