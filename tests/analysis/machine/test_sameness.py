"""The smallest difference that a machine shows, from comparisons whose truth is known; and the margins it raises."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import DEFAULT_TRUTHS, Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.analysis.machine.sameness import BLOCKS_FOR_A_MARGIN, margin_floor, smallest_difference
from webdyno.analysis.statistics.estimates import DEFAULT_MARGIN, geometric_estimate
from webdyno.model.floor import MarginFloor
from webdyno.model.run import Run

NOW = datetime(2026, 11, 21, 16, tzinfo=UTC)
ratios = st.lists(st.floats(0.5, 2.0), min_size=2, max_size=40)


def floor_of(analysis: Analysis, measured_s: float = 40.0) -> MarginFloor | None:
    return margin_floor(analysis, measured_s, "abc", NOW)


def twins(blocks: int = 8) -> Analysis:
    same = (Truth("flask@gunicorn", 3000, 300), Truth("flask@gunicorn?workers=1", 3000, 300))
    return analyse(make_run(same, blocks=blocks))


@given(ratios)
def test_it_is_the_half_width_of_the_interval_where_the_mean_ratio_is_one(values: list[float]) -> None:
    """Mirrored, the ratios have the mean one, where both ways to the scatter meet but for the known mean."""
    mirrored = values + [1 / value for value in values]
    found = geometric_estimate(mirrored)
    assert found and found.interval
    count = len(mirrored)
    half = math.log(found.interval.high) * math.sqrt((count - 1) / count)
    assert smallest_difference(mirrored, count) == pytest.approx(math.expm1(half), rel=1e-9, abs=1e-12)


@given(ratios)
def test_it_is_the_same_from_the_other_side_and_shrinks_with_more_blocks(values: list[float]) -> None:
    seen = smallest_difference(values, 10)
    assert smallest_difference([1 / value for value in values], 10) == pytest.approx(seen, rel=1e-9, abs=1e-12)
    assert smallest_difference(values, 20) <= seen


def test_a_machine_that_prefers_one_of_two_equal_stacks_shows_no_smaller_difference_than_that() -> None:
    assert smallest_difference([1.05] * 8, 8) > 0.04


def test_a_true_difference_of_twice_that_size_is_mostly_seen_and_none_is_mostly_not() -> None:
    rng = np.random.default_rng(5)
    sd, blocks = 0.05, 20
    smallest = smallest_difference(np.exp(rng.normal(0, sd, 400)).tolist(), blocks)

    def seen(truth: float) -> float:
        found = [geometric_estimate(np.exp(rng.normal(math.log(truth), sd, blocks)).tolist()) for _ in range(300)]
        return sum(bool(one and one.interval and one.interval.low > 1) for one in found) / len(found)

    assert seen(1 + 2 * smallest) > 0.95
    assert 0.3 < seen(1 + smallest) < 0.7
    assert seen(1.0) < 0.06


def test_blocks_that_fit_into_two_minutes_narrow_it() -> None:
    slow, fast = floor_of(twins(), 120.0), floor_of(twins(), 30.0)
    assert slow and fast
    assert (slow.blocks, slow.seconds) == (8, 120.0)
    assert fast.differences["throughput"] < slow.differences["throughput"]
    assert set(slow.differences) == {"throughput", "cpu_per_request", "p50", "p99", "memory"}


def test_too_few_blocks_give_no_figure() -> None:
    assert floor_of(twins(BLOCKS_FOR_A_MARGIN - 1)) is None
    assert floor_of(twins(BLOCKS_FOR_A_MARGIN)) is not None


def raised_by(differences: dict[str, float]) -> Run:
    floor = MarginFloor.model_validate(
        {"machine": "abc", "measured": NOW, "seconds": 120.0, "blocks": 8, "differences": differences}
    )
    return make_run(DEFAULT_TRUTHS[:2]).model_copy(update={"floor": floor})


def test_a_margin_below_the_floor_is_raised_for_its_metric_only_and_that_is_told() -> None:
    analysis = analyse(raised_by({"throughput": 0.31, "p99": 0.001}))
    margins = {one.metric: one.margin for one in analysis.verdicts}
    assert margins.pop("throughput") == 0.31
    assert set(margins.values()) == {DEFAULT_MARGIN}
    (told,) = [reason for reason in analysis.reasons if reason.name == "raised-margin"]
    assert "from 2 % to 31 % for throughput" in told.sentence
    assert "2026-11-21 16:00" in told.sentence
    assert told.severity == "caution"


@pytest.mark.parametrize("differences", [{}, {"throughput": 0.01, "p99": 0.02}])
def test_a_floor_below_the_margin_changes_nothing(differences: dict[str, float]) -> None:
    run = raised_by(differences)
    assert analyse(run) == analyse(run.model_copy(update={"floor": None}))


def _outcome(run: Run) -> str:
    found = analyse(run).verdicts[0]
    assert found.metric == "throughput"
    return found.outcome


def test_a_difference_below_the_floor_is_no_longer_claimed() -> None:
    run = make_run((Truth("flask@gunicorn", 3000, 300), Truth("flask@waitress", 3900, 300)), blocks=8, rate=None)
    assert _outcome(run) == "faster"
    floor = MarginFloor(machine="abc", measured=NOW, seconds=120.0, blocks=8, differences={"throughput": 0.9})
    assert _outcome(run.model_copy(update={"floor": floor})) == "tie"
