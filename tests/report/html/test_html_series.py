from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.run import Run
from webdyno.report.html import chart_series


@cache
def analysed() -> tuple[Run, Analysis]:
    run = make_run()
    return run, analyse(run)


@pytest.mark.parametrize(("at", "name"), [(0.1, "p90"), (0.01, "p99")])
def test_a_curve_passes_through_the_percentiles_of_the_analysis(at: float, name: str) -> None:
    run, analysis = analysed()
    curves = chart_series.response_curves(run, analysis)
    assert len(curves) == 5
    for curve in curves:
        shown = getattr(analysis.stack(curve.of.name).response, name)
        assert curve.times_ms[curve.slower.index(at)] == pytest.approx(shown, rel=1e-3)


def test_a_curve_ends_where_requests_never_got_an_answer() -> None:
    run = make_run((Truth("flask@gunicorn", 3000, 300), Truth("fastapi@granian", 9000, 90)), blocks=2)
    frozen = _with_unanswered(run, "flask@gunicorn", share=0.05)
    analysis = analyse(run)
    assert all(curve.slower[-1] < 0.01 for curve in chart_series.response_curves(run, analysis))
    cut = chart_series.response_curves(frozen, analysis)
    ends = {curve.of.name: curve.slower[-1] for curve in cut}
    assert 0.047 < ends["flask@gunicorn"] < 0.055
    assert ends["fastapi@granian"] < 0.01


def _with_unanswered(run: Run, notation: str, share: float) -> Run:
    trials = []
    for trial in run.trials:
        if trial.result and trial.phase == "rate" and trial.stack == notation:
            lost = round(trial.result.ok * share / (1 - share))
            result = trial.result.model_copy(update={"unfinished": lost, "scheduled": trial.result.scheduled + lost})
            trial = trial.model_copy(update={"result": result})
        trials.append(trial)
    return run.model_copy(update={"trials": tuple(trials)})


def test_memory_lines_cover_the_window_and_enclose_their_mean() -> None:
    lines = chart_series.memory_lines(*analysed())
    assert len(lines) == 5
    for line in lines:
        assert line.seconds[0] == 0
        assert line.seconds[-1] == pytest.approx(1.0)
        assert all(low <= mean <= high for low, mean, high in zip(line.low, line.mean, line.high, strict=True))


def test_long_trials_are_thinned() -> None:
    window = make_run().experiment.window.model_copy(update={"duration_s": 60.0})
    run = make_run((Truth("flask@gunicorn", 50, 300),), blocks=1, rate=None, window=window)
    (line,) = chart_series.memory_lines(run, analyse(run))
    assert len(line.seconds) <= chart_series.TIME_BINS + 1


def test_error_bars_are_shares_of_all_requests() -> None:
    (bar,) = chart_series.error_bars(analysed()[1])
    assert (bar.of.name, bar.kind) == ("flask@gunicorn?worker_class=uvicorn&wrap=asgiref", "wrong status")
    assert bar.share == pytest.approx(0.48, abs=0.02)


def test_stacks_without_a_valid_result_come_last() -> None:
    order = [stack.notation for stack in analysed()[1].best_first]
    assert order[0] == "fastapi@granian"
    assert order[-1] == "flask@gunicorn?worker_class=uvicorn&wrap=asgiref"


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_spread_positions_keep_their_order_their_distance_and_the_range(positions: list[float]) -> None:
    gap = min(10, 100 / max(len(positions) - 1, 1))
    placed = chart_series.spread(positions, 10, 0, 100)
    order = sorted(range(len(positions)), key=positions.__getitem__)
    along = [placed[index] for index in order]
    assert all(after - before >= gap - 1e-9 for before, after in pairwise(along))
    assert along[0] >= -1e-9
    assert along[-1] <= 100 + 1e-9


def test_positions_that_are_far_enough_apart_stay_where_they_are() -> None:
    assert chart_series.spread([50, 10, 90], 10, 0, 100) == [50, 10, 90]
