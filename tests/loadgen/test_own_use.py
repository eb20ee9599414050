"""What the engine says of itself: of the window, of nothing else."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.known import known
from webdyno.loadgen.engine import own_use
from webdyno.loadgen.engine.closed import ClosedExecution
from webdyno.loadgen.engine.open import OpenExecution
from webdyno.loadgen.engine.own_use import OwnUse
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import ClosedLoad, OpenLoad

from .conftest import Measure, make_job
from .server import GOOD, Exchange, ScriptedServer, good

pytestmark = pytest.mark.paced


def spend(cpu_s: float) -> None:
    until = time.process_time() + cpu_s
    while time.process_time() < until:
        pass


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int | None]]:
    """The waits for a core that the kernel will tell of, in nanoseconds; real ones cannot be had at will."""
    told: list[int | None] = []
    monkeypatch.setattr(own_use, "_core_wait_ns", lambda: told.pop(0))
    yield told
    assert not told


def test_only_what_was_used_since_the_beginning_counts(waits: list[int | None]) -> None:
    waits[:] = [3, 5_000_000_000, 7_000_000_000]
    own = OwnUse(spinning=True)
    own.gap_ns = own.waited_ns = own.render_ns = 10**9
    spend(0.05)
    own.begin()
    own.gap_ns, own.render_ns = 3_000_000, 4_000_000
    use = own.use()
    assert use.cpu_s < 0.05
    assert use.core_wait_s == 2
    assert (use.loop_gap_max_s, use.render_s, use.spinning) == (0.003, 0.004, True)


@pytest.mark.parametrize("told", [[0, None, 5], [0, 5, None]])
def test_where_the_kernel_says_nothing_the_wait_for_a_core_is_not_known(
    waits: list[int | None], told: list[int | None]
) -> None:
    waits[:] = told
    own = OwnUse(spinning=False)
    own.begin()
    assert own.use().core_wait_s is None


def test_busy_is_the_time_that_was_not_waited() -> None:
    own = OwnUse(spinning=False)
    outer = time.monotonic()
    own.begin()
    inner = time.monotonic()
    spend(0.03)
    own.waited_ns = 10_000_000
    least_s = time.monotonic() - inner - 0.01
    busy_s = own.use().busy_s
    assert busy_s is not None
    assert least_s <= busy_s <= time.monotonic() - outer - 0.01


def test_only_an_error_that_says_so_is_an_exhaustion() -> None:
    own = OwnUse(spinning=False)
    for number in (errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ECONNREFUSED, None):
        own.exhausted(number)
    use = own.use()
    assert (use.ports_exhausted, use.descriptors_exhausted) == (1, 2)


@pytest.mark.parametrize("load", [ClosedLoad(connections=1), OpenLoad(rate=8, arrivals="constant")], ids=str)
def test_an_engine_that_waits_for_answers_is_not_busy(measure: Measure, load: ClosedLoad | OpenLoad) -> None:
    def delayed(exchange: Exchange) -> None:
        time.sleep(0.1)
        good(exchange)

    with ScriptedServer(delayed) as server:
        result = measure(make_job(server.port, load, seconds=0.5))
    # Four requests, of well below a millisecond each.
    assert known(known(result.engine).busy_s) < result.window_s / 2


def test_a_loop_that_is_held_up_by_its_own_work_says_so() -> None:
    class Slow(ClosedExecution):
        def handle(self, events: list[tuple[int, int]]) -> None:
            time.sleep(0.05)
            super().handle(events)

    with ScriptedServer(good) as server:
        engine = known(Slow(make_job(server.port, seconds=0.3), lambda event: None).measure().engine)
    assert known(engine.loop_gap_max_s) >= 0.05
    assert known(engine.busy_s) >= 0.2


@pytest.mark.parametrize("load", [ClosedLoad(connections=2), OpenLoad(rate=100, arrivals="constant")], ids=str)
@pytest.mark.parametrize("place", ["across the window", "into the window", "after the window"])
def test_a_standstill_is_told_wherever_it_touches_what_counts(
    monkeypatch: pytest.MonkeyPatch, load: ClosedLoad | OpenLoad, place: str
) -> None:
    stopped_s = 0.4 if place == "across the window" else 0.25
    stopped = threading.Event()

    def delayed(exchange: Exchange) -> None:
        time.sleep(0.03)
        good(exchange)

    with ScriptedServer(delayed) as server:
        job = make_job(server.port, load, warmup=0.3, seconds=0.2)
        run = (ClosedExecution if isinstance(load, ClosedLoad) else OpenExecution)(job, lambda event: None)
        handle = run.handle

        def stop_once(events: list[tuple[int, int]]) -> None:
            at = run.closes if place == "after the window" else run.opens - 100_000_000
            if at <= time.monotonic_ns() and not stopped.is_set():
                stopped.set()
                time.sleep(stopped_s)
            handle(events)

        monkeypatch.setattr(run, "handle", stop_once)
        result = run.measure()
    assert stopped.is_set()
    # What of it was before the window does not count.
    assert known(known(result.engine).loop_gap_max_s) >= stopped_s - 0.11


def test_what_happens_in_the_warm_up_is_not_the_windows(generator: LoadGenerator) -> None:
    stopped_s, resumed = 0.6, threading.Event()

    def stop_at_first(exchange: Exchange) -> None:
        if exchange.number == 0:
            assert generator.pid
            os.kill(generator.pid, signal.SIGSTOP)
            time.sleep(stopped_s)
            os.kill(generator.pid, signal.SIGCONT)
            resumed.set()
        good(exchange)

    with ScriptedServer(stop_at_first) as server:
        job = make_job(server.port, ClosedLoad(connections=2), warmup=1, seconds=0.2)
        result = generator.run(job)
        connections, requests = server.counts["connections"], server.counts["requests"]
    assert resumed.is_set()
    assert known(known(result.engine).loop_gap_max_s) < stopped_s / 2
    assert (result.connects, connections) == (0, 2)
    # The loop's last turn may have begun before the window opened or closed, and read answers after.
    assert result.bytes_in == pytest.approx(result.completed * len(GOOD), abs=4 * len(GOOD))
    assert requests > result.completed + 4
