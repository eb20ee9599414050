"""What one load says, from counts and histograms with known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.load_runs import load_run
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.analysis.load.threshold import parse_threshold
from webdyno.analysis.load.threshold_outcome import ThresholdOutcome
from webdyno.errors import StoreError
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.load_run import LoadRun
from webdyno.model.trial import Counted, EndpointResult, EngineUse

THOUSAND = np.arange(1, 1001) * 1e6
"""1 ms, 2 ms ... 1000 ms."""
OPEN = OpenLoad(rate=1000)


def _held(run: LoadRun, text: str) -> ThresholdOutcome:
    return analyse_load(run, [parse_threshold(text)]).thresholds[0]


def test_percentiles_are_those_of_the_answers() -> None:
    latency = analyse_load(load_run(THOUSAND)).latency
    assert latency.p50 == pytest.approx(500, rel=1e-3)
    assert latency.p75 == pytest.approx(750, rel=1e-3)
    assert latency.p99 == pytest.approx(990, rel=1e-3)
    assert latency.max == pytest.approx(1000, rel=1e-3)
    # 0.1 % of a thousand is one sample, which bounds nothing.
    assert latency.p999 is None


def test_closed_load_reports_service_time_and_open_load_response_time() -> None:
    assert analyse_load(load_run(THOUSAND)).latency.kind == "service time"
    assert analyse_load(load_run(THOUSAND, load=OPEN)).latency.kind == "response time"


def test_time_outs_rank_above_every_answer() -> None:
    analysis = analyse_load(load_run(THOUSAND, failures={"timeout": 1000}))
    assert analysis.latency.p50 == pytest.approx(1000, rel=1e-3)
    assert analysis.latency.p75 is None
    assert analysis.latency.max is None
    assert "beyond-timeout" in [reason.name for reason in analysis.reasons]


def test_nothing_speaks_against_a_quiet_load() -> None:
    analysis = analyse_load(load_run(THOUSAND))
    assert analysis.valid
    assert analysis.reasons == ()


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (load_run(THOUSAND, engine=EngineUse(cpu_s=9.8, loop_gap_max_s=0.001)), "generator-limited"),
        (load_run(THOUSAND, load=OPEN, late_ns=np.full(1000, 2e8)), "lag"),
        (load_run(np.array([]), failures={"timeout": 5}), "no-answers"),
        (load_run(THOUSAND, steal_percent=20.0), "steal"),
    ],
)
def test_a_load_that_something_else_decided_is_not_valid_and_says_what_to_do(run: LoadRun, name: str) -> None:
    analysis = analyse_load(run)
    assert not analysis.valid
    reason = next(reason for reason in analysis.reasons if reason.severity == "invalid")
    assert reason.name == name
    assert reason.remedy


def test_errors_are_the_result_of_the_server_and_leave_the_load_valid() -> None:
    analysis = analyse_load(load_run(THOUSAND, failures={"status": 500}, statuses={503: 500}))
    assert analysis.valid
    reason = next(reason for reason in analysis.reasons if reason.name == "errors")
    assert "33 %" in reason.sentence
    assert "status 503" in reason.sentence


@pytest.mark.parametrize(
    ("text", "met", "value"),
    [
        ("p99<1s", True, "990 ms"),
        ("p99<900ms", False, "990 ms"),
        ("max<=2s", True, "1 s"),
        ("mean<400ms", False, "50"),
        ("throughput>99", True, "100/s"),
        ("throughput>101", False, "100/s"),
        ("errors<0.1%", True, "0 %"),
        ("errors<1", True, "0"),
    ],
)
def test_a_threshold_is_held_against_its_figure(text: str, met: bool, value: str) -> None:
    outcome = _held(load_run(THOUSAND), text)
    assert outcome.met is met
    assert value in outcome.value


@pytest.mark.parametrize(
    ("run", "text", "why"),
    [
        (load_run(THOUSAND), "p99.9<10s", "it needs 10,000"),
        (load_run(THOUSAND, failures={"timeout": 500}), "p99<10s", "among the requests without a response"),
        (load_run(THOUSAND, failures={"timeout": 1}), "max<10s", "1 request had no response in time"),
        (load_run(np.array([])), "p50<10s", "no successful response"),
    ],
)
def test_a_threshold_that_cannot_be_known_is_missed_and_says_why(run: LoadRun, text: str, why: str) -> None:
    outcome = _held(run, text)
    assert not outcome.met
    assert why in outcome.why


def test_dropped_arrivals_count_as_errors() -> None:
    run = load_run(THOUSAND, load=OPEN, dropped=1000)
    assert not _held(run, "errors<49%").met
    assert _held(run, "errors<51%").met


def test_the_wait_for_a_connection_is_told_apart_from_the_generators_own_lag() -> None:
    run = load_run(THOUSAND, load=OPEN)
    waited = run.model_copy(update={"result": run.result.model_copy(update={"waited": run.result.response})})
    assert analyse_load(waited).lag.waited_p99 == pytest.approx(990, rel=1e-3)
    assert analyse_load(waited).lag.late_p99 == 0
    assert analyse_load(run).lag.waited_p99 is None, "older results do not know it"


def _with_result(run: LoadRun, **values: Any) -> LoadRun:
    return run.model_copy(update={"result": run.result.model_copy(update=values)})


@pytest.mark.parametrize("load", [OPEN, ClosedLoad(connections=32)])
def test_requests_without_an_answer_are_told_and_are_no_wrong_answers(load: Load) -> None:
    reasons = analyse_load(_with_result(load_run(THOUSAND, load=load), unfinished=3)).reasons
    told = {reason.name: reason for reason in reasons}
    assert told["unanswered"].what.figures == {"count": 3}
    assert "errors" not in told


def test_a_load_is_told_what_to_do_in_its_own_options() -> None:
    limited = analyse_load(load_run(THOUSAND, engine=EngineUse(cpu_s=9.8, loop_gap_max_s=0.001)))
    assert "--processes" in limited.reasons[0].remedy
    without_core = analyse_load(
        load_run(THOUSAND, engine=EngineUse(cpu_s=1, loop_gap_max_s=0.001, busy_s=1, core_wait_s=9))
    )
    assert without_core.reasons[0].name == "core-shared"
    assert "--processes" not in without_core.reasons[0].remedy, "another process would only be in its way"


def test_a_connection_that_hangs_is_asked_by_hand_with_curl() -> None:
    # 100/s of 0.5 s each are 50 under way; the other ten hang.
    run = _with_result(load_run(THOUSAND, load=ClosedLoad(connections=60)), in_flight_mean=60.0, timed_out_mean=10.0)
    reason = next(reason for reason in analyse_load(run).reasons if reason.name == "stuck-connections")
    assert reason.remedy.startswith("ask it by hand: curl")
    assert "fewer connections (-c) or more threads" in reason.remedy


def _endpoint(run: LoadRun, name: str, **values: Any) -> EndpointResult:
    counted = {field: getattr(run.result, field) for field in Counted.model_fields}
    return EndpointResult(name=name, method="GET", path=f"/{name}", **(counted | values))


@pytest.mark.parametrize("load", [OPEN, ClosedLoad(connections=32)])
def test_each_endpoint_has_figures_of_its_own(load: Load) -> None:
    fast, slow = (load_run(THOUSAND * factor, load=load) for factor in (1, 2))
    run = _with_result(fast, endpoints=(_endpoint(fast, "login"), _endpoint(slow, "buy", failures={"timeout": 1000})))
    login, buy = analyse_load(run).endpoints
    assert (login.name, login.path, login.requests, login.ok, login.throughput) == ("login", "/login", 1000, 1000, 100)
    assert login.latency.kind == buy.latency.kind == analyse_load(run).latency.kind
    assert login.latency.p99 == pytest.approx(990, rel=1e-3)
    assert buy.latency.p50 == pytest.approx(2000, rel=1e-3)
    assert buy.latency.p75 is None, "it falls among those that timed out"


def test_failures_have_times_by_kind() -> None:
    run = load_run(THOUSAND, failures={"status": 1000, "reset": 5})
    few = load_run(THOUSAND[:5]).result.response
    failed = {"status": run.result.response, "reset": few, "body": load_run(np.array([])).result.response}
    status, reset = analyse_load(_with_result(run, failed_response=failed)).failed
    assert (status.kind, status.count) == ("status", 1000)
    assert status.p50 == pytest.approx(500, rel=1e-3)
    assert status.p99 == pytest.approx(990, rel=1e-3)
    assert (reset.kind, reset.count, reset.p50, reset.p99) == ("reset", 5, None, None)


def test_a_damaged_histogram_of_an_endpoint_is_an_error_that_names_it() -> None:
    run = load_run(THOUSAND)
    damaged = _with_result(run, endpoints=(_endpoint(run, "log\x1bin", service="AAAA"),))
    with pytest.raises(StoreError, match=r"endpoint log\\x1bin is damaged"):
        analyse_load(damaged)
