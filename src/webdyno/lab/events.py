"""What the lab says while it works: for progress displays, never for results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model.load import OpenLoad
from ..model.run import Run, StackRecord
from ..model.trial import Phase, Trial
from ..model.verdict import Closing


@dataclass(frozen=True)
class SettingUp:
    """An environment is looked at or made; `text` says what is being done for which stack."""

    stack: str
    text: str


@dataclass(frozen=True)
class StackReady:
    """A stack can be started."""

    record: StackRecord


@dataclass(frozen=True)
class RunStarted:
    """Set-up is over, the pilot begins. `remaining_s` is how long the whole may take from here."""

    run: Run
    remaining_s: float


@dataclass(frozen=True)
class PilotDone:
    """The plan is complete: the common rate (None: not measured), the number of blocks (None: as many as it takes)."""

    rate: OpenLoad | None
    blocks: int | None
    remaining_s: float


@dataclass(frozen=True)
class Launching:
    """A fresh start of one stack. Block 0 is the pilot."""

    block: int
    position: int
    stack: str
    remaining_s: float


@dataclass(frozen=True)
class Measuring:
    """A load is being applied for `seconds`, warm-up included."""

    block: int
    stack: str
    phase: Phase
    seconds: float
    remaining_s: float


@dataclass(frozen=True)
class TrialDone:
    """A trial has been stored."""

    trial: Trial


@dataclass(frozen=True)
class BlockDone:
    """A block is over in a run that goes on until it is precise. `closings` tells how near each asked ratio is."""

    block: int
    closings: tuple[Closing, ...]
    remaining_s: float


@dataclass(frozen=True)
class Remark:
    """Something to tell that changes no figure; `always`: also to those who asked for no progress."""

    text: str
    always: bool = False


Event = SettingUp | StackReady | RunStarted | PilotDone | Launching | Measuring | TrialDone | BlockDone | Remark
Emit = Callable[[Event], None]
