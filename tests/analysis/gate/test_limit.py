"""Limits parse to what they say, errors show their place, and an interval decides on which side of one it lies."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from webdyno.analysis.gate.limit import DEFAULT_LIMITS, HIGHEST_PERCENT, Limit, parse_limit
from webdyno.errors import UsageError
from webdyno.model.metric import METRICS as ENTRIES
from webdyno.model.metric import Metric
from webdyno.model.verdict import Estimate, Interval

METRICS = st.sampled_from(get_args(Metric))
LESS_IS_BETTER = METRICS.filter(lambda metric: not ENTRIES[metric].more_is_better)
SPACES = st.lists(st.sampled_from(["", " ", "\t "]), min_size=6, max_size=6)
RATIOS = st.floats(0.1, 10)


def estimate(low: float, high: float) -> Estimate:
    return Estimate(value=(low * high) ** 0.5, interval=Interval(low=low, high=high), blocks=6)


@given(LESS_IS_BETTER, st.sampled_from(["", "+"]), st.decimals(0, HIGHEST_PERCENT, places=2), SPACES)
def test_more_of_a_cost_is_a_regression(metric: Metric, sign: str, percent: object, gaps: list[str]) -> None:
    text = f"{gaps[0]}{metric}{gaps[1]}>{gaps[2]}{sign}{gaps[3]}{percent}{gaps[4]}%{gaps[5]}"
    limit = parse_limit(text)
    assert (limit.text, limit.metric) == (text.strip(), metric)
    assert limit.change == pytest.approx(float(str(percent)) / 100)


@given(st.decimals(0, 99, places=2), SPACES)
def test_less_throughput_is_a_regression(percent: object, gaps: list[str]) -> None:
    limit = parse_limit(f"{gaps[0]}throughput{gaps[1]}<{gaps[2]}-{gaps[3]}{percent}{gaps[4]}%{gaps[5]}")
    assert limit.change == pytest.approx(-float(str(percent)) / 100)


@pytest.mark.parametrize(
    ("text", "at", "words", "remedy"),
    [
        ("", 0, "a metric is expected", "cpu_per_request"),
        (" latency > 5%", 1, "latency is no metric", "p99"),
        ("p95 > 5%", 0, "p95 is no metric", "p99"),
        ("p99", 3, "< or > is expected", "throughput < -5%"),
        ("p99 = 5%", 4, "< or > is expected", "throughput < -5%"),
        ("p99 >= 5%", 5, "a number is expected", "throughput < -5%"),
        ("p99 > much", 6, "a number is expected", "throughput < -5%"),
        ("p99 > 5", 7, "in %", "throughput < -5%"),
        ("p99 > 5ms", 7, "in %", "throughput < -5%"),
        ("p99 > 5% or so", 9, "nothing may follow", "throughput < -5%"),
        ("p99 > -5%", 6, "for the better", "p99 > +5%"),
        ("memory < 5%", 7, "for the better", "memory > +5%"),
        ("throughput > 5%", 11, "for the better", "throughput < -5%"),
        ("throughput < 5%", 13, "for the better", "throughput < -5%"),
        ("throughput < -100%", 13, "out of range", "throughput < -5%"),
        ("memory > 10001%", 9, "out of range", "throughput < -5%"),
    ],
)
def test_an_error_shows_its_place_and_what_to_write(text: str, at: int, words: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        parse_limit(text)
    assert raised.value.details == (text, " " * at + "^")
    assert remedy in raised.value.remedy


@given(st.text(st.characters(codec="utf-8"), max_size=30))
@example("p99 > \x1b[31m5%")
@example("p99 > ٥%")  # noqa: RUF001 - digits of another script are no number here
def test_any_text_is_a_limit_or_a_clear_error(text: str) -> None:
    try:
        limit = parse_limit(text)
    except UsageError as error:
        assert all(line.isprintable() for line in (error.message, *error.details))
        assert error.remedy
    else:
        assert limit.text in text


@pytest.mark.parametrize("text", DEFAULT_LIMITS)
def test_the_default_limits_can_be_written_by_a_user(text: str) -> None:
    assert parse_limit(text).text == text


@given(METRICS, st.floats(0, 0.9), RATIOS, RATIOS)
def test_the_whole_interval_decides(metric: Metric, change: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    limit = Limit(text="", metric=metric, change=-change if ENTRIES[metric].more_is_better else change)
    worst = 1 + limit.change
    assume(worst not in (low, high))
    place = limit.place(estimate(low, high))
    if low < worst < high:
        assert place == "open"
    else:
        worse = high < worst if ENTRIES[metric].more_is_better else low > worst
        assert place == ("beyond" if worse else "within")


def test_without_an_interval_nothing_is_decided() -> None:
    limit = parse_limit("p99 > 5%")
    assert limit.place(Estimate(value=3.0, interval=None, blocks=1)) == "unknown"
    assert limit.place(None) == "unknown"
