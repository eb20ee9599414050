"""The blocks of a run on a bench that takes no time: how many, in which order, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.bench import STACKS, FakeBench, on_stage, question
from webdyno.errors import DependencyFailed, Interrupted, StoreError, UsageError
from webdyno.lab.clock import RESERVED_SHARE
from webdyno.lab.designs.design import Design, Plan
from webdyno.lab.designs.in_turn import InTurn
from webdyno.lab.designs.table import DESIGNS
from webdyno.lab.ending import AtLooks, Planned, Precise, Quick
from webdyno.lab.events import BlockDone, Launching, Remark, Standings
from webdyno.lab.fresh_start import Turn
from webdyno.lab.session import was_stored
from webdyno.lab.stage import Stage, Stages
from webdyno.model.load import ClosedLoad, OpenLoad
from webdyno.model.run import Run
from webdyno.model.verdict import Closing
from webdyno.store.database import Store

FAST, SLOW = STACKS
DUET = DESIGNS["duet"]


def closing(more: int | None, half: float | None = 0.05) -> Closing:
    return Closing(metric="throughput", stack="b", against="a", half_width=half, more_blocks=more)


def blocks(run: Run) -> list[int]:
    return sorted({trial.block for trial in run.trials if trial.block})


def test_every_block_starts_every_stack_once_under_both_loads() -> None:
    with on_stage(question(), Planned(3)) as scene:
        run = scene.go()
    assert (run.state, run.experiment.blocks) == ("complete", 3)
    for block in (1, 2, 3):
        trials = [trial for trial in run.trials if trial.block == block]
        assert sorted((trial.stack, trial.phase) for trial in trials) == sorted(
            (stack, phase) for stack in STACKS for phase in ("saturation", "rate")
        )
        assert [trial.position for trial in trials] == [0, 0, 1, 1]


def test_as_many_blocks_as_fit_are_measured_within_the_limit() -> None:
    with on_stage(question(max_time_s=61.0), Planned(None)) as scene:
        run = scene.go()
    # The pilot takes 2 s, a block a little over 2 x (0.5 + 2) s.
    assert run.experiment.blocks == int((61 * (1 - RESERVED_SHARE) - 2) / 5)
    assert scene.notes == ()


def test_blocks_that_take_longer_than_the_pilot_led_to_expect_end_early_and_that_is_told() -> None:
    bench = FakeBench()

    def slow_down(turn: Turn) -> None:
        bench.overhead_s = 5.0 if turn.block else 0.5

    bench.before = slow_down
    with on_stage(question(max_time_s=61.0), Planned(None), bench) as scene:
        run = scene.go()
    measured = blocks(run)[-1]
    assert run.experiment.blocks == measured == 3
    assert scene.notes == ("stopped after 3 of 11 blocks: another would exceed the time limit",)


def test_a_number_of_blocks_that_is_asked_for_is_measured_whatever_the_limit() -> None:
    with on_stage(question(blocks=9, max_time_s=1.0), Planned(9)) as scene:
        assert blocks(scene.go()) == list(range(1, 10))


@given(
    limit_s=st.floats(5, 300),
    overheads=st.lists(st.floats(0.01, 20), min_size=1, max_size=8),
)
def test_no_block_but_the_two_least_begins_that_would_pass_the_limit_as_known(
    limit_s: float, overheads: list[float]
) -> None:
    bench, begun = FakeBench({FAST: 1000.0}), dict[int, float]()

    def change(turn: Turn) -> None:
        begun[turn.block] = bench.at_s
        bench.overhead_s = overheads[turn.block % len(overheads)]

    bench.before = change
    with on_stage(question((FAST,), max_time_s=limit_s), Planned(None), bench) as scene:
        run = scene.go()
    known_s = {block: overheads[(block - 1) % len(overheads)] + 2 for block in begun}
    for block, at_s in begun.items():
        if block > 2:
            assert at_s - 1000.0 + known_s[block] <= limit_s * (1 - RESERVED_SHARE) + 1e-6
    assert run.experiment.blocks == max(begun)


def test_blocks_go_on_until_every_ratio_is_precise() -> None:
    answers = iter([[], [closing(2), closing(0)], [closing(1), closing(0)], [closing(0)] * 2])
    watched: list[int] = []

    def watch(run: Run) -> list[Closing]:
        watched.append(blocks(run)[-1])
        return next(answers)

    with on_stage(question(precision=0.03), Precise(0.03, watch)) as scene:
        run = scene.go()
    assert watched == [1, 2, 3, 4]
    assert (run.state, run.experiment.blocks) == ("complete", 4)
    told = [event for event in scene.events if isinstance(event, BlockDone)]
    assert [event.block for event in told] == [1, 2, 3, 4]
    assert [event.remaining_s for event in told[1:]] == pytest.approx([10.0, 5.0, 0.0], abs=0.05)


def test_where_the_time_is_up_before_it_says_how_far_it_came() -> None:
    ending = Precise(0.03, lambda run: [closing(14, 0.042), closing(0)])
    with on_stage(question(precision=0.03, max_time_s=30.0), ending) as scene:
        run = scene.go()
    assert run.state == "complete"
    assert run.experiment.blocks == blocks(run)[-1] == 5
    assert scene.notes == (
        "ended after 5 blocks, before +-3 % was reached: throughput of b +-4.2 %, about 14 more blocks",
    )


def test_what_each_block_adds_is_told_before_anything_is_decided_by_it() -> None:
    def so_far(run: Run) -> Standings:
        return Standings(block=blocks(run)[-1], metric="throughput", baseline=FAST, standings=())

    with on_stage(question(), AtLooks(lambda run: True), so_far=so_far) as scene:
        scene.go()
    told = [event for event in scene.events if isinstance(event, Standings | Remark)]
    assert [event.block for event in told[:-1] if isinstance(event, Standings)] == [1, 2, 3, 4, 5, 6]
    assert isinstance(told[-1], Remark)


def looked(answers: Sequence[bool], max_time_s: float) -> tuple[Run, list[int], list[str]]:
    """A run that is looked at, after how many blocks it was, and what was told of it."""
    looks: list[int] = []

    def decided(run: Run) -> bool:
        looks.append(blocks(run)[-1])
        return answers[len(looks) - 1]

    with on_stage(question(max_time_s=max_time_s), AtLooks(decided)) as scene:
        run = scene.go()
    return run, looks, [event.text for event in scene.events if isinstance(event, Remark)]


def test_a_look_that_finds_enough_ends_the_run_there() -> None:
    run, looks, told = looked([False, True], 100.0)
    assert looks == [6, 12]
    assert (run.state, run.experiment.blocks, run.experiment.looks) == ("complete", 12, (6, 12))
    assert told == ["after 6 blocks: not decided yet, about 60 s left", "after 12 blocks: decided"]


def test_where_no_look_finds_enough_the_time_ends_the_run() -> None:
    run, looks, _ = looked([False, False], 100.0)
    assert looks == [6, 12]
    assert run.notes == ()
    assert run.experiment.blocks == blocks(run)[-1] == 18
    assert run.experiment.looks == (6, 12)


def test_looks_that_were_never_taken_are_none() -> None:
    bench = FakeBench()

    def slow_down(turn: Turn) -> None:
        bench.overhead_s = 10.0 if turn.block > 5 else 0.5

    bench.before = slow_down
    with on_stage(question(), AtLooks(lambda run: False), bench) as scene:
        run = scene.go()
    assert run.experiment.blocks == 7
    assert run.experiment.looks == (6,)


def test_a_quick_run_ends_at_the_first_look_that_finds_an_order() -> None:
    looks: list[int] = []

    def known(run: Run) -> bool:
        looks.append(blocks(run)[-1])
        return len(looks) == 2

    with on_stage(question(max_time_s=40.0, quick=True), Quick(known)) as scene:
        run = scene.go()
    assert looks == [3, 4]
    assert (run.state, run.experiment.blocks, run.experiment.looks) == ("complete", 4, (3, 4, 6, 7))
    assert blocks(run)[-1] == 4
    told = [event.text for event in scene.events if isinstance(event, Remark)]
    assert told == ["after 3 blocks: the order is not known yet, about 20 s left", "after 4 blocks: the order is known"]


def test_a_quick_run_without_an_order_ends_at_its_last_look_which_time_allows() -> None:
    with on_stage(question(max_time_s=40.0, quick=True), Quick(lambda run: False)) as scene:
        run = scene.go()
    assert (run.experiment.blocks, run.experiment.looks) == (7, (3, 4, 6, 7))
    assert run.measured_s <= 40.0
    assert run.notes == ()
    assert [event.text for event in scene.events if isinstance(event, Remark)][-1].startswith("after 6 blocks")


def test_a_quick_run_whose_blocks_take_longer_keeps_the_looks_that_were_planned() -> None:
    bench = FakeBench()

    def slow_down(turn: Turn) -> None:
        bench.overhead_s = 3.5 if turn.block else 0.5

    bench.before = slow_down
    with on_stage(question(max_time_s=40.0, quick=True), Quick(lambda run: False), bench) as scene:
        run = scene.go()
    assert (run.experiment.blocks, run.experiment.looks) == (3, (3, 4, 6, 7))


def test_a_duet_starts_both_at_once_under_one_load() -> None:
    with on_stage(question(design=DUET, rate=None, response_times=False), Planned(2)) as scene:
        run = scene.go()
    assert [sorted(stacks) for stacks, turn in scene.bench.started if turn.block] == [sorted(STACKS)] * 2
    assert [trial.phase for trial in run.trials] == ["pilot"] * 2 + ["duet"] * 4
    assert run.experiment.rate is None


def test_a_duet_needs_both() -> None:
    asked = question(design=DUET, rate=None, response_times=False)
    with on_stage(asked, Planned(2), FakeBench({SLOW: 10.0})) as scene:
        run = scene.go()
    assert blocks(run) == []
    assert scene.notes == (f"only {SLOW} responded as expected in the pilot: a duet needs both",)


class Searching(InTurn):
    """Doubles the connections of each fresh start for as long as that carries more, as a search would."""

    name = "searching"

    def stages(self, plan: Plan) -> Stages:
        connections, best = 1, 0.0
        while connections <= 64:
            trials = yield Stage("saturation", ClosedLoad(connections=connections), plan.window)
            found = trials[0].result
            if found is None or found.throughput <= best:
                return
            connections, best = 2 * connections, found.throughput

    def planned(self, plan: Plan) -> Sequence[Stage]:
        return [Stage("saturation", plan.saturation, plan.window)] * 7


class BackAndForth(Design):
    """Starts all, and loads one after the other, again and again."""

    name = "back-and-forth"
    metrics = ("throughput",)

    def groups(self, order: Sequence[str], fit: Callable[[Sequence[str]], bool]) -> list[Sequence[str]]:
        return [order]

    def planned(self, plan: Plan) -> Sequence[Stage]:
        return [Stage("saturation", plan.saturation, plan.window, loaded=(at,)) for at in (0, 1)] * 3


def test_a_new_design_may_let_what_was_seen_decide_what_comes_next() -> None:
    with on_stage(question((FAST,), design=Searching()), Planned(1)) as scene:
        run = scene.go()
    loads = [trial.load.connections for trial in run.trials if trial.block]
    assert loads == [1, 2]
    assert run.experiment.design == "searching"


def test_a_new_design_may_load_one_after_the_other_of_what_was_started_together() -> None:
    with on_stage(question(design=BackAndForth()), Planned(1)) as scene:
        run = scene.go()
    order, _ = scene.bench.started[-1]
    assert [trial.stack for trial in run.trials if trial.block] == list(order) * 3
    assert scene.bench.now() - 1000.0 == pytest.approx(2 * 1.0 + 0.5 + 6.0)


def test_an_interruption_in_a_block_keeps_what_was_measured() -> None:
    bench = FakeBench()

    def interrupt(turn: Turn) -> None:
        if (turn.block, turn.position) == (2, 1):
            raise Interrupted("interrupted")

    bench.before = interrupt
    with on_stage(question(), Planned(5), bench) as scene:
        run = scene.go()
    assert run.state == "interrupted"
    assert len(run.trials) == 2 + 4 + 2
    assert scene.notes[-1] == "interrupted after 8 trials; what was measured is kept"


@pytest.mark.parametrize("output", [(), ("first", "a", "b", "out of memory")])
def test_a_dependency_that_fails_ends_the_run_with_what_was_measured_and_blames_no_stack(
    tmp_path: Path, output: tuple[str, ...]
) -> None:
    bench = FakeBench()

    def fail(turn: Turn) -> None:
        if (turn.block, turn.position) == (2, 1):
            raise DependencyFailed("the dependency keys is gone", "see there", output)

    bench.before = fail
    with Store(tmp_path / "results.db") as store, on_stage(question(), Planned(5), bench, store) as scene:
        with pytest.raises(DependencyFailed, match="the dependency keys is gone") as failed:
            scene.go()
        run = scene.run
        assert store.load() == run
    assert run.state == "failed"
    assert len(run.trials) == 2 + 4 + 2 and not any(trial.failure for trial in run.trials)
    stack = next(launching.stack for launching in reversed(scene.events) if isinstance(launching, Launching))
    noted = f"the dependency keys is gone, while {stack} ran; 8 trials before that are kept"
    assert scene.notes[-1] == noted + ("; its last output: a; b; out of memory" if output else "")
    assert failed.value.remedy == f"see there; what was measured until then is kept as run {run.id}"


class Stubborn(Store):
    """A store that takes nothing for a while."""

    refusing = False

    def save_trial(self, *given: object) -> None:
        if self.refusing:
            raise StoreError("the disk is away")
        super().save_trial(*given)  # type: ignore[arg-type]

    def update(self, run: Run) -> None:
        if self.refusing:
            raise StoreError("the disk is away")
        super().update(run)


def test_a_store_that_fails_for_a_while_has_every_trial_in_the_end(tmp_path: Path) -> None:
    bench = FakeBench()
    with Stubborn(tmp_path / "results.db") as store:

        def fail(turn: Turn) -> None:
            store.refusing = turn.block == 2

        bench.before = fail
        with on_stage(question(), Planned(3), bench, store) as scene:
            run = scene.go()
        assert was_stored(run)
        assert len(store.load(run.id).trials) == len(run.trials) == 2 + 3 * 4
    remarks = [event.text for event in scene.events if isinstance(event, Remark)]
    assert remarks == ["results cannot be stored for now: the disk is away"]


@pytest.mark.parametrize(
    ("response_times", "rate", "shortest_s"),
    [(True, OpenLoad(rate=50.0), 4), (True, None, 4), (False, None, 2)],
)
def test_the_time_must_do_for_the_windows_of_one_block(
    response_times: bool, rate: OpenLoad | None, shortest_s: int
) -> None:
    question(max_time_s=float(shortest_s), response_times=response_times, rate=rate)
    with pytest.raises(UsageError, match=f"one block of 2 stacks measures for {shortest_s}s"):
        question(max_time_s=shortest_s - 0.1, response_times=response_times, rate=rate)
