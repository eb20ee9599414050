"""Queues whose mean is a formula: what the engine reports obeys it."""

import numpy as np
import numpy.typing as npt
import pytest

from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import ClosedLoad, OpenLoad

from .conftest import make_job
from .truth_run import BUCKET, mean_s, open_job, quantile_s, run
from .truth_server import Plan

pytestmark = pytest.mark.timed

RATE, SERVICE_S, SPAN_S = 120, 0.005, 4.0
WORLDS = 400


def lindley_waits(gaps: npt.NDArray[np.float64], services: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """W[n + 1] = max(0, W[n] + S[n] - A[n]), one queue in each row (Lindley 1952).

    The recursion is a random walk above its running minimum.
    """
    steps = np.cumsum(services[..., :-1] - gaps, axis=-1)
    walk = np.concatenate((np.zeros((*steps.shape[:-1], 1)), steps), axis=-1)
    return walk - np.minimum.accumulate(walk, axis=-1)


def test_random_arrivals_at_one_worker_wait_as_long_as_queueing_theory_says(generator: LoadGenerator) -> None:
    """M/D/1: one connection, so that arrivals queue in the engine, in order, and each is known in the server's log."""
    plan = Plan(delays_s=(SERVICE_S,), serial=True)
    seen = run(generator, plan, open_job(OpenLoad(rate=RATE, connections=1), SPAN_S, seed=3))
    left, count = np.array(seen.log.left), len(seen.due)
    assert seen.result.ok == seen.result.scheduled == count == len(left)

    truth = float(seen.waits.mean())
    reported = mean_s(seen.result.response)
    assert truth * (1 - BUCKET) <= reported < truth + 0.005

    # The service times as they were, with whatever this machine added to them, and the waits that follow from those.
    services = left - np.maximum(seen.due, np.concatenate(([0.0], left[:-1])))
    waits = lindley_waits(np.diff(seen.due), services)
    assert services.min() >= SERVICE_S
    assert float(waits.mean()) == pytest.approx(truth - services.mean(), rel=1e-6)

    # The formula is of endless queues; how far a queue of `count` arrivals is from it, simulated ones tell.
    rng = np.random.default_rng(11)
    worlds = lindley_waits(rng.exponential(1 / RATE, (WORLDS, count - 1)), np.full((WORLDS, count), services.mean()))
    load = RATE * services.mean()
    formula = load * services.mean() / (2 * (1 - load))
    spread = np.quantile(worlds.mean(axis=1), (0.005, 0.995)) / formula
    assert spread[0] < (reported - services.mean()) / formula < spread[1] + (reported - truth) / formula
    assert spread[0] > 0.3, "too short a run to tell random arrivals from even ones, which do not wait"


def test_a_fixed_delay_gives_closed_load_its_throughput_and_littles_law_holds(generator: LoadGenerator) -> None:
    delay_s, connections = 0.02, 8
    load = ClosedLoad(connections=connections)
    seen = run(generator, Plan(delays_s=(delay_s,)), lambda port: make_job(port, load, seconds=1.5, warmup=0.2))
    result, window_s = seen.result, seen.job.window.duration_s
    # At either edge each connection has at most one answer that had left but was not read, or the other way round.
    answered = np.array([moment for moment in seen.log.left if moment])
    inside = np.count_nonzero((answered >= seen.opens) & (answered < seen.opens + window_s))
    assert abs(result.completed - inside) <= connections
    mean = mean_s(result.service)
    assert quantile_s(result.service, 0) >= delay_s * (1 - BUCKET)
    # X = c / R, to the part of an exchange at either edge; X < c / d, since nothing is quicker than the delay.
    assert result.throughput * mean == pytest.approx(connections, rel=0.02 + mean / window_s)
    assert result.throughput <= connections * (1 / delay_s + 1 / window_s)
    # N = X R, with N from the moments of sending and reading, and X from the count.
    assert result.in_flight_mean == pytest.approx(result.throughput * mean, rel=0.02)
    assert mean < delay_s + 0.01
