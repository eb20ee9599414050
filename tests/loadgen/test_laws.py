"""Loads whose truth is known: what the engine reports must obey it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import numpy as np
import psutil
import pytest

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, WindowClosed, WindowOpened
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, OpenLoad, Replay

from .conftest import Measure, make_job
from .schedule import whole_schedule
from .server import Exchange, ScriptedServer, answer, good

pytestmark = pytest.mark.paced


def quantile_s(encoded: str, q: float) -> float:
    value = Histogram.decode(encoded).quantile_ns(q)
    assert value is not None
    return value / 1e9


def test_a_fixed_delay_sets_the_throughput_of_closed_load(measure: Measure) -> None:
    delay_s, connections = 0.02, 6

    def delayed(exchange: Exchange) -> None:
        time.sleep(delay_s)
        good(exchange)

    with ScriptedServer(delayed) as server:
        result = measure(make_job(server.port, ClosedLoad(connections=connections), seconds=1, warmup=0.2))
    assert result.ok < server.counts["requests"], "the warm-up must not count"
    assert 0.5 * connections / delay_s < result.throughput <= connections / delay_s * (1 + delay_s)
    assert quantile_s(result.service, 0) >= delay_s * 0.999


def test_the_requests_in_flight_obey_littles_law(measure: Measure) -> None:
    def delayed(exchange: Exchange) -> None:
        time.sleep(0.005 + 0.005 * (exchange.number % 3))
        good(exchange)

    with ScriptedServer(delayed) as server:
        result = measure(make_job(server.port, OpenLoad(rate=300, connections=50), seconds=1, warmup=0.2))
    mean_ns = Histogram.decode(result.service).mean_ns()
    assert mean_ns is not None
    assert result.in_flight_mean == pytest.approx(result.throughput * mean_ns / 1e9, rel=0.05)


def test_one_stall_shows_in_the_response_time_by_its_law_and_hides_in_the_service_time(measure: Measure) -> None:
    """Of the arrivals in T seconds, those in the stall of D wait up to D: P(response > x) = (D - x) / T."""
    turn, stalls, span_s = threading.Lock(), [], 2.0

    def stalling(exchange: Exchange) -> None:
        with turn:
            if exchange.number == 100:
                start = time.monotonic()
                time.sleep(0.5)
                stalls.append(time.monotonic() - start)
        good(exchange)

    with ScriptedServer(stalling) as server:
        load = OpenLoad(rate=200, arrivals="constant", connections=4)
        result = measure(make_job(server.port, load, seconds=span_s))
    assert result.ok == result.scheduled == 400
    for q in (0.9, 0.95, 0.99):
        truth = stalls[0] - (1 - q) * span_s
        # Above the law by what it takes to work off the queue, which is long on a busy machine; never below.
        assert 0.95 * truth < quantile_s(result.response, q) < truth + 0.15
    assert quantile_s(result.service, 0.95) < 0.1
    assert quantile_s(result.lag, 0.95) > 0.3, "the arrivals waited for a free connection"
    assert quantile_s(result.late, 0.95) < 0.1, "and not for the generator"


def test_a_stopped_server_shows_in_the_response_time(measure: Measure) -> None:
    program = (
        "from tests.loadgen.server import *\n"
        "with ScriptedServer(good) as server:\n"
        "    print(server.port, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        port = int(process.stdout.readline())
        stopped_s = 0.4
        timers = [
            threading.Timer(after, os.kill, (process.pid, number))
            for after, number in ((0.3, signal.SIGSTOP), (0.3 + stopped_s, signal.SIGCONT))
        ]
        for timer in timers:
            timer.start()
        result = measure(make_job(port, OpenLoad(rate=200, connections=4), seconds=1))
        for timer in timers:
            timer.join()
        process.stdin.write(b"\n")
    assert result.failures == {}
    assert result.ok == result.scheduled
    # About 0.4 of the arrivals met the stop; at least a few must tell of most of it.
    assert quantile_s(result.response, 0.95) > stopped_s / 2
    assert quantile_s(result.response, 1) > stopped_s * 0.9


def test_a_stopped_generator_shows_in_how_late_it_was(generator: LoadGenerator) -> None:
    stopped_s = 0.3

    def stop(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            assert generator.pid
            os.kill(generator.pid, signal.SIGSTOP)
            time.sleep(stopped_s)
            os.kill(generator.pid, signal.SIGCONT)

    load = OpenLoad(rate=200, arrivals="constant")
    with ScriptedServer(good) as server:
        result = generator.run(make_job(server.port, load, seconds=0.8, warmup=0.1), stop)
    assert result.scheduled == result.ok
    assert known(known(result.engine).loop_gap_max_s) > stopped_s * 0.9
    assert quantile_s(result.late, 1) > stopped_s * 0.8
    # P(late > x) = (D - x) / T, of those as well that found no connection free.
    assert quantile_s(result.late, 0.9) > 0.7 * (stopped_s - 0.1 * 0.8)


def test_what_was_due_while_the_generator_slept_through_the_end_is_sent(generator: LoadGenerator) -> None:
    def stop_at_last(exchange: Exchange) -> None:
        good(exchange)
        if exchange.number == 25:
            assert generator.pid
            os.kill(generator.pid, signal.SIGSTOP)
            time.sleep(0.4)
            os.kill(generator.pid, signal.SIGCONT)

    with ScriptedServer(stop_at_last) as server:
        result = generator.run(make_job(server.port, OpenLoad(rate=100, arrivals="constant"), seconds=0.4))
    assert result.ok == result.scheduled == 40


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_requests_leave_by_the_schedule_and_never_before(arrivals: str, generator: LoadGenerator) -> None:
    opened: list[float] = []

    def note(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            opened.append(event.at)

    load = OpenLoad.model_validate({"rate": 500, "arrivals": arrivals})
    with ScriptedServer(good) as server:
        result = generator.run(make_job(server.port, load, seconds=0.8, seed=7), note)
    due = opened[0] + whole_schedule(load, 0.8, 7) / 1e9
    assert server.counts["requests"] == result.scheduled == result.ok == len(due)
    assert np.all(np.sort(server.arrived) > due - 1e-6)


def test_the_window_is_announced_as_it_was_asked_for(generator: LoadGenerator) -> None:
    events: list[LoadEvent] = []
    before = time.monotonic()
    with ScriptedServer(good) as server:
        generator.run(make_job(server.port, warmup=0.1, seconds=0.2), events.append)
    opened, closed = events
    assert isinstance(opened, WindowOpened)
    assert isinstance(closed, WindowClosed)
    assert opened.at >= before + 0.1
    assert closed.at - opened.at == pytest.approx(0.2, abs=1e-6)
    assert time.monotonic() >= closed.at


def test_overload_of_open_load_waits_drops_and_is_not_taken_for_throughput(measure: Measure) -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.02)
        good(exchange)

    with ScriptedServer(slow) as server:
        load = OpenLoad(rate=1000, arrivals="constant", connections=2, waiting=50)
        result = measure(make_job(server.port, load, seconds=0.5))
    assert result.scheduled == 500
    assert result.failures == {}
    # Two connections of 20 ms each carry 100/s; about 50 answers, 50 waiting, the rest dropped.
    assert result.dropped >= 500 - 50 - 50 - 2
    assert result.ok + known(result.unfinished) == 500 - result.dropped
    assert result.completed <= 50
    assert result.ok > result.completed, "those that waited were answered after the window"
    assert quantile_s(result.lag, 1) > 0.2


def test_what_is_not_answered_in_time_times_out_and_what_was_not_sent_is_unfinished(measure: Measure) -> None:
    release = threading.Event()

    def hangs(exchange: Exchange) -> None:
        if exchange.number >= 5:
            release.wait()
        good(exchange)

    with ScriptedServer(hangs) as server:
        load = OpenLoad(rate=100, arrivals="constant", connections=3)
        try:
            result = measure(make_job(server.port, load, seconds=0.3, timeout=1.5))
        finally:
            release.set()
    assert result.scheduled == 30
    assert (result.ok, result.unfinished, result.failures) == (5, 22, {"timeout": 3})


def test_nothing_may_wait_and_still_connections_are_opened(measure: Measure) -> None:
    with ScriptedServer(good) as server:
        load = OpenLoad(rate=100, arrivals="constant", connections=3, waiting=0)
        result = measure(make_job(server.port, load, seconds=0.3))
    assert result.ok >= 20
    assert result.failures == {}


def test_open_load_shares_the_work_between_its_connections(measure: Measure) -> None:
    turns: dict[int, int] = {}

    def slow(exchange: Exchange) -> None:
        turns[id(exchange.sock)] = exchange.turn + 1
        time.sleep(0.01)
        good(exchange)

    with ScriptedServer(slow) as server:
        measure(make_job(server.port, OpenLoad(rate=300, connections=6), seconds=0.6))
    assert len(turns) > 2
    assert sorted(turns.values())[len(turns) // 2] > 0.35 * max(turns.values())


def replay(*moments: float, connections: int) -> OpenLoad:
    profile = Replay(offsets_s=moments)
    return OpenLoad(rate=profile.rate, profile=profile, connections=connections)


def test_arrivals_are_sent_in_the_order_of_their_coming(measure: Measure) -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.06)
        good(exchange)

    every_s = 0.03
    with ScriptedServer(slow) as server:
        load = replay(*(every_s * number for number in range(10)), connections=1)
        result = measure(make_job(server.port, load, seconds=0.8))
        sending_s = server.arrived[-1] - server.arrived[0]
    assert result.ok == 10
    # The last to come waited longest: since 0.27 s after the first. In another order it would be one of the first.
    assert quantile_s(result.response, 1) < sending_s - 3 * every_s


def test_who_waits_is_sent_when_the_only_connection_had_to_be_replaced(measure: Measure) -> None:
    def says_goodbye(exchange: Exchange) -> None:
        exchange.send(answer(headers="Connection: close\r\n"))
        exchange.close()

    with ScriptedServer(says_goodbye) as server:
        result = measure(make_job(server.port, replay(0, 0, 0, 0, connections=1), seconds=0.5))
    assert (result.ok, result.unfinished) == (4, 0)


def test_the_connection_that_has_been_free_for_longest_is_next(measure: Measure) -> None:
    turns: Counter[int] = Counter()

    def note(exchange: Exchange) -> None:
        turns[id(exchange.sock)] += 1
        if exchange.number < 3:
            time.sleep(0.05)
        good(exchange)

    # Three at once open a connection each; what comes after has all of them to choose from.
    load = replay(0, 0, 0, *(0.2 + 0.08 * number for number in range(6)), connections=3)
    with ScriptedServer(note) as server:
        measure(make_job(server.port, load, seconds=0.8))
    assert sorted(turns.values()) == [3, 3, 3]


def test_an_answer_that_comes_with_the_end_of_its_connection_is_right(generator: LoadGenerator) -> None:
    def at_once(exchange: Exchange) -> None:
        # While the generator is stopped: when it looks, both are there.
        assert generator.pid
        os.kill(generator.pid, signal.SIGSTOP)
        while psutil.Process(generator.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)
        good(exchange)
        exchange.sock.shutdown(socket.SHUT_WR)
        os.kill(generator.pid, signal.SIGCONT)
        exchange.close()

    with ScriptedServer(at_once) as server:
        result = generator.run(make_job(server.port, ClosedLoad(connections=1)))
    assert result.failures == {}
    assert result.ok > 3
    assert known(result.reconnects) >= result.ok - 1


def test_idle_connections_closed_by_the_server_are_replaced_without_a_failure(measure: Measure) -> None:
    def closes_later(exchange: Exchange) -> None:
        good(exchange)
        time.sleep(0.01)
        exchange.close()

    with ScriptedServer(closes_later) as server:
        result = measure(make_job(server.port, OpenLoad(rate=5, arrivals="constant"), seconds=0.8))
    assert result.failures == {}
    assert result.ok == server.counts["requests"] == 4
    assert result.reconnects == known(result.connects) - 1 == 3
