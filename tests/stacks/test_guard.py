"""After the end of webdyno, however it comes, nothing of it lives on."""

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

from webdyno.stacks import launch_sweep
from webdyno.stacks.guard import Guard

from .launch_servers import eventually, is_running, kill_all_in, processes_of, record

pytestmark = pytest.mark.skipif(
    not launch_sweep.can_sweep(), reason="no environment of other processes to be seen here"
)


@contextmanager
def sleeper(**env: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a session of its own that does nothing."""
    program = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(program, env={**os.environ, **env}, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def guard_of(pid: int) -> psutil.Process:
    """The guard of a process; just after its start it has no command line yet."""
    found: list[psutil.Process] = []

    def look() -> bool:
        children = psutil.Process(pid).children()
        found[:] = [child for child in children if any("launch_sweep" in part for part in child.cmdline())]
        return bool(found)

    assert eventually(look)
    (guard,) = found
    return guard


def test_leaving_the_context_kills_what_is_marked_and_nothing_else() -> None:
    guard = Guard()
    token = guard.env[launch_sweep.VARIABLE]
    launched_env = {launch_sweep.VARIABLE: f"{token}.1"}
    with sleeper() as stranger, sleeper(**guard.env) as marked, sleeper(**launched_env) as launched:
        with guard:
            process = guard_of(os.getpid())
        assert marked.wait(10) == launched.wait(10) == -signal.SIGKILL
        assert not is_running(process.pid)
        assert stranger.poll() is None


def test_two_guards_leave_each_others_processes_alone() -> None:
    with Guard() as outer, sleeper(**outer.env) as kept:
        with Guard():
            pass
        assert kept.poll() is None


def test_the_sweep_is_done_even_where_the_guard_was_killed() -> None:
    guard = Guard()
    with sleeper(**guard.env) as marked:
        with guard:
            process = guard_of(os.getpid())
            process.kill()
        assert marked.wait(10) == -signal.SIGKILL


def ignores_signals(pid: int) -> bool:
    """Whether a process ignores what would end it; it does not from its very start."""
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = int(status.partition("SigIgn:")[2].split()[0], 16)
    return all(ignored & 1 << number - 1 for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))


RUN = """
    import sys, time
    from pathlib import Path
    from webdyno.model.run import StackRecord
    from webdyno.model.workload import Request
    from webdyno.stacks.guard import Guard
    from webdyno.stacks.launcher import launch

    record = StackRecord.model_validate_json(Path("record.json").read_text())
    with Guard() as guard, launch(record, extra_env=guard.env) as server:
        server.wait_ready(Request())
        print("ready", flush=True)
        time.sleep(600)
"""


@contextmanager
def run_that_is_ready(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that uses guard and launcher, with a server that has left children everywhere."""
    server_folder = folder / "server"
    server_folder.mkdir()
    server = record(
        server_folder,
        "os.fork(); detached(); detached({}); serve() if os.getsid(0) == os.getpid() else time.sleep(600)",
    )
    (folder / "record.json").write_text(server.model_dump_json())
    logs = folder / "tmp"
    logs.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN)],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(logs)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "ready\n"
            # Both processes of the server have their two detached children each.
            assert eventually(lambda: len(processes_of(server_folder)) == 6)
            assert list(logs.iterdir())
            yield run
        finally:
            run.kill()
            kill_all_in(server_folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_survives_the_end_of_a_run(tmp_path: Path, number: signal.Signals) -> None:
    with run_that_is_ready(tmp_path) as run:
        guard = guard_of(run.pid)
        # As Ctrl-C does, the signal reaches the whole group; the guard is not in it.
        os.killpg(run.pid, number)
        run.wait(20)
        assert eventually(lambda: not processes_of(tmp_path / "server"))
        assert eventually(lambda: not is_running(guard.pid))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_guard_does_not_end_before_its_run(tmp_path: Path) -> None:
    with run_that_is_ready(tmp_path) as run:
        guard = guard_of(run.pid)
        assert eventually(lambda: ignores_signals(guard.pid))
        guard.send_signal(signal.SIGTERM)
        guard.send_signal(signal.SIGINT)
        run.kill()
        assert eventually(lambda: not processes_of(tmp_path / "server"))
        assert eventually(lambda: not is_running(guard.pid))
