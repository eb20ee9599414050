"""Blocks without a planned number: they end when all is precise, when the time is up, and never before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from webdyno.api import compare
from webdyno.errors import UsageError
from webdyno.lab.events import BlockDone, Event, Remark
from webdyno.lab.experiment import run_experiment
from webdyno.lab.question import Question
from webdyno.lab.stopping import Watch, blocks_to_go, not_reached
from webdyno.model.load import ClosedLoad, OpenLoad, Window
from webdyno.model.metric import Metric
from webdyno.model.notation import parse_notation
from webdyno.model.run import Run
from webdyno.model.verdict import Closing
from webdyno.model.workload import HELLO
from webdyno.stacks.app_settings import AppSettings

STACKS = ("bare-asgi@uvicorn", "bare-asgi@granian")


def closing(more: int | None, half: float | None = 0.05) -> Closing:
    return Closing(metric="throughput", stack="b", against="a", half_width=half, more_blocks=more)


def question(
    stacks: tuple[str, ...] = STACKS,
    precision: float | None = 0.03,
    blocks: int | None = None,
    max_time_s: float = 100.0,
    metrics: tuple[Metric, ...] = ("throughput",),
) -> Question:
    return Question(
        stacks=tuple(map(parse_notation, stacks)),
        settings=AppSettings(),
        workload=HELLO,
        saturation=ClosedLoad(connections=2),
        rate=OpenLoad(rate=50.0),
        arrivals="poisson",
        window=Window(warmup_s=0.0, duration_s=0.1),
        blocks=blocks,
        max_time_s=max_time_s,
        seed=1,
        precision=precision,
        metrics=metrics,
    )


def measured(asked: Question, watch: Watch) -> tuple[Run, list[BlockDone]]:
    seen: list[Event] = []
    run = run_experiment(asked, emit=seen.append, watch=watch)
    return run, [event for event in seen if isinstance(event, BlockDone)]


def done(run: Run) -> set[int]:
    return {trial.block for trial in run.trials if trial.block}


def test_blocks_go_on_until_every_ratio_is_precise() -> None:
    answers: Iterator[list[Closing]] = iter([[], [closing(2), closing(0)], [closing(1), closing(0)], [closing(0)] * 2])
    watched: list[int] = []

    def watch(run: Run) -> list[Closing]:
        watched.append(max(done(run)))
        return next(answers)

    run, events = measured(question(), watch)
    assert watched == [1, 2, 3, 4]
    assert done(run) == {1, 2, 3, 4}
    assert (run.state, run.experiment.blocks, run.experiment.precision) == ("complete", 4, 0.03)
    assert [event.block for event in events] == [1, 2, 3, 4]
    assert events[1].remaining_s > 0
    assert events[3].remaining_s == 0


def test_where_the_time_is_up_before_it_says_how_far_it_came() -> None:
    run, events = measured(question(max_time_s=6.0), lambda _: [closing(14, 0.042), closing(0)])
    assert run.state == "complete"
    assert run.experiment.blocks == max(done(run)) == len(events)
    assert f"ended after {len(events)} blocks, before +-3 % was reached" in run.notes[-1]
    assert "throughput of b +-4.2 %, about 14 more blocks" in run.notes[-1]


def looked(asked: Question, answers: list[bool]) -> tuple[Run, list[int], list[str]]:
    """A run that is looked at, after how many blocks it was, and what was told of it."""
    seen: list[Event] = []
    looks: list[int] = []

    def decided(run: Run) -> bool:
        looks.append(max(done(run)))
        return answers[len(looks) - 1]

    run = run_experiment(asked, emit=seen.append, decided=decided)
    return run, looks, [event.text for event in seen if isinstance(event, Remark)]


def test_a_look_that_finds_enough_ends_the_run_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webdyno.lab.schedule.looks_at", lambda blocks: (2, 3))
    run, looks, told = looked(question(precision=None), [False, True])
    assert looks == [2, 3]
    assert done(run) == {1, 2, 3}
    assert (run.state, run.experiment.blocks, run.experiment.looks) == ("complete", 3, (2, 3))
    assert told[0].startswith("after 2 blocks: not decided yet, about ")
    assert told[1] == "after 3 blocks: decided"


def test_where_no_look_finds_enough_the_time_ends_the_run_and_looks_to_come_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webdyno.lab.schedule.looks_at", lambda blocks: (2, 900))
    run, looks, _ = looked(question(precision=None, max_time_s=6.0), [False])
    assert run.state == "complete"
    assert not any("stopped" in note for note in run.notes)
    assert run.experiment.blocks == max(done(run))
    # A busy machine may have time for two blocks only, and then the look was the end.
    assert looks == [2]
    assert run.experiment.looks == ((2,) if max(done(run)) > 2 else ())


def test_only_one_thing_says_when_to_end() -> None:
    with pytest.raises(UsageError, match="all say when to end"):
        compare(STACKS, blocks=3, decided=lambda run: True)


def test_without_a_precision_nobody_looks() -> None:
    run, events = measured(question(precision=None, blocks=1), lambda run: pytest.fail("it was watched"))
    assert done(run) == {1}
    assert events == []


def test_the_blocks_to_go_are_those_of_the_slowest_ratio() -> None:
    assert blocks_to_go([closing(0), closing(7), closing(2)]) == 7
    assert blocks_to_go([closing(0), closing(0)]) == 0
    assert blocks_to_go([closing(0), closing(None)]) is None
    assert blocks_to_go([]) is None


def test_only_what_is_not_yet_precise_is_told() -> None:
    text = not_reached(9, [closing(0, 0.01), closing(None, None), closing(None, 0.4)], 0.03)
    assert text.endswith(": throughput of b no interval, throughput of b +-40 %")
    assert not_reached(9, [], 0.03).endswith(": no two stacks had a valid trial")


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"precision": 0.03, "blocks": 6}, "both say when to end"),
        ({"stacks": STACKS[:1]}, "one stack only"),
    ],
)
def test_a_precision_that_cannot_be_had_is_refused(asked: dict[str, object], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        question(**asked)  # type: ignore[arg-type]
