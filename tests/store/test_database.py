from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import make_run
from tests.store.samples import begun, small_run
from webdyno.errors import UsageError
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.store.database import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".webdyno" / "results.db"


def later(run: Run, name: str, days: int) -> Run:
    return run.model_copy(update={"id": name, "started": run.started + timedelta(days=days)})


def test_a_run_saved_step_by_step_is_read_back_whole(path: Path) -> None:
    run = make_run()
    with Store(path) as store:
        store.begin(begun(run))
        for trial in run.trials:
            store.save_trial(run.id, trial)
        store.update(run)
    with Store(path) as store:
        assert store.load(run.id) == run


def test_a_running_run_shows_the_trials_so_far(path: Path) -> None:
    run = small_run()
    with Store(path) as store, Store(str(path)) as reader:
        store.begin(begun(run))
        for trial in run.trials[:3]:
            store.save_trial(run.id, trial)
        loaded = reader.load()
        (header,) = reader.list()
    assert (loaded.state, loaded.trials) == ("running", run.trials[:3])
    assert (header.state, header.trials, header.subjects) == ("running", 3, run.experiment.stacks)


def test_secrets_in_notations_that_an_older_webdyno_took_are_not_listed(path: Path) -> None:
    run = small_run()
    stacks = ("shop:create_app(password='violet')", "auth.Token:application_1")
    with Store(path) as store:
        store.begin(begun(run.model_copy(update={"experiment": run.experiment.model_copy(update={"stacks": stacks})})))
        assert store.list()[0].subjects == ("shop:create_app(password='***')", "auth.Token:application_1")


def test_a_run_whose_store_was_closed_early_shows_as_interrupted(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        store.begin(begun(run))
        store.save_trial(run.id, run.trials[0])
    with Store(path) as store:
        assert store.list()[0].state == "interrupted"
        assert store.load().state == "interrupted"


def test_an_ended_run_leaves_nothing_but_the_database(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        store.begin(begun(run))
        store.update(run)
    assert [file.name for file in path.parent.iterdir()] == ["results.db"]


def test_a_trial_saved_twice_is_kept_once(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        store.begin(begun(run))
        store.save_trial(run.id, run.trials[0])
        store.save_trial(run.id, run.trials[0])
        assert store.load().trials == run.trials[:1]


def test_an_update_adds_the_trials_that_could_not_be_saved_in_their_place(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        store.begin(begun(run))
        for trial in run.trials[1::2]:
            store.save_trial(run.id, trial)
        store.update(run)
        assert store.load() == run


def test_an_update_stores_a_run_whose_beginning_could_not_be_stored(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        store.update(run)
        assert store.load() == run


def test_blocks_keep_their_order_where_the_clock_was_set_back_between_them(path: Path) -> None:
    run = make_run(blocks=3)
    earlier = {"started": run.started - timedelta(days=1)}
    trials = [trial.model_copy(update=earlier) if trial.block == 3 else trial for trial in run.trials]
    run = run.model_copy(update={"trials": tuple(trials), "finished": run.started - timedelta(hours=23)})
    with Store(path) as store:
        store.begin(begun(run))
        store.update(run)
        blocks = [trial.block for trial in store.load().trials]
    assert blocks == sorted(blocks)


def test_runs_are_listed_newest_first_and_the_newest_is_loaded(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        for name, days in (("b", 2), ("c", 3), ("a", 1)):
            store.update(later(run, name, days))
        assert [header.id for header in store.list()] == ["c", "b", "a"]
        assert store.load().id == "c"


def test_a_run_is_found_by_the_beginning_of_its_name(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        for days, name in enumerate(("2025-a", "2025-b", "2025-b-2", "50%")):
            store.update(later(run, name, days))
        assert store.load("2025-a").id == "2025-a"
        assert store.load("2025-b").id == "2025-b"
        assert store.load("5").id == "50%"
        with pytest.raises(UsageError, match="several runs") as several:
            store.load("2025-")
        assert several.value.remedy == "give more of one: 2025-b-2, 2025-b, 2025-a"
        with pytest.raises(UsageError, match="no run '%'"):
            store.load("%")


def test_an_unknown_run_is_refused_with_the_latest_names(path: Path) -> None:
    run = small_run()
    with Store(path) as store:
        for days in range(9):
            store.update(later(run, f"run-{days}", days))
        with pytest.raises(UsageError, match=r"no run 'x\\x1b\[31m'") as unknown:
            store.load("x\x1b[31m")
    assert unknown.value.remedy == "the latest: run-8, run-7, run-6, run-5, run-4"


def test_an_empty_store_says_what_to_do(path: Path) -> None:
    with Store(path) as store:
        assert store.list() == []
        with pytest.raises(UsageError, match="no runs") as empty:
            store.load()
    assert empty.value.remedy == "measure first: webdyno compare"


def test_nothing_odd_in_a_trial_keeps_it_from_being_stored(path: Path) -> None:
    run = small_run()
    trial = run.trials[0]
    odd = trial.model_copy(update={"failure": Note(text="\x00\udcff\x1b"), "server_output": ("\ud800",)})
    with Store(path) as store:
        store.begin(begun(run))
        store.save_trial(run.id, odd)
        stored = store.load().trials[0]
    assert (stored.failure, stored.server_output) == (Note(text="\x00?\x1b"), ("?",))


def test_a_store_in_memory_needs_no_file() -> None:
    run = small_run()
    with Store("sqlite://") as store:
        store.begin(begun(run))
        store.update(run)
        assert store.load() == run


def test_a_relative_path_stays_where_it_was_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    monkeypatch.chdir(path.parent)
    with Store("results.db") as store:
        monkeypatch.chdir(path.parent.parent)
        store.update(small_run())
    assert path.is_file()
