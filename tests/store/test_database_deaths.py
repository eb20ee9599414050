"""What the store promises when processes die, disks fill up, and others read meanwhile."""

from pathlib import Path

import pytest

from tests.factories import make_run
from tests.store.samples import begun, child
from webdyno.model.run import Run
from webdyno.store.database import Store

SAVE_ALL = """
import sys
from webdyno.model.run import Run
from webdyno.store.database import Store

run = Run.model_validate_json(open(sys.argv[2]).read())
store = Store(sys.argv[1])
store.begin(run.model_copy(update={"trials": (), "state": "running", "finished": None}))
for trial in run.trials:
    store.save_trial(run.id, trial)
    print("saved", flush=True)
store.update(run)
"""

# Leaves the last trial until it has been read meanwhile.
SAVE_ALL_BUT_ONE = SAVE_ALL.replace(
    "    store.save_trial", "    trial is run.trials[-1] and sys.stdin.readline()\n    store.save_trial"
)

FILL_THE_DISK = """
import resource, sys
from webdyno.errors import StoreError
from webdyno.model.run import Run
from webdyno.store.database import Store

run = Run.model_validate_json(open(sys.argv[2]).read())
with Store(sys.argv[1]) as store:
    store.begin(run.model_copy(update={"trials": (), "state": "running", "finished": None}))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    saved = 0
    try:
        for trial in run.trials:
            store.save_trial(run.id, trial)
            saved += 1
    except StoreError as error:
        print(saved, error.message, "|", error.remedy, flush=True)
    assert store.load().trials == run.trials[:saved]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store.update(run)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".webdyno" / "results.db"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_text(make_run().model_dump_json(by_alias=True))
    return path


def assert_beginning_of(stored: Run, run: Run, at_least: int) -> None:
    assert len(stored.trials) >= at_least
    assert stored.trials == run.trials[: len(stored.trials)]


@pytest.mark.parametrize("after", [1, 25, 60])
def test_every_trial_saved_before_kill_9_is_readable(path: Path, document: Path, after: int) -> None:
    with child(SAVE_ALL, path, document) as (process, output):
        for _ in range(after):
            assert output.readline() == "saved\n"
        process.kill()
        process.wait()
        more = len(output.readlines())
    with Store(path) as store:
        assert_beginning_of(store.load(), make_run(), after + more)
        assert store.load().state == store.list()[0].state == "interrupted"


def test_a_run_can_be_added_where_another_one_died(path: Path, document: Path) -> None:
    with child(SAVE_ALL, path, document) as (process, output):
        output.readline()
        process.kill()
        process.wait()
    run = make_run().model_copy(update={"id": "after"})
    with Store(path) as store:
        store.begin(begun(run))
        assert {header.id: header.state for header in store.list()} == {
            make_run().id: "interrupted",
            "after": "running",
        }
        store.update(run)
        assert store.load("after") == run


def test_reading_while_another_process_writes_sees_only_whole_steps(path: Path, document: Path) -> None:
    run = make_run()
    with child(SAVE_ALL_BUT_ONE, path, document) as (process, output):
        assert process.stdin is not None
        assert output.readline() == "saved\n"
        seen = 1
        with Store(path) as store:
            while process.poll() is None:
                loaded = store.load()
                assert_beginning_of(loaded, run, seen)
                seen = len(loaded.trials)
                assert (store.list()[0].trials or 0) >= seen
                process.stdin.close()
            assert store.load() == run
    assert process.returncode == 0


def test_a_full_disk_is_told_cleanly_and_nothing_is_lost_once_there_is_space(path: Path, document: Path) -> None:
    with child(FILL_THE_DISK, path, document) as (process, output):
        told = output.read()
        assert process.wait() == 0
    saved, _, message = told.partition(" ")
    assert 0 < int(saved) < len(make_run().trials)
    assert "disk" in message
    assert "free some space" in message
    with Store(path) as store:
        assert store.load() == make_run()
