"""Blocks are added to a run as if it had gone on, and what it had stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lab.bench import STACKS, FakeBench, on_stage, question
from webdyno.errors import DependencyFailed, Interrupted, MeasurementError, StoreError
from webdyno.lab.continuing import going_on, seen_after
from webdyno.lab.ending import Ending, Planned, WhenDecided
from webdyno.lab.fresh_start import Turn
from webdyno.lab.plan import block_order
from webdyno.model.fact import fact
from webdyno.model.note import Note
from webdyno.model.run import Run, RunState
from webdyno.store.database import Store
from webdyno.texts.catalogue import as_note

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


def interrupt(turn: Turn) -> None:
    raise Interrupted("interrupted by SIGINT")


def fail(turn: Turn) -> None:
    raise DependencyFailed("the database has ended")


# How a continuation may end before its first block.
NO_BLOCK: dict[str, tuple[FakeBench, type[BaseException], str]] = {
    "interrupted": (FakeBench(before=interrupt), Interrupted, "before a block was added to run"),
    "a stack is gone": (FakeBench({STACKS[0]: 1000.0}), MeasurementError, "no longer responds as expected"),
    "no time": (FakeBench(overhead_s=2 * MINUTE), MeasurementError, "time was up after 4 blocks"),
    "a dependency failed": (FakeBench(before=fail), DependencyFailed, "the database has ended"),
}


@pytest.mark.parametrize("state", ["complete", "interrupted", "failed"])
@pytest.mark.parametrize("how", NO_BLOCK)
def test_a_continuation_without_a_block_leaves_the_run_as_it_was(tmp_path: Path, state: RunState, how: str) -> None:
    bench, error, said = NO_BLOCK[how]
    whole = measured(4)
    plan = whole.experiment.model_copy(update={"looks": (3, 4), "quick": True})
    # A run that was killed lies there as interrupted.
    finished = None if state == "interrupted" else whole.finished
    notes = (Note(text="kept"),)
    run = whole.model_copy(update={"state": state, "finished": finished, "experiment": plan, "notes": notes})
    with Store(tmp_path / "results.db") as store:
        store.update(run)
        with pytest.raises(error) as raised:
            continued(run, WhenDecided(lambda run: False, seen_after(run)), bench, store)
        kept = store.load()
    assert said in getattr(raised.value, "message", "")
    assert kept.blocks_begun == run.blocks_begun
    as_before = {"trials": run.trials, "measured_s": run.measured_s}
    assert kept.model_copy(update=as_before) == run


def test_until_the_first_trial_of_a_block_the_run_lies_there_as_it_was_for_who_kills_it(tmp_path: Path) -> None:
    run, seen = measured(4), list[Run]()
    path = tmp_path / "results.db"
    with Store(path) as store:
        store.update(run)

        def look(turn: Turn) -> None:
            with Store(path) as other:
                seen.append(other.load())

        continued(run, Planned(5), FakeBench(before=look), store)
    *before, last = seen
    # Two pilots, and the first stack of the block.
    assert len(before) == 3
    for one in before:
        assert one.model_copy(update={"trials": run.trials}) == run
    assert (last.state, last.blocks_begun, [one.after for one in last.continuations]) == ("running", 5, [4])


def test_how_a_run_ended_at_first_is_no_longer_said_once_it_went_on() -> None:
    ended = [
        fact("ended-early", why="interrupted by SIGINT", trials=12),
        fact("short-limit", blocks=2, about_s=11.0),
        fact("time-up", blocks=4),
        fact("stopped-early", blocks=4, planned=6),
        fact("not-precise", blocks=4, precision=0.03, ratios=()),
        fact("dependency-failed", why="it has ended", trials=12),
        fact("dependency-failed.output", why="it has ended", trials=12, lines=("bye",)),
    ]
    stays = Note(text="as an older webdyno told it"), as_note(fact("no-fixed-rate"))
    run = measured(4).model_copy(update={"notes": (*map(as_note, ended), *stays), "state": "interrupted"})
    after = continued(run, Planned(6))
    assert (after.state, after.notes) == ("complete", stays)


def test_it_ends_at_a_look_that_was_planned_and_not_before() -> None:
    asked: list[int] = []

    def decided(run: Run) -> bool:
        asked.append(run.blocks_begun)
        return run.blocks_begun >= 9

    run = measured(4)
    after = continued(run, WhenDecided(decided, seen_after(run)))
    assert asked == [6, 9]
    assert (after.experiment.looks, after.experiment.blocks) == ((4, 6, 9), 9)


def test_where_time_is_up_that_is_said_and_the_look_at_the_end_is_no_planned_one() -> None:
    run = measured(4)
    after = continued(run, WhenDecided(lambda run: False, seen_after(run)))
    assert after.notes[-1].what is not None
    assert after.notes[-1].what.key == "time-up"
    assert after.experiment.looks is not None
    assert max(after.experiment.looks) <= after.blocks_begun


def test_a_result_counts_as_seen_however_the_run_ended() -> None:
    run = measured(4)
    for ended in (run, run.model_copy(update={"finished": None, "state": "interrupted"})):
        assert seen_after(ended) == (4,)
        assert continued(ended, WhenDecided(lambda run: True, seen_after(ended))).experiment.looks == (4, 6)
    assert seen_after(going_on(run, run.host, datetime.now(UTC))) == (4,)


def test_one_that_was_told_before_its_plan_ended_is_looked_at_as_it_grows() -> None:
    run = measured(4)
    stopped = run.model_copy(update={"experiment": run.experiment.model_copy(update={"blocks": 50})})
    assert continued(stopped, WhenDecided(lambda run: True, seen_after(stopped))).experiment.looks == (4, 6)


def test_an_interruption_keeps_the_trials_that_were_there_and_the_new_ones(tmp_path: Path) -> None:
    def in_its_second_block(turn: Turn) -> None:
        if turn.block == 6:
            interrupt(turn)

    run = measured(4)
    with Store(tmp_path / "results.db") as store:
        store.update(run)
        after = continued(run, Planned(8), FakeBench(before=in_its_second_block), store)
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
