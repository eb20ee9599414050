"""What must not be averaged in: each fault of a real server yields its named reason, and exit code 3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from .conftest import Call
from .measured import assert_measured

pytestmark = pytest.mark.timed

QUICK = ("-n", "1", "-d", "0.8s", "--warmup", "0.2s", "--seed", "7", "--no-html", "--json")

# The first worker that asks gets the mark.
OWN_APP = """
import os, signal, time

def marked():
    try:
        os.close(os.open(f"mark-{os.getppid()}", os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False

MODE, first, served, since = os.environ["MODE"], marked(), 0, 0.0

def app(environ, start_response):
    global served, since
    served += 1
    if served == 10:
        since = time.monotonic()
    if first and MODE == "slow":
        time.sleep(0.2)
    if MODE == "behind":
        time.sleep(0.02)
    if first and MODE == "dies" and since and time.monotonic() - since > 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def reasons(document: dict[str, Any]) -> dict[str, str]:
    (stack,) = document["analysis"]["stacks"]
    return {reason["name"]: reason["severity"] for reason in stack["reasons"]}


def saturation(document: dict[str, Any]) -> list[str]:
    """The names of the reasons that left saturation out."""
    (stack,) = document["analysis"]["stacks"]
    return [
        reason["name"]
        for reason in stack["reasons"]
        if reason["severity"] == "invalid" and reason["phase"] == "saturation"
    ]


def compared(call: Call, folder: Path, stack: str, mode: str) -> tuple[int, dict[str, str]]:
    (folder / "shop.py").write_text(OWN_APP)
    done = call("compare", stack, *QUICK, "--env", f"MODE={mode}", "--metric", "throughput")
    if mode == "honest":
        assert_measured(done)
    return done.returncode, reasons(json.loads(done.stdout))


def test_a_worker_that_dies_makes_its_trial_invalid(call: Call, in_folder: Path) -> None:
    code, found = compared(call, in_folder, "shop:app@gunicorn?workers=2", "dies")
    assert found["worker-lost"] == "invalid"
    assert code == 3


def test_a_worker_that_is_slow_is_told_as_imbalance(call: Call, in_folder: Path) -> None:
    code, found = compared(call, in_folder, "shop:app@gunicorn?workers=2", "slow")
    assert found["worker-imbalance"] == "invalid"
    assert code == 3


@pytest.mark.parametrize("stack", ["shop:app@gunicorn?workers=2", "shop:app@granian?workers=2"])
def test_workers_that_share_evenly_and_stay_are_no_reason(call: Call, in_folder: Path, stack: str) -> None:
    _, found = compared(call, in_folder, stack, "honest")
    assert not {"worker-lost", "worker-imbalance"} & found.keys()


def test_a_rate_that_is_more_than_the_stack_carries_answers_no_question_about_response_times(
    call: Call, in_folder: Path
) -> None:
    (in_folder / "shop.py").write_text(OWN_APP)
    behind = ("shop:app@gunicorn", *QUICK, "--env", "MODE=behind", "-c", "4", "--rate", "200", "--metric", "p50")
    done = call("compare", *behind)
    found = reasons(json.loads(done.stdout))
    assert {"overloaded", "times-overloaded"} <= found.keys()
    assert done.returncode == 3


def started(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "webdyno", "compare", "bare-asgi@uvicorn", *QUICK, "--metric", "throughput"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_generator_whose_core_others_use_is_refused(in_folder: Path) -> None:
    load_cpu = min(os.sched_getaffinity(0))
    burn = f"import os; os.sched_setaffinity(0, [{load_cpu}])\nwhile True: pass"
    with ExitStack() as burning, started(in_folder) as measuring:
        # One could give way often enough where other work slows the server down.
        for _ in range(4):
            burning.callback(burning.enter_context(subprocess.Popen([sys.executable, "-c", burn])).kill)
        out, _ = measuring.communicate(timeout=100)
    assert "core-shared" in saturation(json.loads(out))
    assert measuring.returncode == 3


def test_a_generator_that_is_stopped_again_and_again_is_refused(in_folder: Path) -> None:
    with started(in_folder) as measuring:
        while measuring.poll() is None:
            _stop_engines(measuring.pid)
        out = measuring.communicate()[0]
    assert "generator-limited" in saturation(json.loads(out))
    assert measuring.returncode == 3


def _stop_engines(pid: int) -> None:
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            if "webdyno.loadgen.engine" in child.cmdline():
                child.suspend()
                time.sleep(0.1)
                child.resume()
    time.sleep(0.1)
