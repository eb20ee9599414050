"""`webdyno compare --continue`: blocks for a run that is kept, whatever ended it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import webdyno
from tests.store.samples import gate_run, kept_load, small_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.errors import UsageError
from webdyno.model.run import Run
from webdyno.store.database import Store

from .conftest import Call, Done

APP = """
import os

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
STACKS = ("shop:app@gunicorn", "shop:app@gunicorn?threads=2")
SHORT = ("-d", "0.2s", "--warmup", "0.1s", "-c", "4", "--metric", "cpu_per_request", "--in-turn", "--no-html", "-q")
SECRETS = (
    "--header",
    "Authorization: Bearer s3cret-t0ken-1234",
    "--env",
    "API_KEY=s3cret-k3y-98765",
    "--env",
    "MODE=a",
)
AGAIN = ("--header", "Authorization: Bearer s3cret-t0ken-1234", "--env", "API_KEY=s3cret-k3y-98765")
MORE = ("compare", "--continue", "-n", "1", "--no-html", "-q")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an app and a run of two blocks that was asked with secrets."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "shop.py").write_text(APP)
    command = [sys.executable, "-m", "webdyno", "compare", *STACKS, *SHORT, "-n", "2", *SECRETS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 3), done.stderr
    return folder


@pytest.fixture
def folder(measured: Path, tmp_path: Path) -> Path:
    """The same run, for a test to change, in the folder where it was measured."""
    shutil.copytree(measured / ".webdyno", tmp_path / "kept")
    return measured


@pytest.fixture
def store(folder: Path, tmp_path: Path) -> tuple[str, str]:
    """The option that names the copy."""
    return ("--store", str(tmp_path / "kept" / "results.db"))


def load(store: tuple[str, str]) -> Run:
    with Store(store[1]) as opened:
        return opened.load()


def stored_trials(store: tuple[str, str]) -> dict[str, Any]:
    """The documents of the trials as they lie there."""
    with sqlite3.connect(store[1]) as connection:
        found = dict(connection.execute("SELECT started || position, document FROM webdyno_trials"))
    connection.close()
    return found


def refusal(done: Done) -> str:
    assert done.returncode == 2, done.stderr
    return " ".join(done.stderr.split())


def test_blocks_are_added_and_what_was_there_stays_as_it_was(call: Call, folder: Path, store: tuple[str, str]) -> None:
    before, lying = load(store), stored_trials(store)
    done = call(*MORE, *store, *AGAIN, "--json", cwd=folder)
    assert done.returncode in (0, 3), done.stderr
    after = load(store)
    assert json.loads(done.stdout)["continuations"][0]["after"] == 2
    assert (after.id, after.state, after.blocks_begun) == (before.id, "complete", 3)
    assert after.experiment.looks == (2,)
    assert lying.items() <= stored_trials(store).items()
    assert {trial.window for trial in after.trials if trial.block} == {t.window for t in before.trials if t.block}
    assert "s3cret" not in Path(store[1]).read_bytes().decode("latin-1")
    again = call("compare", "--continue", after.id[:-2], "-n", "1", "--no-html", "-q", *store, *AGAIN, cwd=folder)
    assert again.returncode in (0, 3), again.stderr
    assert [one.after for one in load(store).continuations] == [2, 3]
    assert "blocks added on" in call("report", *store, cwd=folder).stdout


def test_a_continuation_that_was_killed_is_continued(call: Call, folder: Path, store: tuple[str, str]) -> None:
    lying = stored_trials(store)
    command = [sys.executable, "-m", "webdyno", "compare", "--continue", "-n", "50", "--no-html", *store, *AGAIN]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("block 4"):
                break
        refused = refusal(call(*MORE, *store, *AGAIN, cwd=folder))
        process.kill()
    assert "another run measures into" in refused
    killed = load(store)
    assert killed.state == "interrupted"
    assert lying.items() <= stored_trials(store).items()
    done = call(*MORE, *store, *AGAIN, cwd=folder)
    assert done.returncode in (0, 3), done.stderr
    after = load(store)
    assert (after.state, after.blocks_begun) == ("complete", killed.blocks_begun + 1)
    assert after.experiment.looks == (2, killed.blocks_begun)
    assert len(after.continuations) == 2


def test_ctrl_c_in_the_pilot_of_a_continuation_leaves_the_run_as_it_was(folder: Path, store: tuple[str, str]) -> None:
    before = load(store)
    command = [sys.executable, "-m", "webdyno", "compare", "--continue", "-n", "50", "--no-html", *store, *AGAIN]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("pilot: "):
                break
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert f"before a block was added to run {before.id}, which stays as it was" in " ".join(err.split())
    after = load(store)
    assert (after.state, after.continuations, after.experiment) == ("complete", (), before.experiment)
    assert after.notes == before.notes


