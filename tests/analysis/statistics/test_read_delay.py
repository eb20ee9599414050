"""What a generator adds by reading late is taken out again, as far as the lateness of its sends tells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.analysis.statistics.read_delay import without_read_delay
from webdyno.model.histogram import Histogram

Times = npt.NDArray[np.float64]
COUNT = 20_000
QUANTILES = (0.5, 0.9, 0.95, 0.99)


def histogram(times_ms: Times) -> Histogram:
    recorded = Histogram()
    recorded.record(times_ms * 1e6)
    return recorded


def served(law: str, rng: np.random.Generator) -> Times:
    laws = {
        "all alike": np.full(COUNT, 0.2),
        "exponential": 0.2 + rng.exponential(0.3, COUNT),
        "heavy tail": 0.4 * np.exp(rng.normal(0, 1, COUNT)),
    }
    return laws[law]


def delays(share: float, rng: np.random.Generator) -> Times:
    """A generator that stands still for up to 4 ms in so much of the time, and is quick in the rest."""
    return rng.uniform(0.003, 0.008, COUNT) + np.where(rng.random(COUNT) < share, rng.uniform(0, 4, COUNT), 0)


@pytest.mark.parametrize("law", ["all alike", "exponential", "heavy tail"])
@pytest.mark.parametrize("share", [0.01, 0.05])
def test_percentiles_come_back_that_late_reads_had_moved_many_times_over(law: str, share: float) -> None:
    rng = np.random.default_rng(4)
    true = served(law, rng)
    estimated = without_read_delay(histogram(true + delays(share, rng)), histogram(delays(share, rng)))
    assert estimated.count == COUNT
    for q in QUANTILES:
        assert (estimated.quantile_ns(q) or 0) / 1e6 == pytest.approx(np.quantile(true, q), rel=0.07)


@pytest.mark.parametrize("law", ["all alike", "exponential", "heavy tail"])
def test_what_a_timer_adds_to_each_send_is_not_taken_out_of_reads(law: str) -> None:
    rng = np.random.default_rng(5)
    true, timer = served(law, rng), rng.uniform(0.05, 0.07, COUNT)
    estimated = without_read_delay(histogram(true), histogram(timer))
    for q in QUANTILES:
        assert (estimated.quantile_ns(q) or 0) / 1e6 == pytest.approx(np.quantile(true, q), rel=0.025)


def test_a_stop_that_no_read_fell_into_takes_little_out() -> None:
    rng = np.random.default_rng(6)
    true = served("heavy tail", rng)
    stopped = np.where(rng.random(COUNT) < 0.01, rng.uniform(0, 800, COUNT), 0.005)
    estimated = without_read_delay(histogram(true), histogram(stopped))
    for q in QUANTILES:
        assert (estimated.quantile_ns(q) or 0) / 1e6 == pytest.approx(np.quantile(true, q), rel=0.12)


many = st.lists(st.floats(0.0, 1e4), max_size=60)


@given(many, many)
def test_it_makes_nothing_slower_and_loses_no_request(times: list[float], late: list[float]) -> None:
    measured = histogram(np.array(times))
    estimated = without_read_delay(measured, histogram(np.array(late)))
    assert estimated.count == measured.count
    for q in (0.1, 0.5, 0.9, 1.0) if times else ():
        # To the width of a bin.
        assert (estimated.quantile_ns(q) or 0) <= 1.011 * (measured.quantile_ns(q) or 0) + 2
