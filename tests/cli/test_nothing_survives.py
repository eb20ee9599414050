"""Nothing of a command lives on, whatever the user's app has detached, and whenever a signal comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.processes.escaping import ESCAPE
from tests.serving.launch_servers import eventually, is_running, kill_all_in, processes_of

from .conftest import Run

# Gets away at every import: in the inspection, in each server and in each of its workers.
APP = (
    ESCAPE
    + """
from pathlib import Path
escape()
with Path("imports").open("a") as file:
    file.write("x")
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
)
HANGS = ESCAPE + "escape()\ntime.sleep(300)\n"
QUICK = ("-n", "2", "-d", "0.2s", "--warmup", "0.1s", "-c", "2", "--max-time", "60s", "--no-html", "-q")

needs_subreapers = pytest.mark.skipif(not Path("/proc/thread-self/children").exists(), reason="no subreapers here")


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`webdyno ARGS` in a folder, whose temporary files are in `tmp` there."""
    (folder / "tmp").mkdir()
    command = [sys.executable, "-m", "webdyno", *arguments]
    env = {**os.environ, "TMPDIR": str(folder / "tmp")}
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            kill_all_in(folder)


@needs_subreapers
def test_of_two_apps_at_once_that_detach_processes_none_is_left(webdyno: Run, tmp_path: Path) -> None:
    (tmp_path / "leaving.py").write_text(APP)
    done = webdyno("compare", "leaving:app@gunicorn?workers=2", "leaving:app@gunicorn?threads=4", "--duet", *QUICK)
    try:
        # Each stack: once to inspect it, and in the pilot and both blocks once for each worker.
        assert len((tmp_path / "imports").read_text()) == (1 + 3 * 2) + (1 + 3 * 1), done.stderr
        assert processes_of(tmp_path) == []
    finally:
        kill_all_in(tmp_path)


@needs_subreapers
@pytest.mark.parametrize("end", [os.kill, os.killpg])
def test_a_kill_during_set_up_leaves_neither_processes_nor_files(
    tmp_path: Path, end: Callable[[int, int], None]
) -> None:
    (tmp_path / "hanging.py").write_text(HANGS)
    with started(tmp_path, "compare", "hanging:app@gunicorn", *QUICK) as run:
        # webdyno itself, the inspection, and what the app has detached.
        assert eventually(lambda: len(processes_of(tmp_path)) == 3)
        below = psutil.Process(run.pid).children(recursive=True)
        end(run.pid, signal.SIGKILL)
        run.wait(10)
        assert eventually(lambda: not any(is_running(process.pid) for process in below))
        assert eventually(lambda: not processes_of(tmp_path))
        assert list((tmp_path / "tmp").iterdir()) == []


def hears(pid: int, number: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(status.partition("SigCgt:")[2].split()[0], 16) & 1 << number - 1)


@pytest.mark.usefixtures("hears_hang_ups")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="does not say which signals are heard")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_first_imports_is_an_interruption(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "compare") as run:
        assert eventually(lambda: hears(run.pid, number))
        run.send_signal(number)
        assert run.wait(10) == 130


def test_a_signal_after_the_work_changes_no_exit_code(tmp_path: Path) -> None:
    program = (
        "import atexit, os, signal, sys\n"
        "from webdyno.__main__ import run\n"
        "sys.argv[1:] = ['list', 'servers']\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGTERM)\n"
        "run()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
