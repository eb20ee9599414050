"""Components of variance: right on average for any truth, unequal groups included, and exact where they are defined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from benchmarks.split.nested import Array, Components, components, jackknife, linked
from hypothesis import assume, given
from hypothesis import strategies as st

SIZES = (10, 3, 7, 10, 1, 4, 10, 9)
finite = st.floats(-10, 10).map(lambda value: round(value, 3))


def simulated(rng: np.random.Generator, sizes: Sequence[int], between: float, within: float) -> list[Array]:
    """Groups with these standard deviations."""
    return [rng.normal(0, between) + rng.normal(0, within, size) for size in sizes]


@pytest.mark.parametrize(("between", "within"), [(0.05, 0.1), (0.0, 0.2), (0.1, 0.0), (0.02, 0.3)])
@pytest.mark.parametrize("sizes", [SIZES, (10,) * 8, (2,) * 30], ids=str)
def test_components_are_right_on_average_whatever_the_truth_and_the_sizes(
    between: float, within: float, sizes: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(1)
    found = [components(simulated(rng, sizes, between, within)) for _ in range(1000)]
    means = np.mean([one for one in found if one], axis=0)
    errors = np.std([one for one in found if one], axis=0) / np.sqrt(1000)
    assert len([one for one in found if one]) == 1000
    assert np.abs(means - (between**2, within**2)) == pytest.approx(0, abs=4 * float(errors.max()) + 1e-12)


def test_the_variance_of_a_mean_is_that_of_the_means() -> None:
    rng = np.random.default_rng(2)
    truth = Components(0.03**2, 0.1**2)
    means = [[group.mean() for group in simulated(rng, SIZES, 0.03, 0.1)] for _ in range(5000)]
    assert truth.of_mean(SIZES) == pytest.approx(np.var(means, axis=0).mean(), rel=0.06)


@given(st.integers(2, 6), st.integers(2, 5), st.data())
def test_of_equal_groups_the_parts_add_up_to_the_variance_of_their_means(
    count: int, size: int, data: st.DataObject
) -> None:
    groups = [np.array(data.draw(st.lists(finite, min_size=size, max_size=size))) for _ in range(count)]
    found = components(groups)
    assert found
    variance = np.var([group.mean() for group in groups], ddof=1)
    assert found.of_mean([size] * count) == pytest.approx(variance, abs=1e-9)


groups_of_any_size = st.lists(st.lists(finite, min_size=1, max_size=6).map(np.array), min_size=2, max_size=6)


@given(groups_of_any_size, finite, st.floats(0.1, 10))
def test_a_shift_changes_nothing_and_a_scale_goes_in_squared(groups: list[Array], shift: float, scale: float) -> None:
    assume(any(len(group) > 1 for group in groups))
    found, other = components(groups), components([scale * group + shift for group in groups])
    assert found
    assert other
    assert tuple(other) == pytest.approx([scale**2 * part for part in found], abs=1e-6)


def test_too_few_values_have_no_components() -> None:
    assert components([np.array([1.0, 2.0])]) is None
    assert components([np.array([1.0]), np.array([2.0])]) is None
    assert linked([np.array([1.0, 2.0]), np.array([2.0])], [np.ones((2, 1)), np.ones((1, 1))]) is not None
    assert linked([np.array([1.0, 2.0]), np.array([2.0])], [np.array([[0.0], [1.0]]), np.ones((1, 1))]) is None


def test_what_goes_with_others_is_told_apart_from_the_rest_within_and_between() -> None:
    rng = np.random.default_rng(3)
    sizes, found = (12, 9, 10, 8, 12, 10) * 3, []
    for _ in range(300):
        others = [np.column_stack((rng.normal(rng.normal(0, 0.02), 0.1, n), rng.normal(0, 1, n))) for n in sizes]
        groups = simulated(rng, sizes, 0.04, 0.05)
        one = linked([a + 0.5 * b[:, 0] for a, b in zip(groups, others, strict=True)], others)
        assert one
        found.append([*one.whole, *one.rest, *one.slopes])
    between, within, rest_between, rest_within, slope, none = np.mean(found, axis=0)
    assert [between, rest_between] == pytest.approx([0.04**2 + 0.01**2, 0.04**2], rel=0.1)
    assert [within, rest_within] == pytest.approx([0.05**2 + 0.05**2, 0.05**2], rel=0.02)
    assert [slope, none] == pytest.approx([0.5, 0.0], abs=0.01)


def test_what_has_nothing_to_do_with_the_values_takes_nothing_of_them_on_average() -> None:
    rng = np.random.default_rng(4)
    taken = []
    for _ in range(1000):
        groups = simulated(rng, (3,) * 4, 0.0, 1.0)
        one = linked(groups, [rng.normal(0, 1, (3, 2)) for _ in groups])
        assert one
        taken.append(one.whole.within - one.rest.within)
    assert np.mean(taken) == pytest.approx(0, abs=4 * np.std(taken) / np.sqrt(len(taken)))


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(5).normal(0, 1, 20)
    without = [[float(np.delete(values, at).mean())] for at in range(20)]
    assert jackknife(without) == pytest.approx((values.std(ddof=1) / np.sqrt(20),))
