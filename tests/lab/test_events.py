"""Events, as a page in a browser would get them."""

import json
from typing import get_args

import pytest

from tests.factories import make_run
from webdyno.errors import UsageError
from webdyno.lab.events import (
    BlockDone,
    Event,
    Launching,
    Measuring,
    PilotDone,
    Remark,
    RunStarted,
    StackReady,
    Standings,
    StartingDependency,
    TrialDone,
    read_event,
    setting_up,
)
from webdyno.model.fact import fact
from webdyno.model.load import OpenLoad
from webdyno.model.standing import Standing
from webdyno.model.verdict import Closing, Estimate, Interval

RUN = make_run()
EVENTS: list[Event] = [
    setting_up("flask", fact("setting-up.environment")),
    StackReady(record=RUN.stacks[0]),
    StartingDependency(dependency="upstream"),
    RunStarted(run_id=RUN.id, remaining_s=150.0),
    PilotDone(rate=OpenLoad(rate=500), blocks=None, remaining_s=140.0),
    Launching(block=1, position=0, stack="flask", remaining_s=130.0),
    Measuring(block=1, stacks=("flask",), phase="rate", seconds=1.3, remaining_s=-0.5),
    TrialDone(trial=RUN.trials[0]),
    BlockDone(
        block=6,
        closings=(Closing(metric="p99", stack="flask", against="quart", half_width=None, more_blocks=None),),
        remaining_s=9.0,
    ),
    Standings(
        block=2,
        metric="throughput",
        baseline="flask",
        standings=(
            Standing(
                stack="quart",
                value=900.0,
                ratio=Estimate(value=1.2, interval=Interval(low=0.8, high=1.8), blocks=2),
            ),
            Standing(stack="flask", value=700.0),
        ),
    ),
    Remark(text="not decided yet", always=True),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    text = event.model_dump_json()
    assert json.loads(text)["name"] == event.name
    assert read_event(text) == event
    assert type(read_event(text.encode())) is type(event)


def test_every_event_has_a_name_of_its_own_and_is_tried_here() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert len({event.name for event in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "unheard-of"}', '{"name": "remark", "text": 1}', "\x00"])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an event"):
        read_event(text)
