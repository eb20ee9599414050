"""The engine's process: how it starts, serves, fails and ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from webdyno.errors import EngineFailed
from webdyno.loadgen import generator as generator_module
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, WindowClosed, WindowOpened
from webdyno.model.load import ClosedLoad, OpenLoad
from webdyno.model.workload import Request

from .conftest import make_job
from .server import ScriptedServer, good

pytestmark = pytest.mark.paced


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def await_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while not is_gone(pid):
        assert time.monotonic() < deadline, "the engine lives on"
        time.sleep(0.01)


def send(pid: int | None, number: signal.Signals) -> None:
    assert pid
    os.kill(pid, number)


def test_one_engine_does_one_job_after_another(generator: LoadGenerator) -> None:
    pids = set()
    with ScriptedServer(good) as server:
        for load in (ClosedLoad(connections=2), OpenLoad(rate=100), ClosedLoad(connections=9)):
            result = generator.run(make_job(server.port, load))
            assert result.ok == result.scheduled > 0
            pids.add(generator.pid)
    assert len(pids) == 1


def test_the_engine_runs_where_it_is_told_in_a_session_of_its_own() -> None:
    cpu = min(os.sched_getaffinity(0))
    with LoadGenerator(cpus=[cpu], env={"WEBDYNO_TEST_TOKEN": "here"}) as generator, ScriptedServer(good) as server:
        generator.run(make_job(server.port))
        pid = generator.pid
        assert pid
        assert os.sched_getaffinity(pid) == {cpu}
        assert os.getsid(pid) == os.getpgid(pid) == pid
        assert psutil.Process(pid).environ()["WEBDYNO_TEST_TOKEN"] == "here"
    assert is_gone(pid)


def test_variables_that_change_python_stay_with_their_user(monkeypatch: pytest.MonkeyPatch) -> None:
    # In this encoding nobody would understand the engine.
    monkeypatch.setenv("PYTHONIOENCODING", "utf-16")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("PYTHONPATH", "/nonexistent")
    monkeypatch.setenv("SSL_CERT_DIR", "/certificates")
    with ScriptedServer(good) as server, LoadGenerator() as generator:
        assert generator.run(make_job(server.port, ClosedLoad(connections=2))).ok > 0
        assert generator.pid
        told = psutil.Process(generator.pid).environ()
    assert "PYTHONIOENCODING" not in told and "PYTHONOPTIMIZE" not in told
    assert (told["PYTHONPATH"], told["SSL_CERT_DIR"]) == ("/nonexistent", "/certificates")


def test_starting_does_not_wait_and_closing_does_not_need_a_job() -> None:
    generator = LoadGenerator()
    generator.start()
    pid = generator.pid
    generator.start()
    assert generator.pid == pid
    generator.close()
    generator.close()
    assert pid
    assert is_gone(pid)


def test_a_killed_engine_fails_the_job_and_the_next_job_gets_a_new_one() -> None:
    def kill(event: LoadEvent) -> None:
        send(generator.pid, signal.SIGKILL)

    with LoadGenerator() as generator, ScriptedServer(good) as server:
        with pytest.raises(EngineFailed, match="SIGKILL"):
            generator.run(make_job(server.port, seconds=30), kill)
        assert generator.run(make_job(server.port)).ok > 0


def test_an_engine_that_falls_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(event: LoadEvent) -> None:
        send(generator.pid, signal.SIGSTOP)

    with LoadGenerator() as generator, ScriptedServer(good) as server:
        generator.run(make_job(server.port))
        pid = generator.pid
        monkeypatch.setattr(generator_module, "MARGIN_S", 0.3)
        with pytest.raises(EngineFailed, match="no word"):
            generator.run(make_job(server.port, timeout=0.5), stop)
        assert pid
        assert is_gone(pid)


def test_an_engine_that_does_not_start_says_why() -> None:
    with (
        LoadGenerator(env={"PYTHONHOME": "/nowhere"}) as generator,
        pytest.raises(EngineFailed, match="exit code") as caught,
    ):
        generator.run(make_job(1))
    assert any("encodings" in line for line in caught.value.details)


def test_a_job_that_cannot_be_done_is_refused_with_the_reason() -> None:
    with LoadGenerator() as generator, pytest.raises(EngineFailed, match="Content-Length"):
        generator.run(make_job(1, request=Request(headers=(("Content-Length", "1"),))))


def test_ctrl_c_ends_a_job_at_once_and_leaves_no_engine() -> None:
    pids = []

    def interrupt(event: LoadEvent) -> None:
        pids.append(generator.pid)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    with ScriptedServer(good) as server:
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt), LoadGenerator() as generator:
            generator.run(make_job(server.port, seconds=60), interrupt)
    assert time.monotonic() - start < 30
    assert pids[0]
    assert is_gone(pids[0])


def test_the_engine_leaves_ctrl_c_to_its_parent(generator: LoadGenerator) -> None:
    def interrupt(event: LoadEvent) -> None:
        send(generator.pid, signal.SIGINT)

    with ScriptedServer(good) as server:
        assert generator.run(make_job(server.port), interrupt).ok > 0


def test_the_engine_does_not_outlive_its_parent() -> None:
    with ScriptedServer(good) as server:
        job = make_job(server.port, seconds=60).model_dump_json()
        program = (
            "from webdyno.loadgen.generator import *\n"
            "generator = LoadGenerator()\n"
            f"generator.run(LoadJob.model_validate_json({job!r}), lambda event: print(generator.pid, flush=True))\n"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
            assert parent.stdout
            pid = int(parent.stdout.readline())
            parent.kill()
        await_gone(pid)


def test_an_error_in_the_listener_reaches_the_caller_and_the_next_job_starts_anew() -> None:
    def fail(event: LoadEvent) -> None:
        raise ZeroDivisionError

    with LoadGenerator() as generator, ScriptedServer(good) as server:
        with pytest.raises(ZeroDivisionError):
            generator.run(make_job(server.port, seconds=30), fail)
        events: list[LoadEvent] = []
        generator.run(make_job(server.port), events.append)
        assert [type(event) for event in events] == [WindowOpened, WindowClosed]


def test_a_request_larger_than_a_pipe_reaches_the_engine(generator: LoadGenerator) -> None:
    with ScriptedServer(good) as server:
        request = Request(method="POST", body=bytes(1_000_000))
        assert generator.run(make_job(server.port, ClosedLoad(connections=1), request=request)).ok > 0


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_addresses_are_reached(generator: LoadGenerator) -> None:
    with ScriptedServer(good, host="::1") as server:
        assert generator.run(make_job(server.port, host="::1")).ok > 0
