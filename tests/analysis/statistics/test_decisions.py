"""Several comparisons judged together: verdicts, p-values and intervals say the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.analysis.statistics.decisions import decide, holm, holm_before
from webdyno.analysis.statistics.estimates import (
    ALPHA,
    DEFAULT_MARGIN,
    MOST_BLOCKS,
    Sample,
    blocks_until,
    geometric_estimate,
    half_width,
    p_difference,
    p_tie,
    sample,
)

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)
families = st.lists(st.lists(st.floats(0.7, 1.4), min_size=2, max_size=8), min_size=1, max_size=8)


def test_p_values_are_those_of_the_t_tables() -> None:
    # t(0.975, 4) = 2.776445 and t(0.95, 4) = 2.131847 from the tables: so many standard errors off the margin.
    error, margin = 0.1 / math.sqrt(5), math.log1p(0.02)
    assert p_difference(margin + 2.776445 * error, 0.1, 5) == pytest.approx(0.05, abs=1e-6)
    assert p_difference(-margin - 2.776445 * error, 0.1, 5) == pytest.approx(0.05, abs=1e-6)
    small = 0.005 / math.sqrt(5)
    assert p_tie(margin - 2.131847 * small, 0.005, 5) == pytest.approx(0.05, abs=1e-6)
    assert p_tie(0.3, 0.005, 5) == pytest.approx(1.0)


def test_values_without_any_scatter_are_certain() -> None:
    assert p_difference(0.1, 0.0, 2) == 0
    assert p_difference(0.0, 0.0, 2) == 1
    assert p_tie(0.0, 0.0, 2) == 0
    assert p_tie(0.1, 0.0, 2) == 1


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=10), st.floats(0, 0.2))
def test_a_p_value_is_small_exactly_where_the_interval_lies_beyond_or_inside_the_margin(
    ratios: list[float], margin: float
) -> None:
    found = sample(ratios)
    bound = math.log1p(margin)
    beyond = abs(found.mean) - float(half_width(found.sd, found.blocks)) - bound
    inside = bound - abs(found.mean) - float(half_width(found.sd, found.blocks, 0.90))
    if abs(beyond) > 1e-9:
        assert (p_difference(*found, margin) <= ALPHA) == (beyond > 0)
    if abs(inside) > 1e-9:
        assert (p_tie(*found, margin) <= ALPHA) == (inside > 0)


def test_the_adjusted_p_values_of_a_worked_example() -> None:
    # By hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 is 0.02, 0.03, 0.06, 0.04, and never falls.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_adjusting_keeps_the_order_never_lowers_and_does_not_depend_on_the_order_given(p: list[float]) -> None:
    adjusted = holm(p)
    assert np.all(adjusted >= np.asarray(p) - 1e-15)
    assert np.all(adjusted <= 1)
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= 0)
    assert holm(p[::-1]) == pytest.approx(adjusted[::-1])
    assert holm([p, p])[1] == pytest.approx(adjusted)


@given(p_values)
def test_what_is_rejected_is_what_stepping_down_rejects(p: list[float]) -> None:
    rejected: set[int] = set()
    for step, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[place] * (len(p) - step) > ALPHA:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(holm(p)) if value <= ALPHA} == rejected


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), min_size=1, max_size=8))
def test_a_direction_is_rejected_as_the_graph_of_its_procedure_rejects_it(pairs: list[list[float]]) -> None:
    """Each comparison holds an equal part of alpha; once both of its questions are rejected the others share it."""
    first, later = [one for one, _ in pairs], [other for _, other in pairs]
    unfinished, directed = set(range(len(pairs))), set()
    while True:
        part = ALPHA / max(len(unfinished), 1)
        directed |= {place for place in unfinished if first[place] <= part}
        finished = {place for place in unfinished & directed if later[place] <= part}
        if not finished:
            break
        unfinished -= finished
    adjusted = holm_before(first, later)
    close = [value for value in adjusted if abs(value - ALPHA) < 1e-12]
    assert close or {place for place, value in enumerate(adjusted) if value <= ALPHA} == directed


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), min_size=1, max_size=8), st.data())
def test_a_direction_is_as_sure_as_its_size_and_gets_surer_with_any_p_value(
    pairs: list[list[float]], data: st.DataObject
) -> None:
    first, later = [one for one, _ in pairs], [other for _, other in pairs]
    adjusted = holm_before(first, later)
    assert np.all(adjusted <= holm(later))
    assert np.all(adjusted >= np.asarray(first) - 1e-15)
    place = data.draw(st.integers(0, len(pairs) - 1))
    lower = data.draw(st.floats(0, first[place]))
    surer = holm_before([*first[:place], lower, *first[place + 1 :]], later)
    assert np.all(surer <= adjusted)
    lower = data.draw(st.floats(first[place], later[place]))
    assert np.all(holm_before(first, [*later[:place], lower, *later[place + 1 :]]) <= adjusted)


@given(families)
def test_the_direction_of_a_ratio_is_that_of_its_place_and_its_interval_leaves_out_one(
    family: list[list[float]],
) -> None:
    decisions = decide(family)
    level = 1 - ALPHA / max(sum(one.place not in ("above", "below") for one in decisions), 1)
    for ratios, decision in zip(family, decisions, strict=True):
        estimate = geometric_estimate(ratios, level)
        assert estimate and estimate.interval and decision.p_direction is not None
        assert (decision.direction is not None) == (decision.p_direction <= ALPHA)
        if decision.place in ("above", "below"):
            assert decision.direction == decision.place
        elif min(abs(estimate.interval.low - 1), abs(estimate.interval.high - 1)) > 1e-9:
            leaves_out = estimate.interval.low > 1 or estimate.interval.high < 1
            assert (decision.direction is not None) == leaves_out
        if decision.direction:
            assert decision.direction == ("above" if estimate.value > 1 else "below")
            assert decision.more_for_direction is None


@given(families)
def test_what_is_decided_among_others_is_decided_alone_as_well_and_its_interval_shows_it(
    family: list[list[float]],
) -> None:
    for ratios, decision in zip(family, decide(family), strict=True):
        alone = decide([ratios])[0]
        estimate = geometric_estimate(ratios)
        assert estimate and estimate.interval
        assert decision.p_difference is not None and decision.p_tie is not None
        assert (decision.place in ("above", "below")) == (decision.p_difference <= ALPHA)
        assert (decision.place == "within") == (decision.p_tie <= ALPHA and decision.p_difference > ALPHA)
        if decision.place != "open":
            assert alone.place == decision.place
        if decision.place == "above":
            assert estimate.interval.low >= (1 + DEFAULT_MARGIN) * (1 - 1e-9)
        if decision.place == "below":
            assert estimate.interval.high <= (1 + 1e-9) / (1 + DEFAULT_MARGIN)


def test_one_of_many_needs_more_than_alone() -> None:
    ratios = [1.04, 1.06, 1.09, 1.05, 1.12, 1.07]
    equal = [0.97, 1.03, 1.01, 0.99, 1.02, 0.98]
    alone, among = decide([ratios])[0], decide([ratios, *[equal] * 9])[0]
    assert (alone.place, among.place) == ("above", "open")
    assert among.p_difference == pytest.approx(10 * (alone.p_difference or 0))
    assert among.more_blocks is not None


def test_a_comparison_of_one_block_is_no_part_of_the_family() -> None:
    ratios = [1.04, 1.06, 1.09, 1.05, 1.12, 1.07]
    assert decide([[1.5], ratios, []])[1] == decide([ratios])[0]


@given(st.floats(0, 0.3), st.integers(2, 40), st.floats(0.005, 0.3))
def test_as_many_blocks_as_were_said_bring_the_interval_down_and_one_fewer_does_not(
    sd: float, blocks: int, room: float
) -> None:
    more = blocks_until(Sample(0.0, sd, blocks), room)
    if more is None:
        assert half_width(sd, MOST_BLOCKS) > room
    else:
        assert half_width(sd, blocks + more) <= room
        assert more == 0 or half_width(sd, blocks + more - 1) > room
