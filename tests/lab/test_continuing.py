"""Blocks are added to a run as if it had gone on, and what it had stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lab.bench import STACKS, FakeBench, on_stage, question
from webdyno.errors import DependencyFailed, Interrupted, StoreError
from webdyno.lab.continuing import going_on, seen_after
from webdyno.lab.ending import Ending, Planned, WhenDecided
from webdyno.lab.fresh_start import Turn
from webdyno.lab.plan import block_order
from webdyno.model.run import Run, RunState
from webdyno.store.database import Store

MINUTE = 60.0


def measured(blocks: int = 4) -> Run:
    with on_stage(question(), Planned(blocks)) as scene:
        return scene.go()


def continued(run: Run, ending: Ending, bench: FakeBench | None = None, store: Store | None = None) -> Run:
    with on_stage(question(max_time_s=MINUTE), ending, bench, store, kept=run) as scene:
        return scene.go()


def test_block_numbers_orders_and_windows_go_on_as_they_were_planned() -> None:
    bench, run = FakeBench(), measured(4)
    after = continued(run, Planned(6), bench)
    turns = [turn for _, turn in bench.started if turn.block]
    assert [turn.block for turn in turns] == [5, 5, 6, 6]
    started = [group[0] for group, turn in bench.started if turn.block == 5]
    assert started == block_order(list(STACKS), 5, seed=1)
    assert {stage.window for stages in bench.stages[2:] for stage in stages} == {
        trial.window for trial in run.trials if trial.block
    }
    assert after.trials[: len(run.trials)] == run.trials
    assert after.blocks_begun == after.experiment.blocks == 6
    assert after.measured_s > run.measured_s
    assert [one.after for one in after.continuations] == [4]


def test_a_pilot_that_is_slower_than_the_first_one_changes_no_rate_and_no_window() -> None:
    run = measured(4)
    bench = FakeBench(throughput=dict.fromkeys(STACKS, 2.0))
    after = continued(run, Planned(5), bench)
    assert after.experiment.rate == run.experiment.rate
    assert {trial.window for trial in after.trials if trial.block == 5} == {
        trial.window for trial in run.trials if trial.block
    }


def test_where_a_stack_is_gone_no_block_is_added_and_that_is_said() -> None:
    run = measured(4)
    after = continued(run, Planned(6), FakeBench(throughput={STACKS[0]: 1000.0}))
    assert after.blocks_begun == 4
    assert after.notes[-1].what is not None
    assert after.notes[-1].what.key == "not-continued"


def test_it_ends_at_a_look_that_was_planned_and_not_before() -> None:
    asked: list[int] = []

    def decided(run: Run) -> bool:
        asked.append(run.blocks_begun)
        return run.blocks_begun >= 9

    run = measured(4)
    after = continued(run, WhenDecided(decided, seen_after(run), 4))
    assert asked == [6, 9]
    assert (after.experiment.looks, after.experiment.blocks) == ((4, 6, 9), 9)


def test_where_time_is_up_that_is_said_and_the_look_at_the_end_is_no_planned_one() -> None:
    run = measured(4)
    after = continued(run, WhenDecided(lambda run: False, seen_after(run), 4))
    assert after.notes[-1].what is not None
    assert after.notes[-1].what.key == "time-up"
    assert after.experiment.looks is not None
    assert max(after.experiment.looks) <= after.blocks_begun


def test_a_result_that_was_told_counts_as_seen_and_that_of_a_killed_run_does_not() -> None:
    run = measured(4)
    assert seen_after(run) == (4,)
    assert seen_after(run.model_copy(update={"finished": None})) == ()
    again = going_on(run, run.host, datetime.now(UTC))
    assert seen_after(again) == (4,)


def test_a_run_that_was_never_told_is_first_looked_at_where_its_plan_ends() -> None:
    run = measured(4).model_copy(update={"finished": None})
    assert continued(run, WhenDecided(lambda run: True, seen_after(run), 6)).experiment.looks == (6,)


def test_one_that_was_told_before_its_plan_ended_is_looked_at_as_it_grows() -> None:
    run = measured(4)
    stopped = run.model_copy(update={"experiment": run.experiment.model_copy(update={"blocks": 50})})
    assert continued(stopped, WhenDecided(lambda run: True, seen_after(stopped), 50)).experiment.looks == (4, 6)


def test_an_interruption_keeps_the_trials_that_were_there_and_the_new_ones(tmp_path: Path) -> None:
    def interrupt(turn: Turn) -> None:
        if turn.block == 6:
            raise Interrupted("Ctrl-C")

    run = measured(4)
    with Store(tmp_path / "results.db") as store:
        store.update(run)
        after = continued(run, Planned(8), FakeBench(before=interrupt), store)
        assert after.state == "interrupted"
        assert after.blocks_begun == 5
        kept = store.load()
    assert sorted(kept.trials, key=lambda trial: trial.started) == list(after.trials)
    assert after.trials[: len(run.trials)] == run.trials
    assert [one.after for one in kept.continuations] == [4]


def test_a_run_that_another_process_writes_is_not_added_to(tmp_path: Path) -> None:
    path, run = tmp_path / "results.db", measured(4)
    with Store(path) as writer, Store(path) as store:
        writer.begin(run.model_copy(update={"state": "running"}))
        with pytest.raises(StoreError, match="is being written already"):
            continued(run, Planned(6), store=store)
        assert store.load().state == "running"
        assert store.load().continuations == ()


@pytest.mark.parametrize("state", ["complete", "interrupted", "failed"])
@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("stop", [Interrupted("Ctrl-C"), DependencyFailed("redis ended")], ids=["ctrl-c", "dependency"])
def test_what_ends_before_a_block_is_added_leaves_the_run_as_it_was(
    tmp_path: Path, state: RunState, finished: bool, stop: Interrupted | DependencyFailed
) -> None:
    def end(turn: Turn) -> None:
        raise stop

    run = measured(4).model_copy(update={"state": state})
    plan = run.experiment.model_copy(update={"quick": True, "looks": (3, 4)})
    run = run.model_copy(update={"experiment": plan, "finished": run.finished if finished else None})
    with Store(tmp_path / "results.db") as store:
        store.update(run)
        with pytest.raises(type(stop)):
            continued(run, Planned(6), FakeBench(before=end), store)
        kept = store.load()
    assert kept.model_copy(update={"measured_s": run.measured_s}) == run
    assert seen_after(kept) == seen_after(run)


def test_one_that_adds_nothing_is_neither_complete_nor_interrupted_by_that() -> None:
    for state in ("complete", "interrupted"):
        run = measured(4).model_copy(update={"state": state})
        after = continued(run, Planned(6), FakeBench(throughput={STACKS[0]: 1000.0}))
        assert (after.state, after.blocks_begun) == (state, 4)


def test_how_a_run_had_ended_is_not_told_of_one_that_went_on() -> None:
    def interrupt(turn: Turn) -> None:
        if turn.block == 6:
            raise Interrupted("Ctrl-C")

    def keys(run: Run) -> list[str]:
        return [note.what.key for note in run.notes if note.what]

    broken = continued(measured(4), Planned(8), FakeBench(before=interrupt))
    assert (broken.state, keys(broken)) == ("interrupted", ["ended-early"])
    out_of_time = continued(broken, WhenDecided(lambda run: False, seen_after(broken), 4))
    assert (out_of_time.state, keys(out_of_time)) == ("complete", ["time-up"])
    added = continued(out_of_time, Planned(out_of_time.blocks_begun + 1))
    assert (added.state, keys(added)) == ("complete", [])
