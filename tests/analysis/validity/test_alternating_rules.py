"""Rules for trials of several windows: what a stack does between them, and what their edges excuse."""

from __future__ import annotations

import pytest

from tests.factories import Truth, make_run
from tests.known import known
from webdyno.analysis.measured_trial import MeasuredTrial
from webdyno.analysis.validity.server_rules import busy_idle, littles_law, short_window
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad
from webdyno.model.trial import IdleUse, LoadFigures, ShortWindow, Trial

(PILOT, TRIAL, RATE) = make_run((Truth("flask@gunicorn", 3000, 300),), blocks=1).trials


def idling(seconds: float, cpu_s: float, own_s: float = 0.9, trial: Trial = TRIAL) -> list[str]:
    """How grave it is that a stack used so much CPU time without a load, and so much in its windows."""
    resources = known(trial.resources).model_copy(update={"cpu_s": own_s})
    changed = trial.model_copy(update={"idle": IdleUse(seconds=seconds, cpu_s=cpu_s), "resources": resources})
    return [finding.severity for finding in busy_idle(MeasuredTrial(changed, known(trial.result)))]


def test_a_server_that_only_wakes_for_its_timers_is_idle() -> None:
    assert idling(20.0, 0.04) == []


@pytest.mark.parametrize(
    ("cores", "grave"), [(0.009, []), (0.011, ["caution"]), (0.049, ["caution"]), (0.051, ["invalid"])]
)
def test_what_it_keeps_busy_meanwhile_is_missing_to_the_others(cores: float, grave: list[str]) -> None:
    # So short that it is next to nothing beside its own windows.
    assert idling(1.0, cores, own_s=10.0) == grave


@pytest.mark.parametrize(
    ("share", "grave"), [(0.019, []), (0.021, ["caution"]), (0.049, ["caution"]), (0.051, ["invalid"])]
)
def test_work_that_is_left_for_later_counts_against_what_was_done_at_once(share: float, grave: list[str]) -> None:
    # Among many stacks it is idle for so long that hardly a core shows it.
    assert idling(100.0, 0.003 * 100.0 + share * 0.9) == grave


def test_at_a_fixed_rate_and_in_the_pilot_what_is_left_for_later_decides_nothing() -> None:
    assert idling(100.0, 0.6, trial=RATE) == idling(100.0, 5.1, trial=PILOT) == []


def closed(windows: int, window_s: float, mean_s: float, told: float) -> MeasuredTrial:
    """32 connections that are always busy, a share of whose responses is told."""
    served = 32 / mean_s * windows * window_s
    histogram = known(TRIAL.result)
    figures = histogram.model_copy(
        update={
            "window_s": windows * window_s,
            "ok_in_window": told * served,
            "in_flight_mean": 32.0,
            "timed_out_mean": 0.0,
            "failures": {},
            "failed_in_window": 0.0,
            "unfinished": 0,
            "cut_s": windows * 2 * 32 * mean_s,
        }
    )
    return _with_times(figures, windows, window_s, mean_s)


def _with_times(figures: LoadFigures, windows: int, window_s: float, mean_s: float) -> MeasuredTrial:
    times = Histogram()
    times.record([mean_s * 1e9] * 1000)
    parts = tuple(ShortWindow(at_s=at, window_s=window_s, delivered=1) for at in range(windows)) if windows > 1 else ()
    window = TRIAL.window.model_copy(update={"duration_s": window_s})
    load = ClosedLoad(connections=32)
    trial = TRIAL.model_copy(update={"windows": parts, "window": window, "load": load})
    return MeasuredTrial(trial, figures.model_copy(update={"service": times.encode(), "failed_response": {}}))


@pytest.mark.parametrize("mean_s", [0.003, 0.01])
def test_lost_responses_are_seen_in_several_windows_as_well(mean_s: float) -> None:
    for windows, window_s in ((1, 1.0), (10, 0.1)):
        assert not list(littles_law(closed(windows, window_s, mean_s, told=1.0)))
        assert [one.severity for one in littles_law(closed(windows, window_s, mean_s, told=0.7))] == ["invalid"]


def test_a_window_is_short_by_its_own_length_and_not_by_that_of_all() -> None:
    assert not list(short_window(closed(10, 0.1, 0.04, told=1.0)))
    assert list(short_window(closed(10, 0.1, 0.06, told=1.0)))
    assert not list(short_window(closed(1, 1.0, 0.06, told=1.0)))
