"""Closed load on servers whose service times are known, from short to three times the window."""

import threading
import time
from functools import partial

import numpy as np
import pytest
from _pytest.mark import ParameterSet

from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from webdyno.model.load import ClosedLoad

from .conftest import make_job
from .server import Exchange, ScriptedServer, answer, good
from .truth_run import mean_s, run
from .truth_server import Plan

pytestmark = pytest.mark.paced

WINDOW_S, CONNECTIONS, RUNS = 0.5, 16, 3


def short(delay_s: float) -> ParameterSet:
    """A delay beside which it counts what else the machine does."""
    return pytest.param(delay_s, marks=pytest.mark.timed)


def bimodal(mean: float) -> tuple[float, ...]:
    return tuple(np.random.default_rng(3).permutation([0.5 * mean] * 45 + [5.5 * mean] * 5).tolist())


@pytest.mark.parametrize("delay_s", [short(0.005), 0.1675, 0.2, 0.26, 0.75, 1.5])
def test_the_throughput_of_a_fixed_delay_is_that_of_theory(delay_s: float, generator: LoadGenerator) -> None:
    load = ClosedLoad(connections=CONNECTIONS)
    seen = run(generator, Plan(delays_s=(delay_s,)), lambda port: make_job(port, load, seconds=WINDOW_S, warmup=0.1))
    result = seen.result
    assert (result.failures, result.unfinished) == ({}, 0)
    # Most of what the machine adds to each request is known: the server noted when each came and left.
    came, left = np.array(seen.log.came), np.array(seen.log.left)
    real_s = float((left - came)[left > 0].mean())
    assert 0.93 * CONNECTIONS / (real_s + 0.001) < result.throughput <= CONNECTIONS / delay_s * 1.001
    begun = np.count_nonzero((seen.opens <= came) & (came < seen.opens + WINDOW_S))
    assert result.ok_in_window is not None
    assert abs(result.ok_in_window - begun) <= CONNECTIONS
    assert result.in_flight_mean == pytest.approx(CONNECTIONS, rel=0.02)
    assert "littles-law" not in seen.flags("invalid")


@pytest.mark.parametrize("mean_delay_s", [short(0.02), 0.1])
def test_the_throughput_of_scattered_delays_is_that_of_theory(mean_delay_s: float, generator: LoadGenerator) -> None:
    def job(port: int, seed: int) -> LoadJob:
        return make_job(port, ClosedLoad(connections=CONNECTIONS), seconds=WINDOW_S, warmup=0.1, seed=seed)

    plan = Plan(delays_s=bimodal(mean_delay_s))
    runs = [run(generator, plan, partial(job, seed=seed)) for seed in range(RUNS)]
    assert not [seen for seen in runs if "littles-law" in seen.flags("invalid")]
    ratio = np.mean([seen.result.throughput * mean_delay_s / CONNECTIONS for seen in runs])
    # One window strays by CV / sqrt(n); a busy machine makes requests longer, never shorter.
    sd = 1.5 / np.sqrt(RUNS * CONNECTIONS * WINDOW_S / mean_delay_s)
    assert 0.9 - 3 * sd < ratio < 1.02 + 3 * sd


def test_the_connections_begin_at_different_moments_of_a_request(generator: LoadGenerator) -> None:
    load, delay_s = ClosedLoad(connections=CONNECTIONS), 0.2
    seen = run(generator, Plan(delays_s=(delay_s,)), lambda port: make_job(port, load, seconds=0.6, warmup=0.1))
    inside = np.array([came for came in seen.log.came if seen.opens <= came < seen.opens + 0.6])
    phases = np.sort((inside % delay_s) / delay_s)
    assert np.diff(phases, append=phases[0] + 1).max() < 0.5, "no half of a request in which nobody begins"


def test_the_window_opens_once_every_connection_has_had_an_answer(generator: LoadGenerator) -> None:
    delay_s, load = 0.3, ClosedLoad(connections=4)
    seen = run(generator, Plan(delays_s=(delay_s,)), lambda port: make_job(port, load, seconds=0.2, warmup=0.05))
    assert seen.opens >= min(seen.log.came) + 2 * delay_s
    assert seen.result.warmup_s is not None
    assert seen.result.warmup_s >= 2 * delay_s


def test_requests_of_the_window_are_awaited_under_the_same_load(generator: LoadGenerator) -> None:
    events: list[LoadEvent] = []
    with ScriptedServer(good) as server:
        result = generator.run(make_job(server.port, warmup=0.05, seconds=0.1), events.append)
        assert server.counts["requests"] > result.ok
    assert [type(event) for event in events] == [WindowOpened, WindowClosed]
    seen = run(
        generator,
        Plan(delays_s=(0.4,)),
        lambda port: make_job(port, ClosedLoad(connections=4), seconds=0.2, warmup=0.05, timeout=2),
    )
    assert (seen.result.failures, seen.result.unfinished) == ({}, 0)
    ends = seen.opens + 0.2
    late = [came for came in seen.log.came if came > ends]
    assert late, "the load goes on until the last request of the window is answered"
    if seen.result.ok:
        assert mean_s(seen.result.service) >= 0.4 * 0.999


def test_connections_that_are_never_answered_are_those_that_time_out(generator: LoadGenerator) -> None:
    served: set[int] = set()
    release = threading.Event()

    def some(exchange: Exchange) -> None:
        with exchange.server.lock:
            if len(served) < 3:
                served.add(id(exchange.sock))
        if id(exchange.sock) not in served:
            release.wait()
        good(exchange)

    with ScriptedServer(some) as server:
        try:
            load = ClosedLoad(connections=5)
            result = generator.run(make_job(server.port, load, seconds=0.4, warmup=0.1, timeout=0.8))
        finally:
            release.set()
    assert result.timed_out_mean == pytest.approx(2.0, abs=0.3)
    assert result.ok > 100


def test_a_server_that_closes_each_connection_is_spread_as_well(generator: LoadGenerator) -> None:
    def once(exchange: Exchange) -> None:
        time.sleep(0.1)
        exchange.send(answer(headers="Connection: close\r\n"))
        exchange.close()

    with ScriptedServer(once) as server:
        result = generator.run(make_job(server.port, ClosedLoad(connections=6), seconds=0.5, warmup=0.05))
    assert result.failures == {}
    assert 0.75 * 60 < result.throughput <= 61


def test_a_server_that_closes_idle_connections_at_once_loses_none_of_them(generator: LoadGenerator) -> None:
    """Those that are held in the warm-up are idle for a moment."""

    def impatient(exchange: Exchange) -> None:
        time.sleep(0.02 * (1 + exchange.number % 4))
        good(exchange)
        if exchange.number < 6:
            exchange.close()

    with ScriptedServer(impatient) as server:
        result = generator.run(make_job(server.port, ClosedLoad(connections=6), seconds=0.4, warmup=0.05))
    assert result.failures == {}
    assert result.in_flight_mean == pytest.approx(6, rel=0.1)


def test_two_processes_open_their_windows_together() -> None:
    load = ClosedLoad(connections=6)
    with LoadGenerator(processes=2) as pair:
        seen = run(pair, Plan(delays_s=(0.2,)), lambda port: make_job(port, load, seconds=0.5, warmup=0.05))
    assert (seen.result.failures, seen.result.unfinished) == ({}, 0)
    assert 0.9 * 30 < seen.result.throughput <= 30.1
