"""However a run ends, and whenever, nothing of it lives on and no temporary file stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.serving.launch_servers import eventually, is_running, kill_all_in, processes_of, record

from .escaping import ESCAPE

pytestmark = [
    pytest.mark.paced,
    pytest.mark.skipif(not Path("/proc/thread-self/children").exists(), reason="no subreapers here"),
]

# A server that has left children everywhere, one of them under a guard of its own.
SERVER = (
    ESCAPE
    + """
escape()
escape(dict(os.environ))
inner = [os.environ["PYTHON"], "-c", os.environ["INNER"]]
os.spawnv(os.P_NOWAIT, inner[0], inner)
serve()
"""
)
INNER = """
    import sys, tempfile, time
    from webdyno.processes.guard import Guard
    # Killed from the outside, it leaves its folder.
    tempfile.tempdir = "."
    with Guard() as guard:
        held = guard.start([sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)"], env={})
        time.sleep(300)
"""
RUN = """
    import os, sys, time
    from pathlib import Path
    from webdyno.model.run import StackRecord
    from webdyno.model.workload import Request
    from webdyno.processes.guard import guarding
    from webdyno.serving.launcher import launch

    record = StackRecord.model_validate_json(Path("record.json").read_text())
    with guarding(print), launch(record) as server:
        server.wait_ready(Request())
        if "fork" in sys.argv and os.fork() == 0:
            # Holds all descriptors open.
            os.setsid()
            time.sleep(300)
        print("ready", flush=True)
        time.sleep(300)
"""
SET_UP = """
    import os, sys
    from pathlib import Path
    from webdyno.processes.run_to_end import run
    print("ready", flush=True)
    run([sys.executable, "-I", "-S", "-c", sys.argv[1]], env=dict(os.environ), cwd=Path("server"))
"""


@contextmanager
def running(folder: Path, program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process, once it is ready; what it starts works in `server`, its temporary files are in `tmp`."""
    (folder / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
            kill_all_in(folder / "server")
            kill_all_in(folder)


def write_record(folder: Path) -> Path:
    server = folder / "server"
    server.mkdir()
    made = record(server, SERVER, PYTHON=sys.executable, INNER=textwrap.dedent(INNER))
    (folder / "record.json").write_text(made.model_dump_json())
    return server


@pytest.mark.parametrize(
    ("number", "group"),
    [(signal.SIGKILL, False), (signal.SIGKILL, True), (signal.SIGTERM, True), (signal.SIGINT, True)],
)
def test_nothing_survives_a_signal(tmp_path: Path, number: signal.Signals, group: bool) -> None:
    server = write_record(tmp_path)
    with running(tmp_path, RUN) as run:
        # The server, two that escaped, and the inner one with what it started; the inner guard works elsewhere.
        assert eventually(lambda: len(processes_of(server)) == 5)
        below = psutil.Process(run.pid).children(recursive=True)
        assert list((tmp_path / "tmp").iterdir())
        (os.killpg if group else os.kill)(run.pid, number)
        run.wait(20)
        assert eventually(lambda: not any(is_running(process.pid) for process in below))
        assert processes_of(server) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_fork_that_holds_its_descriptors_keeps_nothing_alive(tmp_path: Path) -> None:
    server = write_record(tmp_path)
    with running(tmp_path, RUN, "fork") as run:
        assert eventually(lambda: len(processes_of(server)) == 5)
        run.kill()
        assert eventually(lambda: not processes_of(server))
        assert len(processes_of(tmp_path)) == 1


@pytest.mark.parametrize("group", [False, True])
def test_nothing_survives_a_kill_while_a_helper_runs(tmp_path: Path, group: bool) -> None:
    server = tmp_path / "server"
    server.mkdir()
    with running(tmp_path, SET_UP, ESCAPE + "escape(); time.sleep(300)") as run:
        assert eventually(lambda: len(processes_of(server)) == 2)
        (os.killpg if group else os.kill)(run.pid, signal.SIGKILL)
        assert eventually(lambda: not processes_of(server))
    assert eventually(lambda: not list((tmp_path / "tmp").iterdir()))


@pytest.mark.parametrize("after_ms", [0, 5, 15, 30, 60])
def test_nothing_survives_a_kill_at_any_moment_of_the_first_start(tmp_path: Path, after_ms: int) -> None:
    server = tmp_path / "server"
    server.mkdir()
    with running(tmp_path, SET_UP, ESCAPE + "escape(); time.sleep(300)") as run:
        # What is tested is a moment, whatever has happened until then.
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(after_ms / 1000)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(10)
        assert eventually(lambda: not list((tmp_path / "tmp").iterdir()))
        assert eventually(lambda: not processes_of(server))
