"""One load from several engine processes."""

import math
import os
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import (
    Begin,
    Finished,
    LoadEvent,
    LoadJob,
    Open,
    Ready,
    Steady,
    Tick,
    WindowClosed,
    WindowOpened,
)
from webdyno.loadgen.shares import shares
from webdyno.model.histogram import Histogram
from webdyno.model.load import Burst, ClosedLoad, Load, OpenLoad
from webdyno.model.scenario import Flow, Rows, Scenario, Step
from webdyno.model.workload import Request

from .conftest import make_job
from .schedule import whole_schedule
from .server import Exchange, ScriptedServer, good, slow

pytestmark = pytest.mark.paced


@given(
    st.one_of(
        st.builds(ClosedLoad, connections=st.integers(1, 40)),
        st.builds(OpenLoad, rate=st.just(10.0), connections=st.integers(1, 40), waiting=st.integers(0, 40)),
    ),
    st.integers(1, 12),
)
def test_the_parts_of_a_job_make_the_whole(load: Load, processes: int) -> None:
    job = make_job(1, load)
    parts = shares(job, processes)
    assert len(parts) == min(processes, load.connections)
    connections = [part.load.connections for part in parts]
    assert sum(connections) == load.connections
    assert max(connections) - min(connections) <= 1
    if isinstance(load, OpenLoad):
        waiting = [part.load.waiting for part in parts if isinstance(part.load, OpenLoad)]
        assert sum(waiting) == load.waiting
        assert max(waiting) - min(waiting) <= 1
    if len(parts) == 1:
        assert parts == [job]
    else:
        assert [part.share for part in parts] == [(place, len(parts)) for place in range(len(parts))]
        assert all(part.waits and part.seconds and part.seed == job.seed for part in parts)


def test_a_number_of_journeys_is_for_one_process_whose_flows_take_turns() -> None:
    job = make_job(1).model_copy(update={"journeys": 4})
    assert shares(job, 2) == [job]


def test_closed_load_from_two_processes_counts_every_request_once(pair: LoadGenerator) -> None:
    with ScriptedServer(slow) as server:
        result = pair.run(make_job(server.port, ClosedLoad(connections=5)))
    assert result.ok == result.scheduled == server.counts["requests"] > 0
    assert server.counts["connections"] == 5
    assert known(result.engine).processes == 2
    assert 0 < known(result.in_flight_mean) <= 5
    assert Histogram.decode(result.service).count == result.ok
    assert sum(second.ok for second in result.series) == result.completed
    assert result.times == ()


