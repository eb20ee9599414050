"""Queues whose law is known: what the engine reports obeys it, to the last nanosecond.

Time is virtual, so that nothing else on this machine takes part.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, OpenLoad

from .schedule import whole_schedule
from .truth_run import BUCKET, mean_s
from .virtual_time import BEGINS, run_virtually, virtual_job, virtual_server

RATE, SERVICE_NS, SPAN_S = 120, 5_000_000, 100.0
WORLDS = 400


def lindley_waits(gaps: npt.NDArray[np.float64], services: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """W[n + 1] = max(0, W[n] + S[n] - A[n]), one queue in each row (Lindley 1952).

    The recursion is a random walk above its running minimum.
    """
    steps = np.cumsum(services[..., :-1] - gaps, axis=-1)
    walk = np.concatenate((np.zeros((*steps.shape[:-1], 1)), steps), axis=-1)
    return walk - np.minimum.accumulate(walk, axis=-1)


def recorded(times_ns: npt.NDArray[np.float64]) -> list[int]:
    histogram = Histogram()
    histogram.record(times_ns.astype(np.int64))
    return list(histogram.counts)


def counts(encoded: str) -> list[int]:
    return list(Histogram.decode(encoded).counts)


@pytest.mark.parametrize("connections", [1, 500])
def test_random_arrivals_at_one_worker_wait_as_long_as_queueing_theory_says(
    connections: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M/D/1: the queue is in the engine where it may open but one connection, in the server where it may open many."""
    load = OpenLoad(rate=RATE, connections=connections)
    with virtual_server(tmp_path, SERVICE_NS, serial=True) as server:
        result = run_virtually(virtual_job(tmp_path, load, SPAN_S), server, monkeypatch)
    due = whole_schedule(load, SPAN_S, 3).astype(np.float64)
    assert result.ok == result.scheduled == len(due) == len(server.left)

    waits = lindley_waits(np.diff(due), np.full(len(due), float(SERVICE_NS)))
    assert counts(result.response) == recorded(waits + SERVICE_NS)
    assert counts(result.late) == recorded(np.zeros(len(due)))
    in_engine = waits if connections == 1 else 0 * waits
    assert counts(result.waited) == counts(result.lag) == recorded(in_engine)
    assert counts(result.service) == recorded(waits - in_engine + SERVICE_NS)

    # The formula is of endless queues; how far a queue of so many arrivals is from it, simulated ones tell.
    rng = np.random.default_rng(11)
    service_s = SERVICE_NS / 1e9
    worlds = lindley_waits(rng.exponential(1 / RATE, (WORLDS, len(due) - 1)), np.full((WORLDS, len(due)), service_s))
    formula = RATE * service_s**2 / (2 * (1 - RATE * service_s))
    low, high = np.quantile(worlds.mean(axis=1), (0.005, 0.995))
    assert 0.8 < low / formula < high / formula < 1.25, "too short a run to tell random arrivals from even ones"
    assert low < mean_s(result.response) - service_s < high


def test_a_fixed_delay_gives_closed_load_its_throughput_and_littles_law_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No whole number of them fits into the window.
    delay_s, connections = 0.023, 8
    job = virtual_job(tmp_path, ClosedLoad(connections=connections), 1.5, warmup=0.2)
    with virtual_server(tmp_path, round(delay_s * 1e9)) as server:
        result = run_virtually(job, server, monkeypatch)
    assert counts(result.service) == recorded(np.full(result.ok, delay_s * 1e9))
    # X = c / R, and N = X R, with N from the moments of sending and reading, and X from the count.
    assert result.throughput == pytest.approx(connections / delay_s, rel=1e-6)
    assert result.in_flight_mean == pytest.approx(connections, rel=1e-6)
    assert result.in_flight_mean == pytest.approx(result.throughput * mean_s(result.service), rel=BUCKET)


def test_what_was_sent_is_awaited_to_its_end_long_after_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = OpenLoad(rate=RATE, connections=1000)
    with virtual_server(tmp_path, 3_000_000_000) as server:
        result = run_virtually(virtual_job(tmp_path, load, 4.0), server, monkeypatch)
    assert result.ok == result.scheduled == len(whole_schedule(load, 4.0, 3))
    assert counts(result.response) == recorded(np.full(result.ok, 3e9))
    assert result.completed == sum(left - BEGINS < 4e9 for left in server.left) < result.ok
