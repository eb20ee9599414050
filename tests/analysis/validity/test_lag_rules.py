"""The generator's own lag is judged by what it does to each percentile that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load_runs import WINDOW, load_run
from webdyno.analysis.measured_load import MeasuredLoad
from webdyno.analysis.validity.finding import Finding
from webdyno.analysis.validity.findings import findings_of_load
from webdyno.analysis.validity.lag_rules import LAG_CAUTION, LAG_INVALID, TIMER_MS
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad
from webdyno.texts.catalogue import told

Times = npt.NDArray[np.float64]

OPEN = OpenLoad(rate=100)
# As servers are: half of the answers in 1 ms, and one in a hundred in 2 ms or more.
SERVED_MS = np.linspace(0.0, 1.0, 1000) ** 50 + 1.0
SERVED_MS[980:] = 2.0


def encoded(times_ms: npt.ArrayLike) -> str:
    histogram = Histogram()
    histogram.record(np.rint(np.asarray(times_ms) * 1e6))
    return histogram.encode()


def found(served_ms: Times, late_ms: Times, **result: Any) -> dict[str, Finding]:
    """What a load shows whose every request was sent so late, and was answered so long after it was sent."""
    whole = load_run((served_ms + late_ms) * 1e6, load=OPEN, late_ns=late_ms * 1e6).result
    times = {"punctual": encoded(served_ms), "service": encoded(served_ms), "waited": encoded(0 * served_ms)}
    measured = MeasuredLoad(OPEN, WINDOW, whole.model_copy(update={**times, **result}), None)
    return {finding.name: finding for finding in findings_of_load(measured)}


def evenly(late_ms: float) -> Times:
    return np.full(len(SERVED_MS), late_ms)


def test_a_lag_that_moves_no_percentile_by_a_twentieth_is_not_said() -> None:
    assert found(SERVED_MS, evenly(0.04)) == {}


def test_a_p99_of_two_milliseconds_that_is_off_by_a_tenth_says_so() -> None:
    late_ms = np.where(SERVED_MS == 2.0, 0.2, 0.0)
    finding = found(SERVED_MS, late_ms)["lag"]
    assert finding.severity == "caution"
    assert told(finding.what) == "the load generator was late: without that, p99 would be about 2 ms, not 2.2 ms"


def test_every_percentile_that_is_moved_is_named_and_no_other() -> None:
    told_of = told(found(SERVED_MS, evenly(0.15))["lag"].what)
    assert all(f"{name} would be" in told_of for name in ("p50", "p75", "p90", "p95", "p99", "mean"))
    late_ms = np.zeros(len(SERVED_MS))
    late_ms[:5] = 50.0
    # Five of a thousand reach no percentile up to p99, and are a fifth of all the time that was taken.
    assert told(found(SERVED_MS, late_ms)["lag"].what).endswith(
        "without that, mean would be about 1.03 ms, not 1.28 ms"
    )


def test_a_percentile_of_which_a_fifth_is_the_generators_leaves_the_load_out() -> None:
    finding = found(SERVED_MS, np.where(SERVED_MS == 2.0, 0.5, 0.0))["lag"]
    assert finding.severity == "invalid"
    assert "p99 would be about 2 ms, not 2.5 ms" in told(finding.what)


def test_what_a_timer_costs_is_said_and_leaves_no_quick_server_out() -> None:
    assert found(SERVED_MS / 5, evenly(0.08))["lag"].severity == "caution"


def test_one_odd_moment_beyond_p99_leaves_nothing_out() -> None:
    served_ms = np.tile(SERVED_MS, 20)
    late_ms = np.zeros(len(served_ms))
    late_ms[:50] = 5.0
    finding = found(served_ms, late_ms)["lag"]
    assert finding.severity == "caution"
    assert told(finding.what).endswith("without that, p99.9 would be about 2 ms, not 6 ms")


def test_a_lag_that_is_little_beside_a_long_wait_for_a_connection_is_not_said() -> None:
    assert "lag" not in found(SERVED_MS + 300, evenly(12.0), waited=encoded(SERVED_MS + 299))


def test_of_a_few_requests_the_mean_is_judged_since_nothing_else_is_shown() -> None:
    assert found(SERVED_MS[:10], np.full(10, 0.3))["lag"].severity == "invalid"
    assert found(SERVED_MS[:10], np.full(10, 0.03)) == {}


def test_arrivals_that_a_late_generator_never_sent_are_no_overload_of_the_server() -> None:
    """Of those that were dropped there is no response: their lateness alone tells whose fault it was."""
    late_ms = np.concatenate((np.zeros(900), np.full(100, 900.0)))
    sent = 940
    served, late = SERVED_MS[:sent], late_ms[:sent]
    whole: dict[str, Any] = {
        "ok": sent,
        "completed": sent,
        "dropped": 60,
        "scheduled": 1000,
        "late": encoded(late_ms),
        "lag": encoded(late),
        "response": encoded(served + late),
        "punctual": encoded(served),
    }
    shown = found(SERVED_MS, late_ms, **whole)
    assert {name: finding.severity for name, finding in shown.items()} == {"lag": "invalid", "rate-missed": "invalid"}


def test_results_that_do_not_tell_it_are_judged_by_the_lag_itself() -> None:
    assert found(SERVED_MS, evenly(0.5), punctual="") == {}
    assert told(found(SERVED_MS, evenly(1.5), punctual="")["lag"].what).endswith("late by more than 1.5 ms")


@given(
    st.lists(st.floats(0.05, 50), min_size=20, max_size=40),
    st.floats(0, 3),
    st.sampled_from([1, 30, 300]),
)
def test_the_verdict_is_that_of_the_percentiles(requests: list[float], late_ms: float, times: int) -> None:
    """Whatever the server takes, and however late a timer is: flagged where a true percentile is off."""
    served = np.tile(np.array(requests), times)
    late = np.full(len(served), late_ms)
    quantiles = {0.5: 20, 0.75: 40, 0.9: 100, 0.95: 200, 0.99: 1000, 0.999: 10_000}
    known = [q for q, needed in quantiles.items() if len(served) >= needed]
    shown, true = (np.quantile(each, known, method="inverted_cdf") for each in (served + late, served))
    shown, true = np.append(shown, (served + late).mean()), np.append(true, served.mean())
    off = shown / true - 1
    decides = np.array([q < 0.999 for q in known] + [False])
    # As well as a histogram knows them.
    if np.any(np.abs(off - LAG_CAUTION) < 0.003) or np.any(np.abs(off - LAG_INVALID) < 0.003):
        return
    if np.any(np.abs(shown - true - TIMER_MS) < 0.003 * shown):
        return
    unfit = np.any((off > LAG_INVALID) & (shown - true > TIMER_MS) & decides)
    finding = found(served, late).get("lag")
    assert (finding and finding.severity) == ("invalid" if unfit else "caution" if np.any(off > LAG_CAUTION) else None)


@pytest.mark.parametrize("kind", ["response", "punctual"])
def test_a_load_without_one_answer_is_not_judged_by_percentiles(kind: str) -> None:
    nothing: dict[str, Any] = {"ok": 0, "completed": 0, kind: encoded([])}
    assert "lag" not in found(SERVED_MS, evenly(0.0), **nothing)
