"""What the lab says while it works: for displays, never for results.

Each event is a value with a fixed name. `event.model_dump_json()` is its JSON form, which `read_event` reads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import UsageError
from ..model.base import Value
from ..model.fact import Fact
from ..model.load import OpenLoad
from ..model.metric import Metric
from ..model.run import Run, StackRecord
from ..model.standing import Standing
from ..model.trial import Phase, Trial
from ..model.verdict import Closing
from ..texts.catalogue import told


class SettingUp(Value):
    """An environment is looked at or made; `what` is being done for which stack, and `text` says it in words."""

    name: Literal["setting-up"] = "setting-up"
    stack: str
    text: str
    what: Fact


class StackReady(Value):
    """A stack can be started."""

    name: Literal["stack-ready"] = "stack-ready"
    record: StackRecord


class StartingDependency(Value):
    """What the workload needs beside the stacks is being started, which may take long."""

    name: Literal["starting-dependency"] = "starting-dependency"
    dependency: str


class RunStarted(Value):
    """Set-up is over, the pilot of this run begins. `remaining_s` is how long the whole may take from here."""

    name: Literal["run-started"] = "run-started"
    run_id: str
    remaining_s: float


class PilotDone(Value):
    """The plan is complete: the fixed rate (None: not measured), the number of blocks (None: as many as it takes)."""

    name: Literal["pilot-done"] = "pilot-done"
    rate: OpenLoad | None
    blocks: int | None
    remaining_s: float


class Launching(Value):
    """A fresh start of one stack. Block 0 is the pilot."""

    name: Literal["launching"] = "launching"
    block: int
    position: int
    stack: str
    remaining_s: float


class Measuring(Value):
    """A load is being applied for `seconds`, warm-ups included: to all of the stacks at once, or in turns."""

    name: Literal["measuring"] = "measuring"
    block: int
    stacks: tuple[str, ...]
    phase: Phase
    seconds: float
    remaining_s: float


class TrialDone(Value):
    """A trial has been stored."""

    name: Literal["trial-done"] = "trial-done"
    trial: Trial


class BlockDone(Value):
    """A block is over in a run that goes on until it is precise. `closings` tells how near each asked ratio is."""

    name: Literal["block-done"] = "block-done"
    block: int
    closings: tuple[Closing, ...]
    remaining_s: float


class Standings(Value):
    """What the blocks so far show, the best stack first; another block may change all of it.

    `metric` is what the ratios are of, `baseline` the stack that they refer to.
    """

    name: Literal["standings"] = "standings"
    block: int
    metric: Metric
    baseline: str
    standings: tuple[Standing, ...]


class Remark(Value):
    """Something to tell that changes no figure.

    `what` is the fact behind the text, None where it is not ours. `always`: also to those who asked for no progress.
    """

    name: Literal["remark"] = "remark"
    text: str
    what: Fact | None = None
    always: bool = False


Event = (
    SettingUp
    | StackReady
    | StartingDependency
    | RunStarted
    | PilotDone
    | Launching
    | Measuring
    | TrialDone
    | BlockDone
    | Standings
    | Remark
)
Emit = Callable[[Event], None]
# Says after each block what a run shows so far; given from outside, since the lab analyses nothing.
SoFar = Callable[[Run], Standings]


def setting_up(stack: str, what: Fact) -> SettingUp:
    """What is being done for a stack before it can be started."""
    return SettingUp(stack=stack, text=told(what), what=what)


def remark(what: Fact, *, always: bool = False) -> Remark:
    """A remark of the catalogue."""
    return Remark(text=told(what), what=what, always=always)


def read_event(text: str | bytes) -> Event:
    """The event whose JSON form this is.

    Raises:
        UsageError: it is none, or of a name that is unknown.
    """
    try:
        return _reader().validate_json(text)
    except ValidationError as error:
        raise UsageError(f"not an event: {error.errors()[0]['msg']}", "send what model_dump_json() gave") from error


@cache
def _reader() -> TypeAdapter[Event]:
    return TypeAdapter(Annotated[Event, Field(discriminator="name")])
