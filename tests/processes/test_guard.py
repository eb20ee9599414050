"""Nothing that the guard has started outlives its end, whatever it does to get away."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.serving.launch_servers import eventually, is_running, kill_all_in, processes_of
from webdyno.errors import MeasurementError, NoRoom
from webdyno.probes.processes import read_process
from webdyno.processes import guard as guard_module
from webdyno.processes import process as process_module
from webdyno.processes import program
from webdyno.processes.guard import Guard, Streams, guarding
from webdyno.processes.process import Process

from .escaping import ESCAPE

pytestmark = [
    pytest.mark.paced,
    pytest.mark.skipif(not Path("/proc/thread-self/children").exists(), reason="no subreapers here"),
]

ESCAPES = ESCAPE + "escape(); escape(dict(os.environ)); time.sleep(300)"
# Each of 200 gives way to a child of its own, again and again, every other one in a session of its own.
FORK_BOMB = """
import os, time
for number in range(200):
    if os.fork() == 0:
        while True:
            if number % 2:
                os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(0.001)
time.sleep(300)
"""
_PR_GET_CHILD_SUBREAPER = 37


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    yield
    kill_all_in(tmp_path)


def python(guard: Guard, folder: Path, source: str) -> Process:
    return guard.start([sys.executable, "-I", "-S", "-c", source], env=dict(os.environ), cwd=folder)


def guard_pid(guard: Guard) -> int:
    (found,) = (child.pid for child in psutil.Process().children() if guard.token in child.cmdline())
    return found


def keeper_pid(process: Process) -> int:
    return psutil.Process(process.pid).ppid()


def has(folder: Path, count: int) -> bool:
    return eventually(lambda: len(processes_of(folder)) == count)


def test_what_a_process_has_left_behind_ends_with_it_and_no_stranger_does(tmp_path: Path) -> None:
    ours, strange = tmp_path / "ours", tmp_path / "strange"
    ours.mkdir()
    strange.mkdir()
    stranger = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)"], cwd=strange)
    with stranger, Guard() as guard:
        process = python(guard, ours, ESCAPES)
        assert has(ours, 3)
        process.end()
        assert processes_of(ours) == []
        assert stranger.poll() is None
        stranger.kill()


def test_of_two_at_once_each_takes_its_own_with_it(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    with Guard() as guard:
        one, other = (python(guard, folder, ESCAPES) for folder in folders)
        assert all(has(folder, 3) for folder in folders)
        one.end()
        assert [len(processes_of(folder)) for folder in folders] == [0, 3]
        other.end()
        assert processes_of(folders[1]) == []


def test_leaving_the_context_ends_all_that_was_started(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, ESCAPES)
        assert has(tmp_path, 3)
        (guard.folder / "folder").mkdir()
        (guard.folder / "folder" / "file").touch()
        (guard.folder / "link").symlink_to(tmp_path)
    assert processes_of(tmp_path) == []
    assert not guard.folder.exists()
    assert tmp_path.exists()
    assert guard.left == ()
    process.end()


def test_a_process_that_forks_without_pause_is_caught_in_the_end(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, FORK_BOMB)
        keeper = keeper_pid(process)
        adopted = Path(f"/proc/{keeper}/task/{keeper}/children")
        assert eventually(lambda: len(adopted.read_text().split()) > 40)
        process.end()
        assert processes_of(tmp_path) == []


def test_it_starts_a_process_as_it_is_told(tmp_path: Path) -> None:
    source = """
