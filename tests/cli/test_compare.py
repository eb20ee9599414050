"""`webdyno compare` end to end, on real servers under real load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.store.samples import read_comparison
from webdyno.store.database import Store
from webdyno.store.document import read_document

from .conftest import Call, Done, learned_bodies
from .measured import assert_measured

PAIR = ("bare-wsgi@gunicorn", "bare-asgi@uvicorn")
SHORT = ("-n", "2", "-d", "0.3s", "--warmup", "0.1s", "--seed", "7")
QUICK = (*SHORT, "--metric", "throughput", "--no-html")
# One block is enough for what is no question of several.
ONCE = ("-n", "1")

OWN_APP = """
import os, time

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    mode = os.environ.get("MODE", "")
    body = scope["path"].encode()
    if mode == "dies" and app.seen > 50:
        os._exit(3)
    app.seen += 1
    status = 500 if mode == "broken" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

app.seen = 0
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One run of a quick pair, used by several tests."""
    folder = tmp_path_factory.mktemp("finished")
    done = subprocess.run(
        [sys.executable, "-m", "webdyno", "compare", *PAIR, *SHORT],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    measured = Done(done.returncode, done.stdout, done.stderr, folder)
    assert_measured(measured)
    return measured


def _without_place(report: str) -> str:
    """A report without the lines that say where the results lie; the command that adds blocks names their store."""
    lines = report[: report.index("results: ")].splitlines()
    return "\n".join(line for line in lines if not line.startswith("  webdyno compare --continue"))


def test_the_table_names_every_stack_and_fits_80_columns(
    finished: Done,
) -> None:
    for stack in PAIR:
        assert stack in finished.stdout
    assert all(len(line) <= 80 for line in finished.stdout.splitlines())
    assert "\x1b" not in finished.stdout + finished.stderr


def test_every_trial_of_the_plan_is_stored(finished: Done) -> None:
    with Store(finished.folder / ".webdyno" / "results.db") as store:
        run = store.load()
    assert run.state == "complete"
    done = sorted((trial.block, trial.stack, trial.phase) for trial in run.trials)
    wanted = [(0, stack, "pilot") for stack in PAIR]
    wanted += [(block, stack, phase) for block in (1, 2) for stack in PAIR for phase in ("saturation", "rate")]
    assert done == sorted(wanted)
    for trial in run.trials:
        assert trial.failure is None
        assert trial.result is not None
        assert trial.result.ok > 20
        assert trial.result.failed == 0
        assert trial.resources is not None
        assert trial.resources.cpu_s > 0
        assert trial.resources.rss_peak_bytes > 5_000_000


def test_a_report_is_told_again_without_measuring(call: Call, finished: Done) -> None:
    store = str(finished.folder / ".webdyno" / "results.db")
    again = call("report", "--store", store)
    assert again.returncode == 0
    assert _without_place(again.stdout) == _without_place(finished.stdout)
    assert "<html" in (finished.folder / "report.html").read_text()
    runs = json.loads(call("runs", "--store", store, "--json").stdout)
    assert runs[0]["state"] == "complete"
    assert "|" in call("report", runs[0]["id"][:-1], "--store", store, "--markdown").stdout


def test_the_json_document_is_read_back_as_the_same_run(call: Call, in_folder: Path, finished: Done) -> None:
    store = str(finished.folder / ".webdyno" / "results.db")
    text = call("report", "--json", "--store", store).stdout
    (in_folder / "sent.json").write_text(text)
    with Store(store) as opened:
        assert read_document(in_folder / "sent.json") == opened.load()
    assert _without_place(call("report", "sent.json").stdout) == _without_place(finished.stdout)


def test_your_own_app_is_measured_with_its_path_and_environment(call: Call, in_folder: Path) -> None:
    (in_folder / "shop.py").write_text(OWN_APP)
    done = call("compare", "shop:app@uvicorn", "shop:app@granian", "--path", "/api/items", *QUICK, *ONCE, "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    assert document["experiment"]["workload"]["request"]["path"] == "/api/items"
    assert [learned_bodies(record) for record in document["stacks"]] == [["/api/items"], ["/api/items"]]


def test_an_app_that_answers_500_is_invalid_and_says_so(call: Call, in_folder: Path) -> None:
    (in_folder / "shop.py").write_text(OWN_APP)
    done = call("compare", "shop:app@uvicorn", *QUICK, "--env", "MODE=broken")
    assert done.returncode == 3
    assert "500" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_stack_that_dies_under_load_is_reported_and_the_others_go_on(call: Call, in_folder: Path) -> None:
    (in_folder / "shop.py").write_text(OWN_APP)
    stacks = ("bare-asgi@uvicorn", "bare-asgi@granian", "shop:app@uvicorn")
    done = call("compare", *stacks, *QUICK, *ONCE, "--env", "MODE=dies", "--json")
    assert_measured(done, invalid=stacks[2:])
    trials = json.loads(done.stdout)["trials"]
    assert any(trial["failure"] for trial in trials if trial["stack"] == "shop:app@uvicorn")
    for stack in stacks[:2]:
        done_blocks = [trial["block"] for trial in trials if trial["stack"] == stack and trial["result"]]
        assert sorted(done_blocks) == [0, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_kept_reported_and_leaves_no_process(in_folder: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "webdyno", "compare", *PAIR, *QUICK, "-n", "50"]
    process = subprocess.Popen(command, cwd=in_folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("block 1 "):
            break
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "bare-wsgi@gunicorn" in out
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert gone
    with Store(in_folder / ".webdyno" / "results.db") as store:
        run = store.load()
    assert run.state == "interrupted"
    assert len(run.trials) >= 3


def test_a_run_that_goes_on_until_it_is_precise_shows_how_near_it_is_and_keeps_what_an_interruption_left(
    in_folder: Path,
) -> None:
    quick = ("--precision", "0.1%", "--max-time", "10m", "-d", "0.3s", "--warmup", "0.1s", "--metric", "throughput")
    command = [sys.executable, "-m", "webdyno", "compare", *PAIR, *quick, "--no-html"]
    process = subprocess.Popen(command, cwd=in_folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        # How near it is, or on a machine too busy for any valid trial that it is not known.
        if line.startswith(("block 2: throughput of", "block 2: no valid ratio yet")):
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "bare-wsgi@gunicorn" in out
    assert any("as many blocks as it takes, at most" in line for line in lines)
    with Store(in_folder / ".webdyno" / "results.db") as store:
        run = store.load()
    assert run.state == "interrupted"
    assert run.experiment.precision == pytest.approx(0.001)
    assert run.experiment.metrics == ("throughput",)
    # Response times were not asked for, so that no time goes into them.
    assert {trial.phase for trial in run.trials} == {"pilot", "saturation"}
    assert {trial.block for trial in run.trials} >= {0, 1, 2}


def test_a_quick_run_ends_at_a_look_at_which_the_order_is_known_or_by_time(call: Call, in_folder: Path) -> None:
    (in_folder / "fast.py").write_text(OWN_APP)
    slow = OWN_APP.replace("app.seen += 1", "app.seen += 1\n    await asyncio.sleep(0.02)")
    (in_folder / "slow.py").write_text("import asyncio\n" + slow)
    stacks = ("slow:app@uvicorn", "fast:app@uvicorn")
    done = call("compare", *stacks, "--quick", "--max-time", "14s", "--no-html", "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    plan, order = document["experiment"], document["analysis"]["order"]
    assert (plan["quick"], plan["max_time_s"], plan["metrics"]) == (True, 14.0, ["throughput"])
    assert {trial["phase"] for trial in document["trials"]} == {"pilot", "saturation"}
    if order is None:
        # The machine was too busy for both.
        assert len(document["analysis"]["ranking"]) < 2
        return
    assert order["stacks"] == list(reversed(stacks))
    known = all(step["relation"] != "open" for step in order["steps"])
    assert plan["blocks"] in plan["looks"] or not known
    assert ("the order is known" in done.stderr) == known


def test_a_closed_pipe_ends_neither_the_measurement_nor_the_report(call: Call, in_folder: Path) -> None:
    command = [sys.executable, "-m", "webdyno", "compare", PAIR[0], *SHORT, *ONCE, "--metric", "throughput"]
    process = subprocess.Popen(command, cwd=in_folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.readline()
    process.stderr.close()
    assert_measured(Done(process.wait(60), "", "", in_folder))
    with Store(in_folder / ".webdyno" / "results.db") as store:
        assert store.load().state == "complete"
    assert (in_folder / "report.html").exists()


def test_an_output_that_cannot_be_written_is_said_in_one_line(in_folder: Path, finished: Done) -> None:
    command = [sys.executable, "-m", "webdyno", "report", "--store", str(finished.folder / ".webdyno" / "results.db")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=in_folder, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_the_store_fails_the_run_is_kept_elsewhere_and_the_exit_says_so(
    call: Call, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A limit on the size of files stands for a full disk: SQLite meets the same error at the same place.
    script = """
