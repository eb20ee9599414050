"""Percentiles: merged, bounded by enough samples, and never flattered by requests that got no answer."""

from __future__ import annotations

import numpy as np
import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.statistics.percentiles import (
    Times,
    censored,
    percentiles,
    quantile_ms,
    samples_needed,
    samples_needed_in_block,
)
from webdyno.model.histogram import Histogram
from webdyno.model.trial import LoadFigures

ANY_RESULT = next(
    t.result for t in make_run((Truth("fastapi@granian", 100, 100),), blocks=1, rate=50).trials if t.result
)


def histogram(values_ms: list[float]) -> Histogram:
    filled = Histogram()
    filled.record(np.asarray(values_ms) * 1e6)
    return filled


def result(**changes: object) -> LoadFigures:
    return ANY_RESULT.model_copy(update={"unfinished": 0, **changes})


def test_the_samples_that_a_percentile_needs_are_those_of_the_documents() -> None:
    assert [samples_needed(q) for q in (0.5, 0.9, 0.95, 0.99, 0.999)] == [20, 100, 200, 1_000, 10_000]
    assert [samples_needed_in_block(q) for q in (0.5, 0.99, 0.999)] == [5, 299, 2995]


def test_percentiles_of_two_trials_are_those_of_the_pooled_requests_not_their_average() -> None:
    fast, slow = histogram([1.0] * 1900), histogram([100.0] * 100)
    pooled = percentiles([Times("response time", fast, 0), Times("response time", slow, 0)])
    assert pooled is not None
    assert pooled.p50 == pytest.approx(1.0, rel=0.001)
    assert pooled.p99 == pytest.approx(100.0, rel=0.001)
    assert pooled.count == 2000


def test_a_percentile_with_too_few_samples_is_none() -> None:
    few = percentiles([Times("response time", histogram([1.0] * 999), 0)])
    assert few is not None
    assert few.p95 is not None
    assert (few.p99, few.p999) == (None, None)


@pytest.mark.parametrize("lost", [{"failures": {"timeout": 30}}, {"dropped": 30}, {"unfinished": 30}])
def test_a_server_that_leaves_requests_unanswered_does_not_look_fast(lost: dict[str, object]) -> None:
    frozen = percentiles([Times("response time", histogram([1.0] * 1970), censored("response time", result(**lost)))])
    assert frozen is not None
    assert frozen.p95 == pytest.approx(1.0, rel=0.001)
    assert (frozen.p99, frozen.max, frozen.mean) == (None, None, None)


def test_requests_under_way_at_the_end_of_a_closed_load_say_nothing() -> None:
    closed = percentiles(
        [Times("service time", histogram([1.0] * 1970), censored("service time", result(unfinished=32)))]
    )
    assert closed is not None
    assert closed.p99 == pytest.approx(1.0, rel=0.001)


@pytest.mark.parametrize("censored", [0, 500])
def test_the_tail_is_that_of_the_percentiles_and_ends_where_they_do(censored: int) -> None:
    times = Times("response time", histogram([float(ms) for ms in range(1, 9501)]), censored)
    slower, tail_ms = times.tail(10)
    for share, ms in zip(slower, tail_ms, strict=True):
        assert ms == pytest.approx(times.shown_ms(1 - share), rel=1e-3)
    last = max(censored, 10) / times.total
    assert last * 0.99 < slower[-1] < last * 10**0.1 * 1.01


def test_why_a_percentile_is_not_known_counts_the_requests_without_an_answer_as_samples() -> None:
    answered = histogram([1.0] * 980)
    assert Times("response time", answered, 10).why_unknown(0.99) == "few-samples"
    assert Times("response time", answered, 20).why_unknown(0.99) == "beyond-timeout"
    assert Times("response time", answered, 20).why_unknown(0.9) is None
    assert Times("response time", Histogram(), 2000).why_unknown(0.99) is None


def test_of_no_answers_there_are_no_percentiles() -> None:
    assert percentiles([]) is None
    assert percentiles([Times("response time", Histogram(), 5)]) is None
    assert quantile_ms(Histogram(), 0.5, beyond=100, needed=20) is None
