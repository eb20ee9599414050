"""The table: what counts as reached, and what the figures are worth."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from benchmarks.aa.lines import CPU_5, CPU_10, DEFAULT, FALSE, THROUGHPUT_5, Line
from benchmarks.aa.outcome import Outcome
from benchmarks.aa.table import table, told

from .outcomes import outcome, ratio


def cells(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """The designs' cells by figure."""
    rows = [line.strip("| ").split(" | ") for line in table(outcomes).splitlines() if line.startswith("|")]
    return {row[0]: row[2:] for row in rows[2:]}


def only_cell(outcomes: Sequence[Outcome], words: str) -> str:
    """The one cell of the row whose figure has these words."""
    (cell,) = (found for figure, (found,) in cells(outcomes).items() if words in figure)
    return cell


@pytest.mark.parametrize(("false", "reached"), [(2, True), (3, False)])
@pytest.mark.parametrize("burner", [False, True])
def test_two_false_verdicts_of_forty_are_allowed(false: int, reached: bool, burner: bool) -> None:
    other = ratio(FALSE, metric="cpu_per_request")
    wrong = other.model_copy(update={"outcome": "faster"})
    outcomes = [
        outcome(FALSE, seed, burner=burner, ratios=[ratio(FALSE), wrong if seed < false else other])
        for seed in range(40)
    ]
    cell = only_cell(outcomes, "false verdicts")
    assert cell.startswith(
        f"{'reached' if reached else '**missed**'}: {false} of 40 (direction: 0); throughput +-2.0%, CPU +-2.0%"
    )


def test_comparisons_that_were_not_valid_are_no_right_verdicts() -> None:
    assert only_cell([outcome(FALSE)], "false verdicts") == "**missed**: none of 1 was valid"
    some = [outcome(FALSE, 0, ratios=[ratio(FALSE)]), outcome(FALSE, 1)]
    assert only_cell(some, "false verdicts").endswith("; not valid: 1")


@pytest.mark.parametrize(("wider", "told_times", "reached"), [(0.04, "2.0", True), (0.05, "2.5", False)])
def test_the_burner_may_make_intervals_twice_as_wide(wider: float, told_times: str, reached: bool) -> None:
    quiet = [outcome(FALSE, seed, ratios=[ratio(FALSE, half_width=0.02001)]) for seed in range(3)]
    burnt = [outcome(FALSE, seed, burner=True, ratios=[ratio(FALSE, half_width=wider)]) for seed in range(3)]
    assert only_cell(quiet + burnt, "multiples") == f"{'reached' if reached else '**missed**'}: throughput {told_times}"


@pytest.mark.parametrize("line", [CPU_10, CPU_5, THROUGHPUT_5], ids=lambda line: line.name)
@pytest.mark.parametrize(("called", "reached"), [(9, True), (8, False)])
def test_nine_of_ten_must_be_called_slower(line: Line, called: int, reached: bool) -> None:
    outcomes = [
        outcome(line, seed, ratios=[ratio(line, 1.1, outcome="slower" if seed < called else "undecided")])
        for seed in range(10)
    ]
    cell = only_cell(outcomes, "called slower")
    assert cell.startswith(
        f"{'reached' if reached else '**missed**'}: {called} of 10 (direction: 0); ratio 1.100 +-2.0%; 8 blocks"
    )


def test_one_that_is_called_faster_or_is_not_valid_is_not_called_slower() -> None:
    outcomes = [outcome(CPU_5, 0, ratios=[ratio(CPU_5, 0.9, outcome="faster")]), outcome(CPU_5, 1)]
    assert only_cell(outcomes, "called slower").startswith("**missed**: 0 of 2 (direction: 0);")


@pytest.mark.parametrize(("widest", "reached"), [(0.04, True), (0.041, False)])
def test_the_widest_throughput_ratio_of_a_default_run_counts(widest: float, reached: bool) -> None:
    others = ratio(DEFAULT, half_width=0.5, metric="p99")
    outcomes = [outcome(DEFAULT, ratios=[ratio(DEFAULT), ratio(DEFAULT, half_width=widest - 1e-9), others])]
    assert only_cell(outcomes, "half-width").startswith("reached" if reached else "**missed**: 2.0% to 4.1%")


def test_the_default_run_with_the_burner_must_always_be_decided() -> None:
    decided = [outcome(DEFAULT, seed, burner=True, ratios=[ratio(DEFAULT, 2.5, outcome="faster")]) for seed in range(9)]
    assert only_cell(decided, "against").startswith("reached: 9 of 9 (direction: 0); ratio 2.50")
    opened = [*decided, outcome(DEFAULT, 9, burner=True, ratios=[ratio(DEFAULT, 2.5, outcome="undecided")])]
    assert only_cell(opened, "against").startswith("**missed**: 9 of 10")


def test_time_outside_of_windows_is_told_of_the_default_run() -> None:
    found = outcome(DEFAULT)
    assert only_cell([found], "outside").startswith("**missed**: 40%")
    assert only_cell([found.model_copy(update={"inside_s": 18.0})], "outside").startswith("reached: 28%")


def test_designs_stand_beside_each_other_and_what_was_not_measured_is_a_dash() -> None:
    both = [outcome(FALSE, design=design, ratios=[ratio(FALSE)]) for design in ("duet", "in-turn")]
    outcomes = [*both, outcome(CPU_5, ratios=[ratio(CPU_5)])]
    first, second = cells(outcomes).values()
    assert all(cell.startswith("reached: 0 of 1") for cell in first)
    assert [cell == "-" for cell in second] == [False, True]


def test_the_table_says_where_when_and_beside_which_load_it_was_measured() -> None:
    text = table([outcome(FALSE, seed, burner=seed == 2) for seed in range(3)])
    assert "- AMD EPYC, 2 of 2 CPUs; 29 November 2026 12:00 to 29 November 2026 12:02 UTC" in text
    assert "- load average when a comparison began: 0.1 (0.0-0.2)" in text
    assert "- the burner had 20% of the server's core" in text


def test_one_outcome_is_told_in_a_line() -> None:
    found = outcome(CPU_5, 3, burner=True, ratios=[ratio(CPU_5, 1.05, outcome="slower")])
    assert told(found) == (
        "cpu-5 in-turn burner seed 3: cpu_per_request 1.050 +-2.0% slower; 8 of 8 blocks, 25 s, 40% outside, load 0.3"
    )
    run = outcome(DEFAULT, ratios=[ratio(DEFAULT, 2.5, outcome="faster"), ratio(DEFAULT, metric="p99")])
    assert told(run).startswith("default in-turn seed 0: fastapi@granian to flask@gunicorn 2.500 +-2.0% faster; 8 of 8")


def test_a_direction_is_told_beside_and_is_no_verdict_on_the_size() -> None:
    right, wrong = (
        ratio(line, 1.03, outcome="undecided").model_copy(update={"direction": "higher"}) for line in (CPU_5, FALSE)
    )
    outcomes = [outcome(CPU_5, ratios=[right]), outcome(FALSE, ratios=[wrong])]
    assert only_cell(outcomes, "called slower").startswith("**missed**: 0 of 1 (direction: 1)")
    assert only_cell(outcomes, "false verdicts").startswith("reached: 0 of 1 (direction: 1)")
    assert "cpu_per_request 1.030 +-2.0% undecided, higher;" in told(outcomes[0])
    lower = outcome(CPU_5, ratios=[right.model_copy(update={"direction": "lower"})])
    assert only_cell([lower], "called slower").startswith("**missed**: 0 of 1 (direction: 0)")
