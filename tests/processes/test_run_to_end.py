"""Helper processes end with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from webdyno.processes.run_to_end import base_environment, run

SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}, sys.argv[1]]).wait()"
RUNNER = (
    "import os, sys, pathlib\n"
    "from webdyno.processes.run_to_end import run\n"
    f"run([sys.executable, '-c', {FAMILY!r}, sys.argv[1]], env=dict(os.environ), cwd=pathlib.Path.cwd())\n"
)


def awaited_pid(file: Path) -> int:
    """The pid that the sleeper wrote."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.01)
    raise AssertionError("the sleeper never came up")


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        return True
    return not psutil.pid_exists(pid)


def test_output_and_code_are_given() -> None:
    outcome = run(
        [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"],
        env=base_environment(),
        cwd=Path.cwd(),
    )
    assert outcome.code == 3 and {"out", "err"} == set(outcome.output.split())


def test_only_the_end_of_a_long_output_is_kept() -> None:
    outcome = run([sys.executable, "-c", "print('a' * 10**6 + 'end')"], env=base_environment(), cwd=Path.cwd())
    assert len(outcome.output) == 64 * 1024 and outcome.output.endswith("end\n")


def test_the_time_limit_ends_the_whole_family(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    outcome = run([sys.executable, "-c", FAMILY, str(pid_file)], env=base_environment(), cwd=tmp_path, limit_s=2)
    assert outcome.code is None
    assert gone(awaited_pid(pid_file))


def test_ctrl_c_ends_the_whole_family(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(pid_file)], stderr=subprocess.DEVNULL)
    sleeper = awaited_pid(pid_file)
    runner.send_signal(signal.SIGINT)
    assert runner.wait(10) != 0
    assert gone(sleeper)


def test_a_missing_program_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        run(["/no/such/program"], env=dict(os.environ), cwd=Path.cwd())
