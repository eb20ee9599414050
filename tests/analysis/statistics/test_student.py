"""Held against scipy, and against what is known exactly."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr

from webdyno.analysis.statistics.student import share_beyond, value_beyond

FREEDOM = st.integers(1, 600)


@given(st.floats(-1e4, 1e4), FREEDOM)
def test_shares_are_those_of_scipy(t: float, freedom: int) -> None:
    # Near zero scipy tells nothing apart from 0.5.
    error = 1e-290 if abs(t) > 1e-6 else 1e-9
    assert share_beyond(t, freedom) == pytest.approx(stdtr(freedom, -t), rel=1e-10, abs=error)


@given(st.floats(-1e300, 1e300))
def test_shares_of_one_and_two_degrees_have_closed_forms(t: float) -> None:
    cauchy = 0.5 - math.atan(t) / math.pi
    assert share_beyond(t, 1) == pytest.approx(cauchy, rel=1e-9, abs=1e-15)
    assert share_beyond(t, 2) == pytest.approx(0.5 - t / math.hypot(t, math.sqrt(2)) / 2, rel=1e-9, abs=1e-15)


@given(st.floats(1e-15, 0.5), FREEDOM)
def test_a_share_lies_beyond_its_value(share: float, freedom: int) -> None:
    assert stdtr(freedom, -value_beyond(share, freedom)) == pytest.approx(share, rel=1e-9)


def test_values_are_those_of_printed_tables() -> None:
    # Abramowitz and Stegun, table 26.10.
    table = {
        1: (3.078, 12.706, 636.619),
        5: (1.476, 2.571, 6.869),
        30: (1.310, 2.042, 3.646),
        120: (1.289, 1.980, 3.373),
    }
    for freedom, values in table.items():
        found = [value_beyond(share, freedom) for share in (0.1, 0.025, 0.0005)]
        assert found == pytest.approx(values, abs=6e-4)


def test_half_lies_beyond_zero_and_nothing_beyond_what_is_infinite() -> None:
    for freedom in (1, 7):
        assert [share_beyond(t, freedom) for t in (-math.inf, 0.0, math.inf)] == [1.0, 0.5, 0.0]
