"""The throughput of closed load against theory, where requests are anything from short to longer than the window.

Servers are simulated: connections that are spread and counted as the engine does it, with no socket and no clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webdyno.analysis.measured_load import MeasuredLoad
from webdyno.analysis.validity.server_rules import littles_law, short_window
from webdyno.loadgen.engine.phases import spread
from webdyno.loadgen.engine.recorder import Attempt, Recorded, Recorder, Traffic
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.trial import EngineUse, LoadFigures

CONNECTIONS, WINDOW_NS, WARMUP_NS = 32, 1_000_000_000, 300_000_000
ENDPOINT = Recorded("request", "GET", "/", 200)

Draw = Callable[[np.random.Generator], float]
# The time of a request of mean 1, and its coefficient of variation.
LAWS: dict[str, tuple[Draw, float]] = {
    "fixed": (lambda rng: 1.0, 0.0),
    "uniform": (lambda rng: rng.uniform(0.5, 1.5), 0.289),
    "exponential": (lambda rng: rng.exponential(), 1.0),
    "bimodal": (lambda rng: 0.5 if rng.random() < 0.9 else 5.5, 1.5),
}


def simulate(draw: Callable[[int], int], seed: int, connections: int = CONNECTIONS) -> LoadFigures:
    """What the engine reports of a server whose requests take `draw(when)` nanoseconds."""
    first = [draw(0) for _ in range(connections)]
    held, longest = max(first), max(first)
    opens = max(WARMUP_NS, held + longest)
    closes = opens + WINDOW_NS
    recorder = Recorder(WINDOW_NS, open_load=False, endpoints=[ENDPOINT])
    recorder.open(opens)
    under_way: list[tuple[int, int]] = []
    for wait in spread(first, connections, f"phases {seed}"):
        heapq.heappush(under_way, (held + wait + draw(held + wait), held + wait))
    while under_way:
        done, sent = heapq.heappop(under_way)
        recorder.right((0, sent, sent, sent, done))
        if done < closes:
            heapq.heappush(under_way, (done + draw(done), done))
    return recorder.result(None, opens, Traffic(0, 0, 0), EngineUse(cpu_s=0, loop_gap_max_s=0))


def measured(result: LoadFigures, connections: int = CONNECTIONS) -> MeasuredLoad:
    window = Window(duration_s=WINDOW_NS / 1e9)
    return MeasuredLoad(ClosedLoad(connections=connections), window, result, None)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.335, 0.4, 1.0, 3.0])
@pytest.mark.parametrize("law", LAWS)
def test_the_throughput_is_that_of_theory_however_long_requests_take(law: str, share: float) -> None:
    draw, cv = LAWS[law]
    mean_ns, runs = share * WINDOW_NS, 12 if share < 0.3 else 150
    results = []
    for seed in range(runs):
        rng = np.random.default_rng([seed, round(share * 1000)])
        results.append(simulate(lambda _, rng=rng: max(round(draw(rng) * mean_ns), 1), seed))  # type: ignore[misc]
    truth = CONNECTIONS / mean_ns * 1e9
    ratios = np.array([result.throughput / truth for result in results])
    # How far one window strays: CV / sqrt(N), N = requests of the window.
    sd = cv / np.sqrt(CONNECTIONS / share)
    # The first requests, by which the connections are spread, are only as many as these.
    bias = 0.01 if share <= 0.5 else 0.03
    assert abs(ratios.mean() - 1) <= bias * cv + 3.5 * sd / np.sqrt(runs) + 1e-6
    assert ratios.std() <= 1.25 * sd + 1e-6
    assert not [one for result in results for one in littles_law(measured(result))]
    assert all(bool(list(short_window(measured(result)))) == (share > 0.5) for result in results if share != 0.4)


@pytest.mark.parametrize(("fast", "slow"), [(0.335, 0.400), (0.26, 0.33), (0.51, 0.99), (1.01, 1.9)])
def test_two_servers_that_answer_as_many_whole_requests_in_a_window_are_told_apart(fast: float, slow: float) -> None:
    fast_ns, slow_ns = (round(share * WINDOW_NS) for share in (fast, slow))
    one, other = simulate(lambda _: fast_ns, 1), simulate(lambda _: slow_ns, 1)
    assert other.throughput / one.throughput == pytest.approx(fast / slow, rel=1e-6)


def test_a_server_with_one_worker_is_counted_as_it_serves() -> None:
    free = [0]

    def queue(now: int) -> int:
        free[0] = max(free[0], now) + 8_000_000
        return free[0] - now

    assert simulate(queue, 1).throughput == pytest.approx(125, rel=0.01)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1_000_000, 4_000_000_000), min_size=1, max_size=12),
    st.integers(0, 2_000_000_000),
    st.integers(0, 3_000_000_000),
    st.integers(1, 8),
)
def test_littles_law_accuses_no_server_that_stalls_or_scatters(
    taken: list[int], stalls_at: int, stall_ns: int, connections: int
) -> None:
    turn = iter(range(10**9))

    def draw(now: int) -> int:
        # Whoever asks in the stall waits for its end.
        rest = max(stalls_at + stall_ns - now, 0) if now >= stalls_at else 0
        return taken[next(turn) % len(taken)] + rest

    assert not list(littles_law(measured(simulate(draw, 1, connections), connections)))


def test_littles_law_finds_requests_that_were_lost_from_the_counts() -> None:
    result = simulate(lambda _: 10_000_000, 1)
    lost = result.model_copy(update={"ok_in_window": 0.8 * (result.ok_in_window or 0)})
    assert [one.severity for one in littles_law(measured(lost))] == ["invalid"]


def test_littles_law_holds_with_failures_and_time_outs_as_well() -> None:
    recorder = Recorder(WINDOW_NS, open_load=False, endpoints=[ENDPOINT])
    recorder.open(0)
    for at in range(0, WINDOW_NS, 10_000_000):
        if at % 30_000_000:
            recorder.right((0, at, at, at, at + 10_000_000))
        else:
            recorder.failed("status", "x", 500, Attempt(0, at, at, at), at + 10_000_000)
    recorder.failed("timeout", "x", 0, Attempt(0, 0, 0, 1), 2 * WINDOW_NS)
    result = recorder.result(None, 0, Traffic(0, 0, 0), EngineUse(cpu_s=0, loop_gap_max_s=0))
    assert result.timed_out_mean == pytest.approx(1.0)
    assert not list(littles_law(measured(result, 2)))
