"""What becomes of a load from several engine processes where one of them fails."""

import os
import signal
import threading
import time

import pytest

from webdyno.errors import EngineFailed
from webdyno.loadgen import engine_process as process_module
from webdyno.loadgen import generator as generator_module
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, WindowOpened
from webdyno.model.workload import Request

from .conftest import make_job
from .server import ScriptedServer, good, slow
from .test_generator import is_gone

pytestmark = pytest.mark.paced


@pytest.mark.parametrize("place", [0, 1])
def test_one_process_that_is_killed_fails_the_job_and_leaves_no_other(place: int) -> None:
    pids: list[int] = []

    def kill(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            pids.extend(generator.pids)
            os.kill(pids[place], signal.SIGKILL)

    with LoadGenerator(processes=2) as generator, ScriptedServer(slow) as server:
        with pytest.raises(EngineFailed, match=f"process {place + 1} of 2 .*SIGKILL"):
            generator.run(make_job(server.port, seconds=30), kill)
        assert len(pids) == 2
        assert all(map(is_gone, pids))
        if place:
            assert generator.run(make_job(server.port)).ok > 0


def test_one_process_that_falls_silent_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(event: LoadEvent) -> None:
        os.kill(generator.pids[1], signal.SIGSTOP)

    with LoadGenerator(processes=2) as generator, ScriptedServer(slow) as server:
        generator.run(make_job(server.port))
        pids = generator.pids
        monkeypatch.setattr(generator_module, "MARGIN_S", 1.0)
        with pytest.raises(EngineFailed, match=r"process 2 of 2 .*no word"):
            generator.run(make_job(server.port, timeout=0.5), stop)
        assert all(map(is_gone, pids))


def test_one_process_that_never_gets_ready_is_the_one_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoadGenerator(processes=2) as generator, ScriptedServer(slow) as server:
        generator.run(make_job(server.port))
        pids = generator.pids
        os.kill(pids[1], signal.SIGSTOP)
        monkeypatch.setattr(generator_module, "MARGIN_S", 1.0)
        with pytest.raises(EngineFailed, match=r"process 2 of 2 .*no word"):
            generator.run(make_job(server.port, timeout=0.5))
        assert server.counts["connections"] == 3
        assert all(map(is_gone, pids))


def test_a_job_that_cannot_be_done_is_refused_by_whoever_is_first(pair: LoadGenerator) -> None:
    with pytest.raises(EngineFailed, match=r"refused the job.*Content-Length"):
        pair.run(make_job(1, request=Request(headers=(("Content-Length", "1"),))))
    assert pair.pids == ()


def test_a_line_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "MOST_BYTES", 1000)
    with (
        LoadGenerator() as generator,
        ScriptedServer(good) as server,
        pytest.raises(EngineFailed, match="more than 1,000 bytes in one line"),
    ):
        generator.run(make_job(server.port))


def test_ctrl_c_ends_all_processes_at_once() -> None:
    pids: list[int] = []

    def interrupt(event: LoadEvent) -> None:
        pids.extend(generator.pids)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    with ScriptedServer(slow) as server:
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt), LoadGenerator(processes=2) as generator:
            generator.run(make_job(server.port, seconds=60), interrupt)
    assert time.monotonic() - start < 30
    assert len(pids) == 2
    assert all(map(is_gone, pids))
