"""`webdyno gate`: exit codes, what it writes for a pull request, and real measurements of an app at two commits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.factories import Truth, make_run
from tests.repositories import Repository
from webdyno.api import ComparisonResult
from webdyno.model.gate_run import GateRun
from webdyno.model.run import RunState
from webdyno.questions.analysed import result_of
from webdyno.report.result import GateResult
from webdyno.store.database import Store

from .conftest import Call, Done

STACKS = ("--base", "flask@gunicorn", "--head", "flask@waitress")
# Few connections and much work for each request: the load generator has little to do, and disturbs nothing.
QUICK = ("-n", "2", "-c", "4", "-d", "0.3s", "--warmup", "0.1s")

APP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    sum(range({work}))
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}})
    await send({{"type": "http.response.body", "body": b"ok"}})
"""
BROKEN = APP.format(work=1) + "\nraise RuntimeError('no price list')\n"
QUITS = "import os\n" + APP.format(work=1).replace("    if", "    os._exit(3)\n    if")


class Measurements:
    """In place of real ones: two stacks of which the truth is known."""

    def __init__(self, *cpu: float, failing: float = 0.0, state: RunState = "complete", blocks: int = 8) -> None:
        self.cpu, self.failing, self.state, self.blocks = cpu, failing, state, blocks
        self.asked: list[dict[str, Any]] = []
        self.seeds: list[int | None] = []

    def __call__(self, stacks: list[str], *, seed: int | None, **asked: Any) -> ComparisonResult:
        head = Truth(stacks[1], 4000, 240 * self.cpu[len(self.seeds)], failing=self.failing)
        self.seeds.append(seed)
        self.asked.append(asked)
        truths = (Truth(stacks[0], 4000, 240), head)
        return result_of(make_run(truths, blocks=self.blocks, seed=len(self.seeds), rate=500.0, state=self.state))


Measured = Callable[[Measurements], Measurements]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    def put(measurements: Measurements) -> Measurements:
        monkeypatch.setattr("webdyno.questions.gate.compare", measurements)
        return measurements

    return put


@pytest.fixture(autouse=True)
def _no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def test_a_confirmed_regression_fails_and_is_told_everywhere(
    call: Call, measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    measurements = measured(Measurements(1.3, 1.3))
    done = call("gate", *STACKS, "--markdown", "gate.md", "--seed", "7")
    assert done.returncode == 1
    assert measurements.seeds == [7, 8]
    assert "measured again" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    written = (tmp_path / "gate.md").read_text()
    assert "**regression**" in written
    assert (tmp_path / "summary.md").read_text() == "before\n" + written


def test_the_last_seed_of_all_is_followed_by_the_first(call: Call, measured: Measured) -> None:
    measurements = measured(Measurements(1.3, 1.3))
    assert call("gate", *STACKS, "--seed", str(2**32 - 1)).returncode == 1
    assert measurements.seeds == [2**32 - 1, 0]


def test_no_regression_passes_and_is_measured_once(call: Call, measured: Measured) -> None:
    measurements = measured(Measurements(1.0))
    done = call("gate", *STACKS)
    assert done.returncode == 0
    assert len(measurements.seeds) == 1
    assert "gate: passed" in done.stdout


def test_what_is_not_seen_again_does_not_fail(call: Call, measured: Measured) -> None:
    measured(Measurements(1.3, 1.0))
    done = call("gate", *STACKS)
    assert done.returncode == 0
    assert "the first time only" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("given", "code"), [((), 3), (("--inconclusive", "pass"), 0), (("--inconclusive", "fail"), 1)])
def test_what_cannot_be_decided_ends_as_asked_and_is_told_as_inconclusive(
    call: Call, measured: Measured, tmp_path: Path, given: tuple[str, ...], code: int
) -> None:
    measured(Measurements(1.049, blocks=3))
    done = call("gate", *STACKS, "--markdown", "gate.md", *given)
    assert done.returncode == code
    assert "gate: INCONCLUSIVE" in done.stdout
    assert "INCONCLUSIVE" in (tmp_path / "gate.md").read_text()
    assert "would decide" in " ".join(done.stdout.split())


