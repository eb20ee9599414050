"""Trials beside dependencies: none is kept that one of them has spoilt, and calls are those of one stack alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dependencies.fakes import ANYWHERE, Fake, running
from tests.serving.launch_servers import kill_all_in, record
from webdyno.dependencies.dependency_set import DependencySet
from webdyno.errors import DependencyFailed
from webdyno.lab.fresh_start import Bench, Turn
from webdyno.lab.measure_trials import measure_fresh_start
from webdyno.lab.stage import Stage, in_order
from webdyno.loadgen.drivers.own import DRIVER
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.trial import Trial
from webdyno.model.workload import Workload

STAGE = Stage("saturation", ClosedLoad(connections=1), Window(warmup_s=0, duration_s=0.1))
GOOD, BROKEN = "serve(body=b'ok')", "sys.exit('no database')"
GONE = DependencyFailed("the dependency fake is gone")


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def trials(beside: DependencySet, *stacks: tuple[Path, str], fails: Fake | None = None) -> list[Trial]:
    """What is kept of a fresh start; `fails` does so when its load begins."""
    bench = Bench(Workload(name="GET /"), ANYWHERE, seed=1, start_timeout_s=10, driver=DRIVER, beside=beside)
    kept: list[Trial] = []

    def measuring(stage: Stage) -> None:
        if fails:
            fails.on_check = GONE

    records = [record(folder, source) for folder, source in stacks]
    try:
        measure_fresh_start(bench, records, Turn(1, 0), in_order(STAGE), lambda record: None, measuring, kept.append)
    except DependencyFailed as failed:
        assert failed is GONE and not kept
        raise
    return kept


def test_calls_are_counted_around_the_load(tmp_path: Path) -> None:
    with running(Fake(counts=(0, 100, 107)).wanted(calls=0)) as beside:
        (trial,) = trials(beside, (tmp_path, GOOD))
    assert trial.result and trial.result.ok and not trial.failure
    assert trial.calls == {"fake": 7}


def test_where_a_dependency_failed_under_the_load_nothing_is_kept(tmp_path: Path) -> None:
    fake = Fake()
    with pytest.raises(DependencyFailed), running(fake.wanted()) as beside:
        trials(beside, (tmp_path, GOOD), fails=fake)


def test_a_stack_that_fails_beside_a_failed_dependency_is_not_blamed(tmp_path: Path) -> None:
    fake = Fake()
    with pytest.raises(DependencyFailed), running(fake.wanted()) as beside:
        fake.on_check = GONE
        trials(beside, (tmp_path, BROKEN))


def test_a_stack_that_fails_of_itself_is(tmp_path: Path) -> None:
    with running(Fake().wanted()) as beside:
        (trial,) = trials(beside, (tmp_path, BROKEN))
    assert trial.failure and trial.server_output == ("no database",)


def test_calls_of_two_stacks_at_once_are_nobodys(tmp_path: Path) -> None:
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    with running(Fake(counts=(0, 100, 107)).wanted()) as beside:
        both = trials(beside, *((folder, GOOD) for folder in folders))
    assert [trial.calls for trial in both] == [{}, {}]
    assert all(trial.result for trial in both)
