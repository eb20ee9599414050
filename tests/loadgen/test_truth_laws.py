"""Delays, statuses and arrivals that follow a known law: the engine reports the law, within what chance allows."""

import os
import signal
import time

import numpy as np
import pytest
import scipy.stats

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad

from .truth_run import BUCKET, nearest_rank, open_job, run
from .truth_server import Plan

pytestmark = pytest.mark.timed


def binomial(count: int, share: float) -> tuple[float, float]:
    low, high = scipy.stats.binom.interval(0.99, count, share)
    return float(low), float(high)


def test_injected_delays_and_statuses_are_found_as_often_as_they_were_injected(generator: LoadGenerator) -> None:
    rng = np.random.default_rng(5)
    slow_s, slow, wrong = 0.1, rng.random(800) < 0.2, rng.random(800) < 0.1
    plan = Plan(
        delays_s=tuple(np.where(slow, slow_s, 0.001).tolist()), statuses=tuple(np.where(wrong, 503, 200).tolist())
    )
    seen = run(generator, plan, open_job(OpenLoad(rate=400, arrivals="constant"), 2.0))
    result = seen.result
    assert result.statuses == {200: 800 - wrong.sum(), 503: wrong.sum()}
    assert result.failures == {"status": wrong.sum()}
    low, high = binomial(800, 0.1)
    assert low <= result.failed <= high
    times, counts = Histogram.decode(result.response).points()
    found = int(counts[times >= slow_s * 1e9 * (1 - BUCKET)].sum())
    injected = int((slow & ~wrong).sum())
    # A machine that lets one of the quick answers wait for 0.1 s makes it a slow one: the log knows.
    late = int((seen.waits[~slow & ~wrong] >= slow_s).sum()) if found > injected else 0
    low, high = binomial(result.ok, 0.2)
    assert low <= found <= high + late
    assert injected <= found


def test_random_arrivals_reach_the_server_by_their_law_and_none_is_lost(generator: LoadGenerator) -> None:
    rate, span_s = 200, 3.0
    seen = run(generator, Plan(), open_job(OpenLoad(rate=rate), span_s, seed=2))
    came = np.sort(seen.log.came)
    assert len(came) == len(seen.due) == seen.result.ok == seen.result.scheduled
    assert np.all(came >= seen.due), "no request may leave before it is due"
    # The number is Poisson; given the number, the moments are uniform over the span, and the gaps exponential. What the
    # machine adds moves an arrival by little against the span, but by much against a gap: those are of the schedule,
    lower, upper = scipy.stats.poisson.interval(0.99, rate * span_s)
    assert lower <= len(came) <= upper
    assert scipy.stats.kstest((came - seen.opens) / span_s, "uniform").pvalue > 0.001
    assert scipy.stats.kstest(np.diff(seen.due) * rate, "expon").pvalue > 0.001
    # and the arrivals are by the schedule: on time within a gap, but for those that a busy machine delayed.
    assert nearest_rank(came - seen.due, 0.5) < 1 / rate


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
def test_a_stopped_generator_is_late_and_its_trial_is_invalid(arrivals: str, generator: LoadGenerator) -> None:
    stop_s, span_s, rate = 0.3, 1.0, 300
    stopped: list[float] = []

    def stop() -> None:
        assert generator.pid
        os.kill(generator.pid, signal.SIGSTOP)
        stopped.append(time.monotonic())
        time.sleep(stop_s)
        stopped.append(time.monotonic())
        os.kill(generator.pid, signal.SIGCONT)

    load = OpenLoad.model_validate({"rate": rate, "arrivals": arrivals})
    seen = run(generator, Plan(), open_job(load, span_s), stop)
    result = seen.result
    assert result.ok == result.scheduled == len(seen.due) == len(seen.log.came)
    # It is the arrivals due in the stop that were late, until its end at least.
    inside = seen.due[(seen.due > stopped[0]) & (seen.due < stopped[1])]
    late, counts = Histogram.decode(result.late).points()
    for share in (0.25, 0.5, 0.75):
        truth = stopped[1] - nearest_rank(inside, share)
        assert counts[late >= truth * 1e9 * (1 - BUCKET)].sum() >= share * len(inside) - 1
    assert known(known(result.engine).loop_gap_max_s) > 0.95 * stop_s
    assert "lag" in seen.flags("invalid")
