"""The pilot, whose figures decide who takes part, the rate and the windows of the whole run."""

from __future__ import annotations

import pytest

from tests.lab.bench import STACKS, FakeBench, on_stage, question
from webdyno.lab.designs.table import ALTERNATING
from webdyno.lab.ending import Planned
from webdyno.lab.events import PilotDone
from webdyno.model.load import Window

FAST, SLOW = STACKS


def test_every_stack_is_started_once_for_half_a_window() -> None:
    with on_stage(question(), Planned(1)) as scene:
        assert scene.schedule.pilot()
    assert sorted(stacks for stacks, _ in scene.bench.started) == sorted([(FAST,), (SLOW,)])
    assert [(turn.block, turn.position) for _, turn in scene.bench.started] == [(0, 0), (0, 1)]
    assert [stage.window.duration_s for (stage,) in scene.bench.stages] == [0.5, 0.5]


def test_the_fixed_rate_is_half_of_what_the_slowest_carried() -> None:
    with on_stage(question(rate=None), Planned(1), FakeBench({FAST: 9000.0, SLOW: 802.0})) as scene:
        run = scene.go()
    assert run.experiment.rate
    assert run.experiment.rate.rate == 400.0
    assert [event.rate for event in scene.events if isinstance(event, PilotDone)] == [run.experiment.rate]


def test_a_stack_that_fails_requests_does_not_set_the_rate() -> None:
    bench = FakeBench({FAST: 9000.0, SLOW: 800.0}, failing={SLOW: 10})
    with on_stage(question(rate=None), Planned(1), bench) as scene:
        run = scene.go()
    assert run.experiment.rate
    assert run.experiment.rate.rate == 4500.0


def test_a_stack_that_fails_requests_does_not_make_the_windows_of_the_others_fewer() -> None:
    asked = question(design=ALTERNATING, window=Window(warmup_s=0.3, duration_s=1.0), rate=None)
    cycles = []
    for failing in ({}, {SLOW: 2}):
        bench = FakeBench({FAST: 1000.0, SLOW: 10.0 if failing else 900.0}, failing=failing)
        with on_stage(asked, Planned(1), bench) as scene:
            scene.go()
        cycles.append([stage.cycles for stage in scene.bench.stages[-1]])
    assert cycles == [[10, 4]] * 2


def test_a_pilot_that_was_slept_through_is_taken_again_and_decides_nothing() -> None:
    bench = FakeBench({FAST: 1000.0}, naps=[0.4])
    with on_stage(question((FAST,), rate=None), Planned(1), bench) as scene:
        run = scene.go()
    assert [trial.phase for trial in run.trials] == ["pilot", "pilot", "saturation", "rate"]
    assert [turn.position for _, turn in bench.started] == [0, 0, 0]


def test_a_stack_that_sleeps_twice_takes_no_part() -> None:
    with on_stage(question((FAST,)), Planned(1), FakeBench({FAST: 1000.0}, naps=[0.4, 0.4])) as scene:
        assert not scene.schedule.pilot()
    assert scene.notes == ("no stack responded as expected in the pilot, so there is nothing to measure",)


def test_without_a_stack_that_answers_there_is_nothing_to_measure() -> None:
    with on_stage(question(), Planned(1), FakeBench({})) as scene:
        run = scene.go()
    assert run.state == "complete"
    assert {trial.block for trial in run.trials} == {0}
    assert "nothing to measure" in scene.notes[-1]


def test_the_only_stack_that_answers_is_measured_alone() -> None:
    with on_stage(question(), Planned(2), FakeBench({SLOW: 100.0})) as scene:
        run = scene.go()
    assert {trial.stack for trial in run.trials if trial.block} == {SLOW}
    assert scene.notes == (f"only {SLOW} responded as expected in the pilot: it is measured alone",)


def test_a_time_limit_too_short_for_two_blocks_is_told() -> None:
    with on_stage(question(max_time_s=6.0), Planned(None)) as scene:
        run = scene.go()
    assert run.experiment.blocks == 2
    assert scene.notes[0] == "the time limit is too short for 2 blocks, which take about 12 s in all"


def test_windows_are_lengthened_for_slow_answers_as_far_as_blocks_still_fit() -> None:
    # Two connections, two answers a second: one each second on each connection.
    slow = FakeBench({FAST: 1000.0, SLOW: 2.0})
    with on_stage(question(max_time_s=1000.0), Planned(None), slow) as scene:
        run = scene.go()
    assert run.experiment.window.duration_s == 3.0
    assert "the windows are 3 s long instead of 1 s" in scene.notes[0]
    with on_stage(question(max_time_s=20.0), Planned(None), FakeBench(slow.throughput)) as scene:
        assert scene.go().experiment.window == Window(warmup_s=0.0, duration_s=1.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_is_drawn_from_the_seed(seed: int) -> None:
    orders = []
    for _ in range(2):
        with on_stage(question(seed=seed), Planned(4)) as scene:
            scene.go()
        orders.append([stacks for stacks, _ in scene.bench.started])
    assert orders[0] == orders[1]