@pytest.mark.parametrize(
    "load",
    [
        OpenLoad(rate=300, arrivals="constant"),
        OpenLoad(rate=300),
        OpenLoad(rate=300, profile=Burst(size=30, every_s=0.1), arrivals="constant"),
    ],
    ids=str,
)
def test_open_load_from_two_processes_follows_the_schedule_of_one(load: OpenLoad, pair: LoadGenerator) -> None:
    opened: list[float] = []

    def note(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            opened.append(event.at)

    with ScriptedServer(good) as server:
        result = pair.run(make_job(server.port, load, seconds=0.5), note)
        arrived = np.array(sorted(server.arrived))
    due = opened[0] + whole_schedule(load, 0.5, 1) / 1e9
    assert result.scheduled == result.ok == server.counts["requests"] == len(due)
    assert (arrived >= due - 1e-6).all()
    assert Histogram.decode(result.lag).count == len(due)


@pytest.mark.parametrize("load", [ClosedLoad(connections=4), OpenLoad(rate=200)], ids=str)
def test_a_scenario_from_two_processes_keeps_its_endpoints_and_gives_each_row_once(
    load: Load, pair: LoadGenerator
) -> None:
    steps = (Step(name="list"), Step(name="show", request=Request(path="/${items.id}")))
    items = Rows(rows=tuple({"id": number} for number in range(1000)))
    scenario = Scenario(flows=(Flow(name="look", steps=steps),), data={"items": items})
    paths: list[str] = []

    def note(exchange: Exchange) -> None:
        paths.append(exchange.head.split()[1].decode())
        slow(exchange)

    with ScriptedServer(note) as server:
        result = pair.run(make_job(server.port, load).model_copy(update={"scenario": scenario}))
    assert [endpoint.name for endpoint in result.endpoints] == ["list", "show"]
    assert [endpoint.scheduled for endpoint in result.endpoints] == [
        paths.count("/"),
        len(paths) - paths.count("/"),
    ]
    assert result.ok == len(paths) > 0
    shown = [path for path in paths if path != "/"]
    assert len(set(shown)) == len(shown) > 0


def test_no_more_processes_take_part_than_there_are_connections() -> None:
    with LoadGenerator(processes=3) as generator, ScriptedServer(slow) as server:
        result = generator.run(make_job(server.port, ClosedLoad(connections=2)))
        assert server.counts["connections"] == known(result.engine).processes == 2
        alone = generator.run(make_job(server.port, ClosedLoad(connections=1)))
        assert known(alone.engine).processes == 1
        assert alone.ok > 0
        assert len(generator.pids) == 3


def test_the_seconds_are_kept_where_they_are_asked_for(pair: LoadGenerator) -> None:
    with ScriptedServer(slow) as server:
        result = pair.run(make_job(server.port).model_copy(update={"seconds": True}))
    assert [Histogram.decode(second.service).count for second in result.times] == [result.completed]


def test_two_processes_speak_as_one(pair: LoadGenerator) -> None:
    events: list[LoadEvent] = []
    with ScriptedServer(slow) as server:
        job = make_job(server.port, ClosedLoad(connections=4), warmup=0.2, seconds=1.3)
        result = pair.run(job.model_copy(update={"ticks": True}), events.append)
    assert isinstance(events[-1], WindowClosed)
    [opened] = [event for event in events if isinstance(event, WindowOpened)]
    assert events[-1].at - opened.at == pytest.approx(1.3)
    ticks = [event for event in events if isinstance(event, Tick)]
    assert len(ticks) + 2 == len(events)
    assert [math.floor(tick.at_s) for tick in ticks] == [0, 1, 1]
    assert ticks[-1].at_s == pytest.approx(1.3)
    assert all(late.interval_s == pytest.approx(late.at_s - early.at_s) for early, late in pairwise(ticks))
    assert abs(sum(tick.ok for tick in ticks[1:]) - result.completed) <= 4
    for tick in ticks:
        assert Histogram.decode(tick.times).count == tick.ok > 0
        assert 0 <= tick.in_flight <= 4


def test_processes_divide_the_processors_and_spin_only_where_each_has_one() -> None:
    cpus = sorted(os.sched_getaffinity(0))

    def seen(processes: int, given: list[int] | None) -> list[tuple[set[int], bool]]:
        with LoadGenerator(processes=processes, cpus=given) as generator, ScriptedServer(slow) as server:
            generator.run(make_job(server.port, ClosedLoad(connections=processes), seconds=0.05))
            return [
                (set(os.sched_getaffinity(pid)), "--spin" in psutil.Process(pid).cmdline()) for pid in generator.pids
            ]

    assert seen(2, cpus[:1]) == [({cpus[0]}, False)] * 2
    if len(cpus) == 2:
        assert seen(2, None) == [(set(cpus), False)] * 2
    if len(cpus) > 1:
        assert seen(2, cpus[:2]) == [({cpus[0]}, len(cpus) > 2), ({cpus[1]}, len(cpus) > 2)]
        assert seen(1, cpus) == [(set(cpus), True)]


class Engine:
    """An engine that is spoken to by hand."""

    def __init__(self, job: LoadJob) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webdyno.loadgen.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.say(job.model_dump_json())

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> bytes:
        assert self.process.stdout
        return self.process.stdout.readline()


def test_an_engine_that_waits_begins_at_the_moment_it_is_told() -> None:
    with ScriptedServer(slow) as server:
        job = make_job(server.port, OpenLoad(rate=100, arrivals="constant"), warmup=0.1)
        engine = Engine(job.model_copy(update={"waits": True}))
        with engine.process:
            Ready.model_validate_json(engine.hear())
            at = time.monotonic() + 0.3
            engine.say(Begin(at=at).model_dump_json())
            opened = WindowOpened.model_validate_json(engine.hear())
        assert opened.at == pytest.approx(at + 0.1, abs=1e-6)
        assert min(server.arrived) >= at


@pytest.mark.parametrize("late_s", [-0.2, 0.2])
def test_a_window_opens_when_it_is_told_and_at_once_where_that_was_heard_too_late(late_s: float) -> None:
    with ScriptedServer(slow) as server:
        job = make_job(server.port, ClosedLoad(connections=2), warmup=0.05, seconds=0.2)
        engine = Engine(job.model_copy(update={"waits": True}))
        with engine.process:
            Ready.model_validate_json(engine.hear())
            engine.say(Begin(at=time.monotonic()).model_dump_json())
            Steady.model_validate_json(engine.hear())
            told = time.monotonic()
            engine.say(Open(at=told - late_s).model_dump_json())
            opened = WindowOpened.model_validate_json(engine.hear())
            closed = WindowClosed.model_validate_json(engine.hear())
            result = Finished.model_validate_json(engine.hear()).result
        assert opened.at >= told
        assert closed.at == pytest.approx(opened.at + 0.2, abs=1e-6)
        # Nothing of what was sent in the window is lost from the counts.
        assert result.ok == pytest.approx(sum(opened.at <= at < closed.at for at in server.arrived), abs=2)
        assert result.in_flight_mean == pytest.approx(2, rel=0.1)


def test_an_engine_that_waits_ends_with_its_parent() -> None:
    engine = Engine(make_job(1).model_copy(update={"waits": True}))
    with engine.process:
        Ready.model_validate_json(engine.hear())
    assert engine.process.returncode == 0
