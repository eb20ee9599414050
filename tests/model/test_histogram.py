"""The histogram against exact arithmetic and against another implementation of its format."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from webdyno.model.histogram import HIGHEST_NS, Histogram

times = st.lists(st.integers(0, HIGHEST_NS), min_size=1, max_size=300)


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    histogram.record(values)
    return histogram


@given(times, st.floats(0, 1))
def test_quantiles_agree_with_an_exact_sort(values: list[int], q: float) -> None:
    exact = sorted(values)[min(max(math.ceil(q * len(values) - 1e-9), 1), len(values)) - 1]
    assert of(values).quantile_ns(q) == pytest.approx(exact, rel=0.001, abs=0)


@given(times, times)
def test_merging_equals_recording_the_pooled_values(first: list[int], second: list[int]) -> None:
    merged = of(first)
    merged.merge(of(second))
    assert (merged.counts == of(first + second).counts).all()


@given(times)
def test_encoding_keeps_every_count(values: list[int]) -> None:
    histogram = of(values)
    assert (Histogram.decode(histogram.encode()).counts == histogram.counts).all()


@given(times)
def test_another_implementation_reads_the_encoded_form(values: list[int]) -> None:
    histogram = of(values)
    other = HdrHistogram.decode(histogram.encode())
    assert other.get_total_count() == len(values)
    assert [other.get_count_at_index(int(at)) for at in np.flatnonzero(histogram.counts)] == list(
        histogram.counts[histogram.counts > 0]
    )


@given(times)
def test_the_encoded_form_of_another_implementation_is_read(values: list[int]) -> None:
    other = HdrHistogram(1, HIGHEST_NS, 3)
    for value in values:
        other.record_value(value)
    assert (Histogram.decode(other.encode().decode()).counts == of(values).counts).all()


def test_values_out_of_range_are_clamped_and_counted() -> None:
    histogram = of([-5, HIGHEST_NS * 2])
    assert histogram.count == 2
    assert histogram.quantile_ns(0) == 0
    assert histogram.quantile_ns(1) == pytest.approx(HIGHEST_NS, rel=0.001)


def test_an_empty_histogram_has_no_quantile_and_no_mean() -> None:
    empty = Histogram.decode(Histogram().encode())
    assert (empty.count, empty.quantile_ns(0.5), empty.mean_ns()) == (0, None, None)


def test_the_mean_is_within_the_resolution() -> None:
    values = np.random.default_rng(1).integers(10_000, 50_000_000, 10_000)
    histogram = Histogram()
    histogram.record(values)
    assert histogram.mean_ns() == pytest.approx(values.mean(), rel=0.0005)


def test_large_counts_survive_the_encoding() -> None:
    histogram = Histogram()
    histogram.counts[5] = 2**40
    assert Histogram.decode(histogram.encode()).counts[5] == 2**40


@pytest.mark.parametrize("count", [2**40 + 1, 2**62])
def test_counts_that_could_not_be_added_up_are_refused(count: int) -> None:
    histogram = Histogram()
    histogram.counts[5] = count
    with pytest.raises(ValueError, match="too many values"):
        Histogram.decode(histogram.encode())


@given(st.binary(max_size=200) | st.just(b"HISTFAAAAB"))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Histogram.decode(data.decode("latin-1"))


def test_a_truncated_histogram_is_refused() -> None:
    text = of([1, 1000, 10**9]).encode()
    with pytest.raises(ValueError, match=r"."):
        Histogram.decode(text[: len(text) // 2])