@pytest.mark.parametrize("answer", ["pass", "fail"])
def test_neither_a_regression_nor_a_failed_measurement_is_inconclusive(
    call: Call, measured: Measured, answer: str
) -> None:
    measured(Measurements(1.3, 1.3))
    assert call("gate", *STACKS, "--inconclusive", answer).returncode == 1
    measured(Measurements(1.0, failing=0.5))
    assert call("gate", *STACKS, "--inconclusive", answer).returncode == 3


def test_it_looks_at_planned_moments_but_not_where_the_number_of_blocks_is_given(
    call: Call, measured: Measured
) -> None:
    seen = measured(Measurements(1.3, 1.0))
    call("gate", *STACKS)
    first, second = (asked["decided"] for asked in seen.asked)
    base = Truth("flask@gunicorn", 4000, 240)
    same, near = (make_run((base, Truth("flask@waitress", carried, 240)), blocks=8) for carried in (4000, 3600))
    assert first(same)
    # The second measurement need only decide what the first found broken.
    assert not first(near)
    assert second(near)
    fixed = measured(Measurements(1.0))
    call("gate", *STACKS, "-n", "8")
    assert fixed.asked[0]["decided"] is None
    assert all(asked["of_gate"] for asked in (*seen.asked, *fixed.asked))


def test_response_times_are_measured_where_a_limit_or_a_rate_asks_for_them(call: Call, measured: Measured) -> None:
    for given, wanted in (((), False), (("--fail-if", "p50 > +10%"), True), (("--rate", "100"), True)):
        seen = measured(Measurements(1.0))
        call("gate", *STACKS, *given)
        assert seen.asked[0]["response_times"] is wanted


def test_the_limits_are_those_given(call: Call, measured: Measured) -> None:
    measured(Measurements(1.3))
    assert call("gate", *STACKS, "--fail-if", "cpu_per_request > +50%").returncode == 0


def test_a_side_without_a_valid_measurement_is_no_verdict(call: Call, measured: Measured, tmp_path: Path) -> None:
    measured(Measurements(1.0, failing=0.5))
    done = call("gate", *STACKS, "--markdown", "gate.md")
    assert done.returncode == 3
    assert "head has no valid measurement" in done.stdout
    assert "could not be measured" in (tmp_path / "gate.md").read_text()


def test_an_interrupted_measurement_is_no_verdict(call: Call, measured: Measured) -> None:
    measured(Measurements(1.0, state="interrupted"))
    done = call("gate", *STACKS)
    assert (done.returncode, done.stdout) == (130, "")
    assert "before the gate was decided" in done.stderr


def test_the_json_document_holds_the_gate_and_its_runs(call: Call, measured: Measured) -> None:
    measured(Measurements(1.3, 1.3))
    document = json.loads(call("gate", *STACKS, "--json").stdout)
    assert document["schema"] == 1
    assert document["analysis"]["outcome"] == "regression"
    assert document["analysis"]["changes"][0]["state"] == "regression"
    assert [run["experiment"]["seed"] for run in document["runs"]] == [1, 2]