import os, signal
print(os.getcwd(), os.getsid(0) == os.getpgid(0) == os.getpid(), sorted(os.sched_getaffinity(0)))
print([signal.getsignal(number) is signal.SIG_DFL for number in (signal.SIGHUP, signal.SIGTERM)], os.read(0, 10))
print(os.environb[b"ODD"], [os.read(n, 9) for n in range(3, 64) if os.path.isfile(f"/proc/self/fd/{n}")])
print(sorted(os.environ))
raise SystemExit(7)
"""
    reading, writing = os.pipe()
    (tmp_path / "kept").write_text("kept")
    with Guard() as guard, (tmp_path / "kept").open() as kept, os.fdopen(reading, "rb") as said:
        cpu = max(os.sched_getaffinity(0))
        env = {"ODD": os.fsdecode(b"\xff=\n"), "PLAIN": "x"}
        argv = [sys.executable, "-I", "-S", "-c", source]
        before = time.monotonic()
        process = guard.start(
            argv, env=env, cwd=tmp_path, streams=Streams(None, writing, writing), keep_open=[kept.fileno()], cpus=[cpu]
        )
        os.close(writing)
        assert before < process.started < time.monotonic()
        lines = said.read().decode().splitlines()
        assert process.wait(10) == 7
        process.end()
        assert lines[0] == f"{tmp_path} True [{cpu}]"
        assert lines[1] == "[True, True] b''"
        assert lines[2] == r"b'\xff=\n' [b'kept']"
        assert lines[3] == "['LC_CTYPE', 'ODD', 'PLAIN', 'WEBDYNO_TOKEN']"


def test_what_cannot_be_started_is_the_error_of_the_system(tmp_path: Path) -> None:
    with Guard() as guard:
        with pytest.raises(FileNotFoundError, match="/no/such/program"):
            guard.start(["/no/such/program"], env={})
        with pytest.raises(PermissionError):
            guard.start([str(tmp_path)], env={})
        with pytest.raises(FileNotFoundError, match="/no/such/folder"):
            guard.start([sys.executable], env={}, cwd="/no/such/folder")
        with pytest.raises(ValueError, match="null"):
            guard.start([sys.executable, "\0"], env={})


def test_a_request_may_be_long() -> None:
    with Guard() as guard:
        process = guard.start(["/bin/sh", "-c", "exit 4"], env={f"V{n}": "x" * 100_000 for n in range(10)})
        assert process.wait(10) == 4
        process.end()


def test_many_starts_leave_neither_descriptors_nor_zombies() -> None:
    with Guard() as guard:
        pid = guard_pid(guard)
        counts = []
        for _ in range(3):
            for _ in range(20):
                process = guard.start(["/bin/sh", "-c", "exit 3"], env={})
                assert process.wait(10) == 3
                process.end()
            assert eventually(lambda: not psutil.Process(pid).children())
            counts.append((psutil.Process().num_fds(), psutil.Process(pid).num_fds()))
        assert counts[0] == counts[1] == counts[2]


def test_threads_may_start_processes_at_the_same_time() -> None:
    codes: dict[int, int | None] = {}

    def run(guard: Guard, number: int) -> None:
        process = guard.start(["/bin/sh", "-c", f"exit {number}"], env={})
        codes[number] = process.wait(20)
        process.end()

    with Guard() as guard:
        threads = [threading.Thread(target=run, args=(guard, number)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert codes == {number: number for number in range(12)}


def test_it_uses_no_cpu_while_processes_run(tmp_path: Path) -> None:
    def used_s(pids: list[int]) -> list[float]:
        return [reading.used_s for reading in map(read_process, pids) if reading]

    with Guard() as guard:
        process = python(guard, tmp_path, "import time; time.sleep(300)")
        pids = [guard_pid(guard), keeper_pid(process)]
        time.sleep(0.05)
        before = used_s(pids)
        time.sleep(0.3)
        assert used_s(pids) == before
        process.end()


def test_the_process_that_uses_it_is_no_subreaper() -> None:
    with Guard():
        answer = ctypes.c_int(-1)
        assert ctypes.CDLL(None).prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0) == 0
        assert answer.value == 0


def test_signals_do_not_end_it(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, "import time; time.sleep(300)")
        pids = [guard_pid(guard), keeper_pid(process)]
        for pid in pids:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(pid, number)
        assert process.wait(0.2) is None
        assert all(map(is_running, pids))
        process.end()


def test_where_a_keeper_is_killed_that_is_told_and_nothing_of_it_lives(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, ESCAPES)
        assert has(tmp_path, 3)
        os.kill(keeper_pid(process), signal.SIGKILL)
        with pytest.raises(MeasurementError, match="does not answer"):
            process.wait(10)
        assert has(tmp_path, 0)
        process.end()
        # Others are started as before.
        another = guard.start(["/bin/sh", "-c", "exit 3"], env={})
        assert another.wait(10) == 3
        another.end()


def test_where_the_guard_is_killed_keepers_stay_and_the_next_start_tells(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, ESCAPES)
        assert has(tmp_path, 3)
        psutil.Process(guard_pid(guard)).kill()
        assert eventually(lambda: not is_running(guard._process.pid))
        with pytest.raises(MeasurementError, match="does not answer"):
            guard.start([sys.executable], env={})
        process.end()
        assert processes_of(tmp_path) == []
    assert not guard.folder.exists()


def test_where_guard_and_keeper_are_killed_the_token_finds_whoever_carries_it(tmp_path: Path) -> None:
    with Guard() as guard:
        process = python(guard, tmp_path, ESCAPE + "escape(dict(os.environ)); time.sleep(300)")
        assert has(tmp_path, 2)
        keeper = keeper_pid(process)
        psutil.Process(guard_pid(guard)).kill()
        os.kill(keeper, signal.SIGKILL)
    assert has(tmp_path, 0)
    process.end()


def test_those_that_cannot_be_ended_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reporting = tmp_path / "program.py"
    reporting.write_text(
        "import socket, sys\n"
        "control = socket.socket(fileno=int(sys.argv[1]))\n"
        "control.recv(1)\n"
        f"control.sendall(b'left {os.getpid()} 999999999')\n"
    )
    monkeypatch.setattr(program, "__file__", str(reporting))
    told: list[str] = []
    with guarding(told.append) as guard:
        pass
    guard.folder.rmdir()
    name = psutil.Process().name()
    assert told == [
        f"not all that was started could be ended, these still run: {name} (pid {os.getpid()}), pid 999999999"
    ]


def test_the_sweep_kills_what_carries_the_token_and_nothing_else(tmp_path: Path) -> None:
    sleeper = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)"]
    log = tmp_path / "webdyno-abc" / "log"
    log.parent.mkdir()
    with (
        log.open("wb") as output,
        subprocess.Popen(sleeper, env={program.VARIABLE: "abc"}) as marked,
        subprocess.Popen(sleeper, env={}, stdout=output) as writing,
        subprocess.Popen(sleeper, env={program.VARIABLE: "abcd"}) as stranger,
    ):
        program.sweep("abc")
        assert marked.wait(10) == writing.wait(10) == -signal.SIGKILL
        assert stranger.poll() is None
        stranger.kill()


def test_a_guard_that_was_stopped_is_told_and_the_token_finds_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_module, "_DEADLINE_S", 0.2)
    told: list[str] = []
    with guarding(told.append) as guard:
        process = guard.start([sys.executable, "-c", "import time; time.sleep(300)"], env={})
        (parent,) = [one for one in psutil.Process().children() if guard.token in one.cmdline()]
        parent.suspend()
    assert len(told) == 1
    assert "was killed or stopped itself" in told[0]
    assert not guard.folder.exists()
    process.end()
    assert eventually(lambda: not is_running(process.pid))


@pytest.mark.parametrize("length", [10, 1_000_000])
def test_a_start_ends_in_time_where_the_guard_is_stopped(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(guard_module, "_DEADLINE_S", 0.2)
    monkeypatch.setattr(process_module, "_START_S", 0.2)
    with Guard() as guard:
        os.kill(guard_pid(guard), signal.SIGSTOP)
        with pytest.raises(MeasurementError, match="does not answer") as told:
            guard.start(["/bin/true"], env={f"V{n}": "x" * (length // 10) for n in range(10)})
        assert told.value.remedy
    assert guard.silent


def test_starts_end_in_time_where_a_stopped_guard_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_module, "_DEADLINE_S", 0.1)
    monkeypatch.setattr(process_module, "_START_S", 0.1)
    with Guard() as guard:
        os.kill(guard_pid(guard), signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            guard._control.sendall(b"+" * 10_000_000)
        with pytest.raises(MeasurementError, match="does not answer"):
            guard.start(["/bin/true"], env={})


def test_waiting_for_an_end_ends_in_time_where_the_keeper_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "_SILENCE_S", 0.1)
    with Guard() as guard:
        process = guard.start(["/bin/sh", "-c", "read _"], env={}, streams=Streams((ends := os.pipe())[0]))
        os.close(ends[0])
        os.kill(keeper_pid(process), signal.SIGSTOP)
        assert process.wait(0.3) is None
        os.close(ends[1])
        with pytest.raises(MeasurementError, match="does not answer"):
            process.wait(None)
        os.kill(keeper_pid(process), signal.SIGCONT)
        process.end()


@pytest.mark.parametrize(("least", "told"), [("LEAST_BYTES", "is full"), ("LEAST_FILES", "more files")])
def test_a_folder_for_temporary_files_without_room_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: str, told: str
) -> None:
    monkeypatch.setattr(guard_module, least, 1 << 62)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(NoRoom, match=told) as refused, Guard():
        pass
    assert "TMPDIR" in refused.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_temporary_files_in_folders_that_nobody_may_write_to_are_removed() -> None:
    folder = Path(tempfile.mkdtemp())
    as_root = os.geteuid() == 0
    if as_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        (folder / "cache" / "below").mkdir(parents=True)
        (folder / "cache" / "below" / "file").touch()
        (folder / "cache" / "below").chmod(0o500)
        (folder / "cache").chmod(0)
        program.remove(str(folder))
        assert not folder.exists()
    finally:
        if as_root:
            os.seteuid(0)