def test_ctrl_c_in_a_continuation_tells_and_keeps_what_there_is(folder: Path, store: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "webdyno", "compare", "--continue", "-n", "50", "--no-html", *store, *AGAIN]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("block 3"):
                break
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    run = load(store)
    assert run.state == "interrupted"
    assert run.blocks_begun >= 3
    assert "was interrupted" in " ".join(out.split())
    shown = f"webdyno compare --continue {run.id} --store {store[1]}"
    assert (shown in out) == (analyse(run).remaining is not None)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ((), "--env API_KEY"),
        (AGAIN[:2], "--env API_KEY"),
        (AGAIN[2:], "--header Authorization"),
    ],
)
def test_a_secret_that_was_not_kept_is_asked_for(
    call: Call, folder: Path, store: tuple[str, str], given: tuple[str, ...], missing: str
) -> None:
    said = refusal(call(*MORE, *store, *given, cwd=folder))
    assert f"{missing} of run" in said
    assert "holds a secret, which is not kept" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--env", "MODE=b"), "--env MODE is not what run"),
        (("--env", "OTHER=1"), "--env OTHER is not what run"),
        (("--header", "X-Other: 1"), "--header is not what run"),
        (("--path", "/other"), "--path is not what run"),
        (("-c", "8"), "--connections is for a new run"),
        (("--duet",), "--duet is for a new run"),
        (("--seed", "1"), "--seed is for a new run"),
        (("--seed", "0"), "--seed is for a new run"),
        (("--warmup", "0s"), "--warmup is for a new run"),
        (("--quick",), "--quick is for a new run"),
        (("--precision", "3%"), "--precision and --blocks both say when to end"),
    ],
)
def test_what_is_not_the_plan_of_the_run_is_refused(
    call: Call, folder: Path, store: tuple[str, str], given: tuple[str, ...], said: str
) -> None:
    assert said in refusal(call(*MORE, *store, *AGAIN, *given, cwd=folder))
    assert load(store).continuations == ()


def test_an_app_that_was_changed_is_refused_with_the_name_of_its_file(
    call: Call, folder: Path, store: tuple[str, str]
) -> None:
    source = folder / "shop.py"
    try:
        source.write_text(APP + "\n# A change.\n")
        said = refusal(call(*MORE, *store, *AGAIN, cwd=folder))
    finally:
        source.write_text(APP)
    assert "cannot be continued: shop:app@gunicorn: shop.py has changed" in said
    assert load(store).state == "complete"


def test_what_was_not_kept_is_taken_from_the_experiment_file_and_no_other_plan(
    call: Call, tmp_path: Path, store: tuple[str, str]
) -> None:
    (tmp_path / "webdyno.toml").write_text(
        f"""
stacks = ["flask@gunicorn"]
connections = 99
blocks = 50
store = "{store[1]}"
header = {{ Authorization = "Bearer s3cret-t0ken-1234" }}
env = {{ API_KEY = "s3cret-k3y-98765" }}
"""
    )
    done = call(*MORE, cwd=tmp_path)
    assert done.returncode in (0, 3), done.stderr
    assert load(store).blocks_begun == 3
    assert load(store).experiment.saturation.connections == 4


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (("flask@gunicorn", "fastapi@granian"), "--continue goes on with the stacks of a run"),
        (("url=http://127.0.0.1:8000/",), "--continue goes on with the stacks of a run"),
        (("20990101",), "there is no run '20990101'"),
    ],
)
def test_what_is_no_run_is_refused(call: Call, folder: Path, store: tuple[str, str], argument: Any, said: str) -> None:
    assert said in refusal(call("compare", "--continue", *argument, "-q", *store, cwd=folder))


def test_results_that_blocks_cannot_be_added_to_are_refused(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    assert "there are no results at" in refusal(call("compare", "--continue", "-q", "--store", str(path)))
    gate, run = gate_run(blocks=2), small_run()
    begun = run.model_copy(update={"id": "20260101-000000-aaaa", "trials": ()})
    plans: dict[str, dict[str, object]] = {"bbbb": {"of_gate": True}, "cccc": {"apps": None}, "dddd": {"looks": (6,)}}
    of_gate, older, elsewhere = (
        run.model_copy(update={"id": f"20260101-000000-{end}", "experiment": run.experiment.model_copy(update=plan)})
        for end, plan in plans.items()
    )
    with Store(path) as store:
        for one in (run, begun, of_gate, older, elsewhere):
            store.update(one)
        for document in (gate, kept_load()):
            store.keep(document)

    def said(name: str) -> str:
        return refusal(call("compare", "--continue", name, "-q", "--store", str(path)))

    assert "is a gate, and blocks are added to comparisons" in said(gate.id)
    assert "is a load, and blocks are added to comparisons" in said(kept_load().id)
    assert "was measured for a gate" in said(of_gate.id)
    assert "ended by rules that are not kept" in said(elsewhere.id)
    assert "ended before its first block" in said(begun.id)
    assert "is of an older webdyno" in said(older.id)


def test_a_run_is_continued_from_python(folder: Path, store: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    given: dict[str, Any] = {"headers": {"Authorization": "Bearer s3cret-t0ken-1234"}, "store": store[1]}
    result = webdyno.compare(continue_run=True, blocks=1, env={"API_KEY": "s3cret-k3y-98765"}, **given)
    assert result.run.blocks_begun == 3
    with pytest.raises(UsageError, match="a run that is continued has its stacks"):
        webdyno.compare(["flask"], continue_run=True, store=store[1])
    with pytest.raises(UsageError, match=r"^env API_KEY of run"):
        webdyno.compare(continue_run=result.run.id, blocks=1, **given)
