"""What a load tool does not tell is said, and never taken for a 0."""

from __future__ import annotations

from typing import Any

import pytest

from tests.load_runs import load_run
from webdyno.analysis.load.analyse_load import LoadAnalysis, analyse_load
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.load_run import LoadRun
from webdyno.model.trial import DriverRecord, EngineUse

CLOSED, OPEN = ClosedLoad(connections=32), OpenLoad(rate=100)
OTHER = DriverRecord(name="other", version="1.2")
TIMES_NS = [20e6] * 1000


def told_by(load: Load = CLOSED, **result: Any) -> LoadRun:
    """A load of a thousand right answers, as another load tool tells it."""
    run = load_run(TIMES_NS, load=load)
    return run.model_copy(update={"result": run.result.model_copy(update={"driver": OTHER} | result)})


def reasons(analysis: LoadAnalysis) -> dict[str, str]:
    assert analysis.valid
    return {reason.name: reason.sentence for reason in analysis.reasons}


def test_of_a_load_tool_that_tells_and_checks_everything_nothing_is_said() -> None:
    assert reasons(analyse_load(told_by())) == {}
    assert reasons(analyse_load(told_by(OPEN))) == {}


@pytest.mark.parametrize(("checked", "against"), [("below-400", "a status below 400"), ("nothing", "nothing")])
def test_responses_that_nobody_checked_are_told(checked: str, against: str) -> None:
    driver = OTHER.model_copy(update={"checked": checked})
    assert (
        f"other held responses against {against} only"
        in reasons(analyse_load(told_by(driver=driver)))["responses-unchecked"]
    )


def test_a_load_tool_that_hides_its_own_use_may_have_been_the_limit() -> None:
    found = reasons(analyse_load(told_by(engine=None)))
    assert "whether it was the limit is not known" in found["generator-unwatched"]
    assert found["driver-untold"] == "other does not report how long it paused: that is not judged"


def test_without_lag_no_request_counts_as_late_or_as_never_sent() -> None:
    analysis = analyse_load(told_by(OPEN, lag="", late="", waited=""))
    assert reasons(analysis).keys() == {"lag-untold"}
    assert analysis.lag.p99 is None and analysis.lag.late_p99 is None
    assert analysis.latency.p50 == pytest.approx(20, rel=0.01)


def test_lag_is_not_missed_under_closed_load() -> None:
    assert reasons(analyse_load(told_by(lag="", late="", waited="", response=""))) == {}


def test_without_times_there_are_no_percentiles() -> None:
    analysis = analyse_load(told_by(service=""))
    assert "times-untold" in reasons(analysis)
    assert (analysis.latency.p50, analysis.latency.max, analysis.latency.mean) == (None, None, None)
    assert analysis.throughput == 100


def test_times_of_wrong_responses_among_the_right_ones_are_told() -> None:
    mixed = told_by(ok=900, completed=900, ok_in_window=None, failures={"status": 100})
    assert "100 of 1,000 times are theirs" in reasons(analyse_load(mixed))["times-mixed"]


def test_all_that_is_not_told_stands_in_one_sentence_and_in_no_figure() -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("statuses", "unfinished", "connects", "reconnects", "bytes_in", "in_flight_mean", "timed_out_mean", "cut_s")
    )
    run = told_by(**nothing, ok_in_window=None, engine=EngineUse(cpu_s=2), series=())
    analysis = analyse_load(run)
    assert reasons(analysis)["driver-untold"] == (
        "other does not report how long it paused, how often it reconnected, which statuses came, "
        "how many requests had no response at the end and how many were in flight: that is not judged"
    )
    assert (analysis.errors.unfinished, analysis.errors.reconnects) == (None, None)


def test_a_mean_cycle_is_known_without_the_number_of_requests_under_way() -> None:
    # 32 connections that are never idle and a thousand answers in ten seconds: 0.32 s each.
    assert told_by(in_flight_mean=None).result.cycle_s(32) == pytest.approx(0.32)
