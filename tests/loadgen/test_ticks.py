"""What the engine says while it measures."""

from itertools import pairwise

import pytest

from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadEvent, LoadJob, Tick, WindowClosed, WindowOpened
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.trial import LoadFigures

from .conftest import make_job
from .server import GOOD, Exchange, ScriptedServer, answer, good, refused_port

pytestmark = pytest.mark.paced


def run(generator: LoadGenerator, job: LoadJob) -> tuple[LoadFigures, list[Tick], list[Tick]]:
    """The result, the warm-up's ticks, and the window's."""
    events: list[LoadEvent] = []
    result = generator.run(job.model_copy(update={"ticks": True}), events.append)
    opened = next(at for at, event in enumerate(events) if isinstance(event, WindowOpened))
    assert isinstance(events[-1], WindowClosed)
    before, after = events[:opened], events[opened + 1 : -1]
    ticks = [[event for event in part if isinstance(event, Tick)] for part in (before, after)]
    assert [len(part) for part in ticks] == [len(before), len(after)]
    return result, ticks[0], ticks[1]


@pytest.mark.parametrize("load", [ClosedLoad(connections=2), OpenLoad(rate=200)], ids=str)
def test_ticks_come_each_second_and_add_up(generator: LoadGenerator, load: Load) -> None:
    with ScriptedServer(good) as server:
        result, warmup, window = run(generator, make_job(server.port, load, warmup=0.2, seconds=1.3))
    assert [tick.at_s for tick in warmup] == [0]
    assert warmup[0].ok > 0
    assert warmup[0].p50_us is not None
    assert [round(tick.at_s, 1) for tick in window] == [1, 1.3]
    assert sum(tick.interval_s for tick in window) == pytest.approx(1.3)
    assert all(late.interval_s == pytest.approx(late.at_s - early.at_s) for early, late in pairwise(window))
    # The loop's last turn may have begun before the window opened or closed, and read answers after.
    assert abs(sum(tick.ok for tick in window) - result.completed) <= load.connections
    for tick in window:
        assert tick.failed == tick.dropped == tick.waiting == 0
        assert 0 <= tick.in_flight <= load.connections
        assert tick.p50_us is not None
        assert tick.p99_us is not None
        assert 0 < tick.p50_us <= tick.p99_us
    sent = sum(tick.sent for tick in window)
    assert sent + warmup[-1].in_flight == sum(tick.ok for tick in window) + window[-1].in_flight


def test_no_ticks_come_unasked(generator: LoadGenerator) -> None:
    events: list[LoadEvent] = []
    with ScriptedServer(good) as server:
        generator.run(make_job(server.port, warmup=0.05), events.append)
    assert [type(event) for event in events] == [WindowOpened, WindowClosed]


def test_a_tick_shows_failures_and_who_waits(generator: LoadGenerator) -> None:
    def fail_then_hang(exchange: Exchange) -> None:
        if exchange.number < 3:
            exchange.send(answer(status="500 Oops"))

    with ScriptedServer(fail_then_hang) as server:
        load = OpenLoad(rate=40, arrivals="constant", connections=1, waiting=5)
        _, _, [tick] = run(generator, make_job(server.port, load, seconds=0.5, timeout=1))
    assert (tick.sent, tick.ok, tick.failed, tick.in_flight) == (4, 0, 3, 1)
    assert tick.waiting == 5
    assert tick.sent + tick.waiting + tick.dropped == 20
    assert tick.p50_us is tick.p99_us is None


def test_what_could_not_be_sent_was_not_sent(generator: LoadGenerator) -> None:
    _, _, [tick] = run(generator, make_job(refused_port(), OpenLoad(rate=100, arrivals="constant"), seconds=0.2))
    assert (tick.sent, tick.failed, tick.in_flight) == (0, 20, 0)


def test_ticks_tell_what_came_in_their_own_interval(generator: LoadGenerator) -> None:
    def slow_at_last(exchange: Exchange) -> None:
        if exchange.number < 100:
            exchange.send(GOOD)

    with ScriptedServer(slow_at_last) as server:
        load = OpenLoad(rate=150, arrivals="constant", connections=100)
        _, _, [first, last] = run(generator, make_job(server.port, load, seconds=1.2, timeout=1.5))
    assert (first.ok, last.ok) == (100, 0)
    assert first.p50_us is not None
    assert last.p50_us is None
