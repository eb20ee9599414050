"""Who is to blame: the generator's own limits, a rate that was missed, a server that fell behind, users who think."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.load_runs import WINDOW, load_run
from webdyno.analysis.measured_load import MeasuredLoad
from webdyno.analysis.validity.finding import Finding
from webdyno.analysis.validity.findings import findings_of_load
from webdyno.model.histogram import Histogram
from webdyno.model.load import Burst, ClosedLoad, Load, OpenLoad, Ramp, RateStep, RateSteps, Replay
from webdyno.model.trial import EngineUse
from webdyno.texts.catalogue import told

CLOSED = ClosedLoad(connections=32)
OPEN = OpenLoad(rate=100)
TIMES_MS = np.full(1000, 20.0)


def encoded(times_ms: list[float]) -> str:
    histogram = Histogram()
    histogram.record(np.asarray(times_ms) * 1e6)
    return histogram.encode()


def found(
    load: Load, *, engine: dict[str, Any] | None = None, own_core: bool = True, **result: Any
) -> dict[str, Finding]:
    """What a load of ten seconds shows whose thousand answers took 20 ms each, with these changes."""
    use = EngineUse(cpu_s=2.0, loop_gap_max_s=0.001, **(engine or {}))
    whole = load_run(TIMES_MS * 1e6, load=load, engine=use).result.model_copy(update=result)
    measured = MeasuredLoad(load, WINDOW, whole, None, own_core=own_core)
    return {finding.name: finding for finding in findings_of_load(measured)}


@pytest.mark.parametrize("load", [CLOSED, OPEN])
@pytest.mark.parametrize("spinning", [True, False])
def test_a_quiet_load_shows_nothing(load: Load, spinning: bool) -> None:
    quiet: dict[str, Any] = {"busy_s": 8.9, "core_wait_s": 0.4, "render_s": 0.19, "spinning": spinning}
    assert found(load, engine=quiet) == {}


@pytest.mark.parametrize("load", [CLOSED, OPEN])
@pytest.mark.parametrize("spinning", [True, False])
def test_a_loop_that_was_busy_all_the_time_was_the_limit_whether_it_spins_or_not(load: Load, spinning: bool) -> None:
    finding = found(load, engine={"busy_s": 9.3, "spinning": spinning})["generator-limited"]
    assert finding.severity == "invalid"
    assert "the load generator was busy for 93 % of the time" in told(finding.what)


def test_a_core_filled_by_spinning_is_no_limit_and_what_the_loop_did_decides() -> None:
    assert found(OPEN, engine={"busy_s": 1.0, "spinning": True}) == {}
    assert found(CLOSED, engine={"busy_s": 1.0}) == {}


def test_of_several_processes_the_busiest_is_told() -> None:
    finding = found(CLOSED, engine={"busy_s": 9.5, "processes": 4})["generator-limited"]
    assert told(finding.what).startswith("the busiest of the load generator's 4 processes")


@pytest.mark.parametrize(
    ("load", "waited_s", "severity"),
    [(CLOSED, 0.6, "caution"), (CLOSED, 2.1, "invalid"), (OPEN, 0.6, "caution"), (OPEN, 5.0, "caution")],
)
def test_a_generator_that_waited_for_its_core_says_so(load: Load, waited_s: float, severity: str) -> None:
    assert found(load, engine={"core_wait_s": waited_s})["core-shared"].severity == severity


def test_a_core_that_is_shared_by_plan_leaves_no_trial_out() -> None:
    shown = found(CLOSED, engine={"core_wait_s": 6.0, "busy_s": 9.8}, own_core=False)
    assert {name: finding.severity for name, finding in shown.items()} == {"core-shared": "caution"}


@pytest.mark.parametrize("load", [CLOSED, OPEN])
@pytest.mark.parametrize("what", ["ports", "descriptors"])
def test_a_single_connection_for_want_of_a_port_or_a_descriptor_is_enough(load: Load, what: str) -> None:
    finding = found(load, engine={f"{what}_exhausted": 1})[f"{what}-exhausted"]
    assert (finding.severity, "for 1 connection" in told(finding.what)) == ("invalid", True)
    assert told(finding.advice)


def test_templates_that_cost_time_are_told_under_closed_load_only() -> None:
    assert found(CLOSED, engine={"render_s": 0.3})["slow-templates"].severity == "caution"
    assert found(OPEN, engine={"render_s": 0.3}) == {}


def test_lag_is_flagged_at_a_twentieth_of_the_median() -> None:
    slow: dict[str, Any] = {"response": encoded([100.0] * 1000), "completed": 1000}
    assert found(OPEN, late=encoded([4.9] * 1000), **slow) == {}
    assert found(OPEN, late=encoded([5.1] * 1000), **slow)["lag"].severity == "invalid"


def test_a_rate_missed_by_the_generator_is_its_own_fault() -> None:
    shown = found(OPEN, late=encoded([50.0] * 1000), lag=encoded([50.0] * 950), completed=950)
    assert {name: finding.severity for name, finding in shown.items()} == {"lag": "invalid", "rate-missed": "invalid"}
    assert "5 %" in told(shown["rate-missed"].what)


def test_a_rate_missed_for_want_of_ports_is_not_the_servers() -> None:
    counted: dict[str, Any] = {"ok": 950, "failures": {"connect": 50}, "response": encoded([20] * 950)}
    shown = found(OPEN, engine={"ports_exhausted": 50}, lag=encoded([0.1] * 950), **counted)
    assert set(shown) == {"ports-exhausted", "rate-missed"}


def test_a_rate_missed_because_the_server_took_no_more_is_its_result() -> None:
    shown = found(OPEN, lag=encoded([0.1] * 950), completed=950)
    assert {name: finding.severity for name, finding in shown.items()} == {"overloaded": "caution"}
    assert "5 % were never sent" in told(shown["overloaded"].what)


def test_less_than_a_hundredth_short_is_the_rate_asked_for() -> None:
    assert found(OPEN, lag=encoded([0.1] * 991)) == {}


def test_answers_that_fall_behind_without_any_wait_for_a_connection_are_overload() -> None:
    finding = found(OPEN, completed=950)["overloaded"]
    assert "successful responses came at 95" in told(finding.what)
    assert found(OPEN, completed=985) == {}, "what is always under way at the end is no overload"


def test_what_is_under_way_at_the_end_is_judged_by_how_long_answers_take() -> None:
    slow: dict[str, Any] = {"response": encoded([500.0] * 1000), "service": encoded([500.0] * 1000)}
    assert found(OPEN, completed=1000 - 50 - 15, **slow) == {}
    assert "overloaded" in found(OPEN, completed=1000 - 50 - 40, **slow)


def test_a_generator_is_not_late_beside_answers_that_never_came() -> None:
    """Most requests were awaited for a second: 20 ms of lag are little beside it, 80 ms are not."""
    silent: dict[str, Any] = {"ok": 100, "completed": 100, "response": encoded([5.0] * 100), "unfinished": 900}
    assert "lag" not in found(OPEN, late=encoded([20.0] * 1000), **silent)
    assert "lag" in found(OPEN, late=encoded([80.0] * 1000), **silent)
    dropped = {**silent, "unfinished": 0, "dropped": 900}
    assert "lag" in found(OPEN, late=encoded([20.0] * 1000), **dropped)


@pytest.mark.parametrize("factor", [1.5, 2.0, 4.0, 20.0])
def test_requests_that_pile_up_are_overload_however_far_the_rate_is_beyond(factor: float) -> None:
    """A server that takes its requests one after the other: each waits for those that came before it."""
    served = 1000 / factor
    waits_ms = [10_000 * (1 - 1 / factor) * place / 1000 + 1 for place in range(round(served))]
    piled: dict[str, Any] = {"response": encoded(waits_ms), "completed": round(served), "ok": round(served)}
    assert "overloaded" in found(OPEN, unfinished=1000 - round(served), **piled)


@pytest.mark.parametrize(
    ("load", "asked"),
    [
        (OPEN, "with 100/s:"),
        (OpenLoad(rate=100, profile=Ramp(start=0, end=100)), "with arrivals from 0/s to 100/s:"),
        (
            OpenLoad(rate=9, profile=RateSteps(steps=(RateStep(rate=9, seconds=1), RateStep(rate=3, seconds=2)))),
            "with arrivals at 9/s for 1 s, 3/s for 2 s:",
        ),
        (OpenLoad(rate=10, profile=Burst(size=10, every_s=1)), "with arrivals in bursts of 10 every 1 s:"),
        (OpenLoad(rate=2, profile=Replay(offsets_s=(0.0, 1.0))), "with 2 recorded arrivals:"),
    ],
)
def test_overload_names_what_was_asked_for(load: Load, asked: str) -> None:
    assert asked in told(found(load, lag=encoded([300.0] * 1000))["overloaded"].what)


def test_users_who_think_are_no_stuck_connections() -> None:
    """32 users of whom two are served at any time: 100 answers a second of 20 ms each."""
    assert found(CLOSED, in_flight_mean=2.0) == {}


def test_a_connection_that_hangs_among_users_who_think_is_still_seen() -> None:
    assert "about 2 of 32" in told(found(CLOSED, in_flight_mean=4.0, timed_out_mean=2.0)["stuck-connections"].what)