import resource
from pathlib import Path
from webdyno.cli import main
from webdyno.lab import session

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def save(self, trial, save=session.Session.save):
    limit(Path(".webdyno/results.db").stat().st_size)
    save(self, trial)

def write(run, write=session._written_elsewhere):
    limit(resource.RLIM_INFINITY)
    return write(run)

session.Session.save, session._written_elsewhere = save, write
main()
"""
    monkeypatch.setenv("XDG_STATE_HOME", str(in_folder))
    command = [sys.executable, "-c", script, "compare", *PAIR, *QUICK, *ONCE]
    done = subprocess.run(command, cwd=in_folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    assert "results: .webdyno" not in done.stdout
    (kept,) = in_folder.rglob("run-*.json")
    assert len(read_comparison(kept).trials) == 4
    assert "bare-wsgi@gunicorn" in call("report", str(kept)).stdout


def test_a_second_run_in_the_same_folder_is_refused_while_one_measures(call: Call, in_folder: Path) -> None:
    command = [sys.executable, "-m", "webdyno", "compare", *PAIR, "-n", "50", "--no-html"]
    process = subprocess.Popen(command, cwd=in_folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        assert process.stderr.readline()
        second = call("compare", *PAIR, *QUICK)
        assert second.returncode == 2
        assert str(process.pid) in second.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


RECORDING_APP = """
import os

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    # One write of less than a page: lines of several workers do not mix.
    with open("heads.log", "ab") as log:
        log.write(b"|".join(b"%b: %b" % field for field in scope["headers"]) + b"\\n")
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    await send(start)
    await send({"type": "http.response.body", "body": b"ok"})
