"""Figures as people read and write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.units import (
    format_bytes,
    format_duration,
    format_level,
    format_number,
    format_percent,
    format_rate,
    parse_duration,
    parse_percent,
    printable,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5s", 1.5),
        ("200ms", 0.2),
        ("2m", 120),
        ("2min", 120),
        ("1h", 3600),
        ("500us", 0.0005),
        (" 3 s ", 3),
        (".5", 0.5),
        ("0s", 0),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "-1s", "1e3", "nan", "inf", "1 2s", "5 parsecs", "1,5s", "٣s", "1s\n2s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_duration(text, "warm-up")
    assert "warm-up" in refused.value.message
    assert "200ms" in refused.value.remedy


@pytest.mark.parametrize("text", ["25h", "9" * 400])
def test_a_duration_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="out of range"):
        parse_duration(text)


def test_an_error_never_repeats_control_characters() -> None:
    with pytest.raises(UsageError) as refused:
        parse_duration("\x1b[2J")
    assert "\x1b" not in refused.value.message


@given(st.floats(1e-6, 86_400))
def test_a_duration_reads_back_to_three_digits_where_it_has_one_unit(seconds: float) -> None:
    text = format_duration(seconds)
    if "min" not in text:
        assert parse_duration(text.replace(",", "")) == pytest.approx(seconds, rel=0.006)


def test_figures_have_three_digits_and_units_that_fit() -> None:
    assert [format_number(value) for value in (0, 0.0274, 1.234, 12.34, 11591.6)] == [
        "0", "0.0274", "1.23", "12.3", "11,592",
    ]  # fmt: skip
    assert [format_duration(value) for value in (0.00034, 0.001, 1.2, 59.96, 125)] == [
        "340 us", "1 ms", "1.2 s", "1 min", "2 min 5 s",
    ]  # fmt: skip
    assert [format_bytes(value) for value in (512, 52.44e6, 8e9)] == ["512 B", "52.4 MB", "8.00 GB"]
    assert [format_percent(value) for value in (0, 0.0004, 0.002, 0.02, 0.48)] == [
        "0 %", "<0.1 %", "0.2 %", "2 %", "48 %",
    ]  # fmt: skip
    assert format_rate(1640) == "1,640/s"


@given(st.floats())
def test_no_number_is_too_odd_to_be_shown(value: float) -> None:
    assert format_number(value)
    assert format_duration(value)


@given(st.text())
def test_printable_text_holds_nothing_that_a_terminal_acts_on(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown


@pytest.mark.parametrize(("text", "share"), [("3%", 0.03), (" 0.5 % ", 0.005), (".1%", 0.001), ("100%", 1.0)])
def test_a_percentage_is_read_as_a_share(text: str, share: float) -> None:
    assert parse_percent(text, "--precision") == pytest.approx(share)


@pytest.mark.parametrize("text", ["3", "-3%", "3%%", "three%", "%", "", "1e3%", "nan%", "99999%", "\u0663%"])
def test_what_is_no_percentage_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="--precision") as refused:
        parse_percent(text, "--precision")
    assert "3%" in refused.value.remedy


@pytest.mark.parametrize(
    ("share", "text"), [(0.95, "95 %"), (0.995, "99.5 %"), (0.98333, "98.3 %"), (0.9996, "99.96 %")]
)
def test_a_level_is_never_told_as_certain(share: float, text: str) -> None:
    assert format_level(share) == text
