"""Thresholds parse to what they say, and what does not parse is shown where it goes wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webdyno.analysis.load.threshold import HIGHEST_LIMIT, parse_threshold
from webdyno.errors import UsageError

OPERATORS = ["<", "<=", ">", ">="]
SPACES = st.sampled_from(["", " ", "  "])


@given(
    st.one_of(
        st.sampled_from(["mean", "max"]), st.integers(1, 99).map(lambda p: f"p{p}"), st.sampled_from(["p99.9", "p0.5"])
    ),
    st.sampled_from(OPERATORS),
    st.decimals(0, 100_000, places=3),
    st.sampled_from([("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0)]),
    st.tuples(SPACES, SPACES, SPACES, SPACES),
)
def test_a_time_means_what_it_says(
    metric: str, operator: str, number: object, unit: tuple[str, float], gaps: tuple[str, ...]
) -> None:
    threshold = parse_threshold(f"{gaps[0]}{metric}{gaps[1]}{operator}{gaps[2]}{number}{unit[0]}{gaps[3]}")
    assert (threshold.metric, threshold.operator, threshold.unit) == (metric, operator, "s")
    assert threshold.limit == pytest.approx(float(str(number)) * unit[1])


@pytest.mark.parametrize(
    ("text", "limit", "unit"),
    [
        ("errors<0.1%", 0.001, "share"),
        ("errors<=5", 5, "count"),
        ("throughput>4900", 4900, "/s"),
        ("throughput>=.5/s", 0.5, "/s"),
    ],
)
def test_errors_and_rates_have_their_own_units(text: str, limit: float, unit: str) -> None:
    threshold = parse_threshold(text)
    assert threshold.limit == pytest.approx(limit)
    assert threshold.unit == unit


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 0, "a metric is expected"),
        ("<50ms", 0, "a metric is expected"),
        ("  q99<50ms", 2, "q99 is no metric"),
        ("p0<50ms", 0, "out of range"),
        ("p100<50ms", 0, "slowest of all is max"),
        ("p99", 3, "<, <=, > or >= is expected"),
        ("p99=50ms", 3, "<, <=, > or >= is expected"),
        ("p99 50ms", 4, "<, <=, > or >= is expected"),
        ("p99<", 4, "a number is expected"),
        ("p99<fast", 4, "a number is expected"),
        ("p99<-1ms", 4, "a number is expected"),
        ("p99<50", 6, "a time needs one of the units"),
        ("p99<50 kg", 7, "a time needs one of the units"),
        ("errors<1ms", 8, "a share in % or a plain count"),
        ("throughput>5%", 12, "per second"),
        ("p99<50ms please", 9, "nothing may follow"),
        ("p99<50ms<60ms", 8, "nothing may follow"),
        ("throughput>9999999999999", 11, "out of range"),
        ("\x1bp99<5ms", 0, "a metric is expected"),
    ],
)
def test_what_does_not_parse_is_shown_where_it_goes_wrong(text: str, at: int, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_threshold(text)
    assert words in f"{raised.value.message} {raised.value.remedy}"
    assert raised.value.details[1] == " " * at + "^"


@given(st.one_of(st.text(max_size=30), st.text("p9.<>=0%msughthrupateo/ \x1b", max_size=16)))
@example("p99<1ms")
@example("p٩٩<1ms")
@example("throughput>" + "9" * 180)
def test_any_text_parses_or_is_refused_with_a_place_inside_it(text: str) -> None:
    try:
        threshold = parse_threshold(text)
    except UsageError as error:
        shown, pointer = error.details
        assert pointer.strip() == "^"
        assert len(pointer) <= len(shown) + 1
        assert shown.isprintable()
    else:
        assert 0 <= threshold.limit <= HIGHEST_LIMIT * 60


def test_a_text_that_is_longer_than_any_threshold_is_refused_without_being_shown() -> None:
    with pytest.raises(UsageError, match="--threshold has 411 characters") as raised:
        parse_threshold("throughput>" + "9" * 400)
    assert raised.value.details == ()


@given(st.sampled_from(OPERATORS), st.floats(0, 1e6), st.floats(0, 1e6))
def test_an_operator_and_its_opposite_never_both_hold(operator: str, value: float, limit: float) -> None:
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator]
    threshold = parse_threshold(f"throughput{operator}1").model_copy(update={"limit": limit})
    other = parse_threshold(f"throughput{opposite}1").model_copy(update={"limit": limit})
    assert threshold.holds(value) != other.holds(value)