"""


def test_every_request_of_a_comparison_has_the_users_headers_once(call: Call, in_folder: Path) -> None:
    (in_folder / "shop.py").write_text(RECORDING_APP)
    given = [
        "HOST: shop.example",
        "user-agent: me",
        "Connection: close",
        "Content-Length: 5",
        "Cookie: a=1",
        "Cookie: b=2",
    ]
    options = [part for text in given for part in ("--header", text)]
    done = call("compare", "shop:app@uvicorn", *QUICK, *ONCE, *options, "--method", "POST", "--body", "hello", "--json")
    assert_measured(done)
    # Sent in the order given, after the one that nobody gave; ASGI has names in small letters.
    sent = "|".join(
        ["accept: */*", *(f"{name.lower()}:{value}" for name, value in (text.split(":") for text in given))]
    )
    assert set((in_folder / "heads.log").read_text().splitlines()) == {sent}
    results = [trial["result"] for trial in json.loads(done.stdout)["trials"]]
    assert all(result["ok"] and not result["reconnects"] and not result["failures"] for result in results)


STREAMING_APP = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/event-stream")]
    if scope["path"] == "/old":
        await send({"type": "http.response.start", "status": 308, "headers": [(b"location", b"/new/")]})
        await send({"type": "http.response.body"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while True:
        await send({"type": "http.response.body", "body": b"data: 1\\n\\n", "more_body": True})
        await asyncio.sleep(0.5)
"""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "/events",
            ("events (", "it never ended: GET /events (status 200, text/event-stream)", "name an endpoint that ends"),
        ),
        ("/old", ("status 308 and Location: /new/", "--path /new/")),
    ],
)
def test_a_stack_that_cannot_be_measured_is_told_with_what_came_and_what_helps(
    call: Call, in_folder: Path, path: str, words: tuple[str, ...]
) -> None:
    (in_folder / "shop.py").write_text(STREAMING_APP)
    limits = ("--timeout", "0.5s", "--start-timeout", "5s")
    done = call("compare", "shop:app@uvicorn", *QUICK, "--path", path, *limits)
    assert done.returncode == 3
    told = " ".join(done.stdout.split())
    assert all(word in told for word in words), done.stdout
