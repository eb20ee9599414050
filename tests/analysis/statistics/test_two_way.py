"""Rows and columns that have a part each: what is left is what neither has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.analysis.statistics.estimates import Array
from webdyno.analysis.statistics.two_way import hang_together, residuals, scale

NONE = np.zeros((6, 4), dtype=bool)


def additive(rows: list[float], columns: list[float]) -> Array:
    return np.array([[row + column for column in columns] for row in rows])


@given(
    st.lists(st.floats(-1, 1), min_size=4, max_size=8),
    st.lists(st.floats(-3, 3), min_size=3, max_size=6),
)
def test_what_rows_and_columns_have_of_their_own_leaves_nothing(rows: list[float], columns: list[float]) -> None:
    values = additive(rows, columns)
    calm = np.zeros_like(values, dtype=bool)
    assert np.abs(residuals(values, calm)).max() < 1e-9
    values[2, 1] += 0.7
    left = residuals(values, calm)
    assert left[2, 1] == pytest.approx(0.7, abs=1e-5)
    left[2, 1] = 0.0
    assert np.abs(left).max() < 1e-5


def test_rows_of_which_all_but_one_are_doubted_do_not_part_the_columns() -> None:
    """A median polish stops here: each line but the last has a median of zero already."""
    values = additive([0.0, 0.1, 0.2, 0.3], [0.0, 1.0, 2.0])
    doubted = np.zeros_like(values, dtype=bool)
    doubted[:3, :2] = True
    values[doubted] -= 0.5
    left = residuals(values, doubted)
    assert left[doubted] == pytest.approx(-0.5, abs=1e-5)
    assert np.abs(left[~doubted]).max() < 1e-5


def test_two_groups_that_one_value_ties_together_leave_nothing_either() -> None:
    values = additive([0.0] * 6, [0.0, 1.0, 5.0, 7.0])
    values[:3, 2:] = values[3:, :2] = np.nan
    values[0, 2] = 5.0
    assert np.nanmax(np.abs(residuals(values, NONE))) < 1e-5


def test_a_row_in_which_all_are_doubted_stands_by_itself() -> None:
    values = additive([0.0] * 6, [0.0, 1.0, 5.0, 7.0])
    values[3] -= 0.5
    doubted = NONE.copy()
    doubted[3] = True
    assert np.abs(residuals(values, doubted)).max() < 1e-5


def test_the_scatter_is_that_of_what_the_parts_did_not_take_up() -> None:
    rng = np.random.default_rng(3)
    found = [scale(residuals(rng.normal(0, 0.04, (6, 4)), NONE), 9) for _ in range(200)]
    assert np.median(found) == pytest.approx(0.04, rel=0.25)
    assert scale(np.zeros(3), 9) == 0.0


@pytest.mark.parametrize(
    ("there", "they_do"),
    [
        ([[1, 1, 0], [0, 1, 1]], True),
        ([[1, 1, 0], [1, 1, 0], [0, 0, 1]], False),
        ([[1, 1, 0], [1, 1, 0]], False),
        ([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], True),
    ],
)
def test_columns_hang_together_by_rows_that_they_share(there: list[list[int]], they_do: bool) -> None:
    assert hang_together(np.array(there, dtype=bool)) == they_do