def test_a_step_summary_that_cannot_be_written_does_not_change_the_outcome(
    call: Call, measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    measured(Measurements(1.0))
    done = call("gate", *STACKS)
    assert done.returncode == 0
    assert "GITHUB_STEP_SUMMARY" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "main", "--head", "HEAD"], "name your app as MODULE:NAME@SERVER beside --base and --head"),
        (["--base", "flask", "--head", "flask"], "same stack"),
        (["flask", "--base", "main", "--head", "HEAD"], "reference app"),
        (["shop:app", "--base", "main", "--head", "HEAD"], "not in the working tree of a git repository"),
        (["shop:app", "--base", "main", "--head", "HEAD", "--app-dir", "gone"], "gone does not exist"),
        ([*STACKS, "--fail-if", "p99 > 5"], "in %"),
        ([*STACKS, "--markdown", "/"], "--markdown /"),
        ([*STACKS, "--requirements", "requirements.txt"], "--requirements is for"),
        ([*STACKS, "--duration", "soon"], "soon"),
        ([*STACKS, "--inconclusive", "maybe"], "give pass or fail"),
    ],
)
def test_wrong_use_is_refused_with_the_remedy(call: Call, arguments: list[str], words: str) -> None:
    done = call("gate", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "->" in done.stderr


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An app with a history; what is checked out of it lies in `scratch`."""
    made = Repository(tmp_path / "shop")
    made.commit("first", {"shop.py": APP.format(work=150_000)})
    made.commit("slow", {"shop.py": APP.format(work=750_000)})
    made.commit("same", {"shop.py": APP.format(work=150_000)})
    made.commit("broken", {"shop.py": BROKEN})
    made.commit("quits", {"shop.py": QUITS})
    made.commit("quits-too", {"shop.py": QUITS})
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return made


def left_behind(repository: Repository) -> list[str]:
    return repository.checkouts()[1:] + [str(path) for path in (repository.folder.parent / "scratch").glob("webdyno-*")]


def gate(call: Call, base: str, head: str, *more: str) -> Done:
    sides = ("--base", base, "--head", head, "--app-dir", "shop")
    return call("gate", "shop:app@uvicorn", *sides, *QUICK, "--markdown", "gate.md", *more)


def assert_decided(done: Done, code: int, outcome: str) -> None:
    """See that both sides were measured and this came of it, or that a noisy machine left it open."""
    with Store(done.folder / ".webdyno" / "results.db") as store:
        found = result_of(store.read())
    assert isinstance(found, GateResult)
    assert (done.returncode, found.gate.outcome) in ((code, outcome), (3, "inconclusive")), done.stdout + done.stderr
    for measured in found.measured:
        for side in measured.analysis.stacks:
            assert any(block.cpu_per_request_us for block in side.blocks), side.reasons


@pytest.mark.timed
def test_a_head_that_burns_more_cpu_fails(call: Call, shop: Repository, in_folder: Path) -> None:
    # Five times the work stands out of three blocks whatever else the machine does.
    done = gate(call, "first", "slow", "-n", "3", "--fail-if", "cpu_per_request > +20%")
    assert_decided(done, 1, "regression")
    assert left_behind(shop) == []
    if done.returncode == 1:
        assert "**regression**" in (in_folder / "gate.md").read_text()
        assert "measuring once more" in done.stderr
    assert "app_dir=" not in done.stdout + done.stderr
    with Store(in_folder / ".webdyno" / "results.db") as store:
        kinds = [header.kind for header in store.list()]
        assert kinds == ["gate", *["comparison"] * (2 if "measuring once more" in done.stderr else 1)]


@pytest.mark.timed
def test_the_same_content_passes(call: Call, shop: Repository, in_folder: Path) -> None:
    # Three blocks know their scatter so badly that a narrower limit would often stay open.
    done = gate(call, "first", "same", "-n", "4", "--fail-if", "cpu_per_request > +100%")
    assert_decided(done, 0, "passed")
    assert "the same packages on both sides" in done.stdout
    with Store(in_folder / ".webdyno" / "results.db") as store:
        kept = store.read()
    assert isinstance(kept, GateRun)
    assert all(run.experiment.of_gate and not run.takes_blocks for run in kept.runs)
    assert left_behind(shop) == []


def test_an_app_that_does_not_import_could_not_be_measured(call: Call, shop: Repository, in_folder: Path) -> None:
    done = gate(call, "first", "broken")
    assert done.returncode == 3
    assert "head (broken) cannot be measured" in done.stderr
    assert "no price list" in done.stderr
    assert "could not be measured" in (in_folder / "gate.md").read_text()
    assert left_behind(shop) == []


def test_apps_that_end_at_their_start_could_not_be_measured(call: Call, shop: Repository, in_folder: Path) -> None:
    done = gate(call, "quits", "quits-too")
    assert done.returncode == 3, done.stderr
    assert "head has no valid measurement" in done.stdout
    assert "could not be measured" in (in_folder / "gate.md").read_text()
    assert left_behind(shop) == []


def test_an_interrupted_gate_leaves_nothing_behind(shop: Repository, in_folder: Path) -> None:
    command = [sys.executable, "-m", "webdyno", "gate", "shop:app@uvicorn", "--base", "first", "--head", "slow"]
    process = subprocess.Popen([*command, "--app-dir", "shop"], cwd=in_folder, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("pilot: "):
            break
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert left_behind(shop) == []
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
