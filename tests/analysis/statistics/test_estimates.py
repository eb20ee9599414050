"""Intervals, tests and decisions against exact enumeration and against simulated experiments of known truth."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from webdyno.analysis.statistics.decisions import Decision, decide
from webdyno.analysis.statistics.estimates import (
    DEFAULT_MARGIN,
    at_level,
    geometric_estimate,
    paired_ratios,
    sign_flip_p,
)

EXPERIMENTS = 2000
Blocks = npt.NDArray[np.float64]

positive = st.floats(0.001, 1e6)
ratios = st.lists(st.floats(0.2, 5.0), min_size=2, max_size=10)


def placed(values: list[float], margin: float = DEFAULT_MARGIN) -> Decision:
    """One comparison by itself."""
    return decide([values], margin)[0]


def simulated(truth: float, blocks: int, trial_sd: float, seed: int) -> tuple[Blocks, Blocks]:
    """Throughput of two stacks in many experiments: what a block does to both alike is large, the rest small."""
    rng = np.random.default_rng(seed)
    shape = (EXPERIMENTS, blocks)
    shared = rng.normal(0, 0.10, shape)
    first, second = (np.exp(shared + rng.normal(0, trial_sd, shape)) for _ in range(2))
    return 5000 * truth * first, 5000 * second


def test_the_interval_of_a_known_sample_is_students() -> None:
    estimate = geometric_estimate([math.exp(value) for value in (1.0, 2.0, 3.0)])
    assert estimate is not None
    assert estimate.interval is not None
    assert math.log(estimate.value) == pytest.approx(2.0)
    # t(0.975, 2) = 4.302653 from the tables, standard error 1 / sqrt(3).
    assert math.log(estimate.interval.high) == pytest.approx(2.0 + 4.302653 / math.sqrt(3), abs=1e-6)
    assert math.log(estimate.interval.low) == pytest.approx(2.0 - 4.302653 / math.sqrt(3), abs=1e-6)


@given(st.lists(positive, min_size=2, max_size=12), st.floats(0.01, 100))
def test_an_estimate_scales_with_its_unit_and_lies_in_its_interval(values: list[float], factor: float) -> None:
    one, other = geometric_estimate(values), geometric_estimate([value * factor for value in values])
    assert one is not None
    assert other is not None
    assert one.interval is not None
    assert one.interval.low <= one.value * (1 + 1e-12)
    assert one.value <= one.interval.high * (1 + 1e-12)
    assert other.value == pytest.approx(one.value * factor)


@given(ratios)
def test_the_comparison_seen_from_the_other_side_is_the_mirror(values: list[float]) -> None:
    mirrored = [1 / value for value in values]
    one, other = placed(values), placed(mirrored)
    assert {one.place, other.place} in ({"above", "below"}, {"within"}, {"open"})
    assert one.more_blocks == other.more_blocks
    assert sign_flip_p(values) == pytest.approx(sign_flip_p(mirrored))


@given(ratios, st.floats(0.5, 0.999), st.floats(0.5, 0.999))
def test_an_interval_at_another_level_is_that_of_the_values_themselves(
    values: list[float], level: float, other: float
) -> None:
    found, wanted = geometric_estimate(values, level), geometric_estimate(values, other)
    assert found and found.interval and wanted and wanted.interval
    # What was cut at 300 digits says no more than that nothing is known.
    assume(found.interval.high < 1e299)
    turned = at_level(found, other).interval
    assert turned
    assert turned.level == other
    assert (turned.low, turned.high) == pytest.approx((wanted.interval.low, wanted.interval.high), rel=1e-6)


def test_no_block_gives_no_estimate_and_one_block_no_interval() -> None:
    assert geometric_estimate([]) is None
    estimate = geometric_estimate([42.0])
    assert estimate is not None
    assert estimate.value == pytest.approx(42.0)
    assert (estimate.interval, estimate.blocks) == (None, 1)
    assert decide([[3.0], []]) == [Decision("open"), Decision("open")]
    assert decide([]) == []
    assert sign_flip_p([3.0]) is None


def test_only_blocks_that_both_stacks_have_are_paired() -> None:
    assert paired_ratios({1: 2.0, 2: 9.0, 4: 8.0}, {1: 1.0, 3: 5.0, 4: 2.0}) == [2.0, 4.0]


@given(ratios)
def test_the_sign_flip_test_agrees_with_enumeration(values: list[float]) -> None:
    logs = [math.log(value) for value in values]
    observed = abs(sum(logs))
    flips = [abs(sum(s * x for s, x in zip(signs, logs, strict=True))) for signs in product((1, -1), repeat=len(logs))]
    exact = sum(flip >= observed - 1e-12 * max(observed, 1.0) for flip in flips) / len(flips)
    assert sign_flip_p(values) == pytest.approx(exact, abs=2 * 2 / len(flips))


def test_many_blocks_of_one_sign_have_a_tiny_p_value_and_balanced_ones_a_large_one() -> None:
    many = sign_flip_p([1.1] * 30)
    balanced = sign_flip_p([1.1, 1 / 1.1] * 15)
    assert many is not None
    assert balanced is not None
    assert many < 1e-6
    assert balanced > 0.9


@pytest.mark.parametrize("blocks", [3, 6, 10])
def test_the_interval_covers_the_truth_in_95_of_100_experiments(blocks: int) -> None:
    first, second = simulated(1.3, blocks, trial_sd=0.05, seed=blocks)
    covered = 0
    for one, other in zip(first, second, strict=True):
        estimate = geometric_estimate(list(one / other))
        assert estimate is not None
        assert estimate.interval is not None
        covered += estimate.interval.low <= 1.3 <= estimate.interval.high
    # Four standard errors of a share of 0.95 in 2,000 experiments.
    assert covered / EXPERIMENTS == pytest.approx(0.95, abs=0.02)


def test_identical_stacks_are_called_different_in_at_most_5_of_100_experiments() -> None:
    first, second = simulated(1.0, 6, trial_sd=0.05, seed=1)
    places = [placed(list(one / other)).place for one, other in zip(first, second, strict=True)]
    without_margin = [placed(list(one / other), margin=0.0).place for one, other in zip(first, second, strict=True)]
    assert sum(place in ("above", "below") for place in places) / EXPERIMENTS < 0.05
    assert sum(place in ("above", "below") for place in without_margin) / EXPERIMENTS == pytest.approx(0.05, abs=0.02)


def test_stacks_that_differ_by_the_margin_are_called_the_same_in_at_most_5_of_100_experiments() -> None:
    first, second = simulated(1.02, 10, trial_sd=0.005, seed=2)
    ties = [placed(list(one / other)).place == "within" for one, other in zip(first, second, strict=True)]
    assert sum(ties) / EXPERIMENTS < 0.07


def test_a_clear_difference_is_found() -> None:
    first, second = simulated(1.2, 6, trial_sd=0.04, seed=3)
    found = [placed(list(one / other)).place == "above" for one, other in zip(first, second, strict=True)]
    assert sum(found) / EXPERIMENTS > 0.95


def test_requests_pooled_as_if_independent_would_not_cover_the_truth() -> None:
    """Why the unit is the block: the same data, cut into more values, look far surer than they are."""
    rng = np.random.default_rng(4)
    truth, blocks, requests, covered_by_blocks, covered_by_requests = 1.3, 6, 50, 0, 0
    for _ in range(1000):
        process = rng.normal(math.log(truth), 0.05, (blocks, 1))
        per_request = process + rng.normal(0, 0.05, (blocks, requests))
        by_block = geometric_estimate(list(np.exp(per_request.mean(axis=1))))
        by_request = geometric_estimate(list(np.exp(per_request.ravel())))
        assert by_block and by_block.interval
        assert by_request and by_request.interval
        covered_by_blocks += by_block.interval.low <= truth <= by_block.interval.high
        covered_by_requests += by_request.interval.low <= truth <= by_request.interval.high
    assert covered_by_blocks > 925
    assert covered_by_requests < 500


@given(st.floats(-0.3, 0.3), st.floats(0.005, 0.2), st.integers(2, 12))
def test_as_many_blocks_as_were_said_to_be_needed_decide(mean: float, sd: float, blocks: int) -> None:
    first = placed(alternating(mean, sd, blocks))
    if first.more_blocks is not None:
        assert first.place == "open"
        assert placed(alternating(mean, sd, blocks + first.more_blocks)).place != "open"
        assert placed(alternating(mean, sd, blocks + first.more_blocks - 1)).place == "open"


def alternating(mean: float, sd: float, blocks: int) -> list[float]:
    """Ratios whose logarithms have exactly this mean and standard deviation."""
    signs = np.resize([1.0, -1.0], blocks)
    centred = signs - signs.mean()
    return [float(value) for value in np.exp(mean + sd * centred / centred.std(ddof=1))]
