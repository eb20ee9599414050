"""The order of comparisons: everything about equally far wherever it ends, old and new close together."""

from __future__ import annotations

from collections import Counter

from benchmarks.aa.lines import LINES
from benchmarks.aa.rounds import following, planned
from hypothesis import given
from hypothesis import strategies as st

EVERY = tuple(LINES.values())
DESIGNS = ("old", "new")
counts = st.fixed_dictionaries({name: st.integers(1, 40) for name in LINES})


@given(counts, st.integers(0, 1000))
def test_each_comparison_is_planned_once(counts: dict[str, int], first: int) -> None:
    plan = planned(EVERY, DESIGNS, (False, True), counts, first)
    assert len(plan) == len(set(plan)) == sum(2 * len(line.conditions) * counts[line.name] for line in EVERY)
    assert {one.seed for one in plan} == set(range(first, first + max(counts.values())))


@given(counts)
def test_the_designs_of_a_comparison_follow_each_other_and_take_turns_in_being_first(counts: dict[str, int]) -> None:
    plan = planned(EVERY, DESIGNS, (False, True), counts)
    for one, other in zip(plan[::2], plan[1::2], strict=True):
        assert one._replace(design="") == other._replace(design="")
        assert [one.design, other.design] == [["old", "new"], ["new", "old"]][one.seed % 2]


@given(counts, st.data())
def test_wherever_it_ends_every_line_is_about_as_far_as_the_others(counts: dict[str, int], data: st.DataObject) -> None:
    plan = planned(EVERY, DESIGNS[:1], (False, True), counts)
    until = data.draw(st.integers(0, len(plan)))
    done = Counter((one.line, one.burner) for one in plan[:until])
    cells = {(line.name, burner): counts[line.name] for line in EVERY for burner in line.conditions}
    shares = {cell: done[cell] / count for cell, count in cells.items()}
    for cell, share in shares.items():
        assert abs(share - until / len(plan)) <= 1 / min(counts.values()) + 1 / cells[cell]


def test_only_the_conditions_that_are_asked_for_and_that_a_line_has_are_planned() -> None:
    plan = planned(EVERY, DESIGNS[:1], (True,), dict.fromkeys(LINES, 2))
    assert all(one.burner for one in plan)
    assert {one.line for one in plan} == {line.name for line in EVERY if True in line.conditions}


def test_what_is_done_is_not_made_again_and_what_does_not_fit_is_left_for_later() -> None:
    plan = planned(EVERY, DESIGNS[:1], (False,), dict.fromkeys(LINES, 1))
    took = {one: LINES[one.line].seconds for one in plan}
    assert following(plan, (), took, 1000) == plan[0]
    assert following(plan, plan[:1], took, 1000) == plan[1]
    shortest = min(plan, key=lambda one: took[one])
    assert following(plan[::-1], (), took, took[shortest]) == shortest
    assert following(plan, (), took, took[shortest] - 1) is None
    assert following(plan, plan, took, 1000) is None
