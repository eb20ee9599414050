"""A regression is what lies beyond a limit in two measurements; what cannot be said is not passed over."""

from __future__ import annotations

import pytest

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.gate import Gate, judge_gate, suspects
from webdyno.analysis.limits import DEFAULT_LIMITS, parse_limit
from webdyno.analysis.results import Analysis
from webdyno.model.side import Side

BASE = Side(name="base", asked="main", commit="a" * 40, stack="shop:app@uvicorn?app_dir=/base")
HEAD = Side(name="head", asked="HEAD", commit="b" * 40, stack="shop:app@uvicorn?app_dir=/head")
LIMITS = [parse_limit(text) for text in DEFAULT_LIMITS]
CPU = [parse_limit("cpu_per_request > +5%")]


def measured(
    *, cpu: float = 1.0, throughput: float = 1.0, seed: int = 1, blocks: int = 8, failing: float = 0.0
) -> Analysis:
    base = Truth(BASE.stack, 4000, 240)
    head = Truth(HEAD.stack, 4000 * throughput, 240 * cpu, failing=failing)
    return analysed(make_run((base, head), blocks=blocks, seed=seed, rate=500.0))


def gate(first: Analysis, again: Analysis | None = None, limits: list[str] | None = None) -> Gate:
    return judge_gate([parse_limit(text) for text in limits] if limits else LIMITS, first, again, BASE, HEAD)


def test_a_regression_is_one_that_shows_twice() -> None:
    first, again = measured(cpu=1.3, seed=1), measured(cpu=1.3, seed=2)
    assert suspects(LIMITS, first, BASE, HEAD) == CPU
    found = gate(first, again)
    assert found.outcome == "regression"
    (change,) = (change for change in found.changes if change.state == "regression")
    assert change.metric == "cpu_per_request"
    assert change.ratio and change.again
    assert change.ratio.value == pytest.approx(1.3, rel=0.03)
    assert change.again.value != change.ratio.value


def test_what_shows_once_only_is_told_and_fails_nothing() -> None:
    found = gate(measured(cpu=1.3), measured(cpu=1.0))
    assert found.outcome == "passed"
    assert found.changes[0].state == "not confirmed"


def test_the_same_on_both_sides_passes_without_a_second_measurement() -> None:
    first = measured()
    assert suspects(LIMITS, first, BASE, HEAD) == []
    found = gate(first)
    assert (found.outcome, found.confirmed) == ("passed", False)
    assert {change.state for change in found.changes} == {"passed"}


def test_an_improvement_passes() -> None:
    assert gate(measured(cpu=0.5, throughput=2.0)).outcome == "passed"


def test_an_interval_over_the_limit_is_undecided_and_no_failure() -> None:
    found = gate(measured(cpu=1.05, blocks=3), limits=["cpu_per_request > +5%"])
    assert (found.changes[0].state, found.outcome) == ("undecided", "passed")


def test_so_many_blocks_as_are_said_to_be_needed_decide() -> None:
    limit = ["cpu_per_request > +2%"]
    few = gate(measured(blocks=3), limits=limit).changes[0]
    assert few.state == "undecided"
    assert few.blocks_needed
    more = gate(measured(blocks=3 + 4 * few.blocks_needed), limits=limit).changes[0]
    assert (more.state, more.blocks_needed) == ("passed", None)


def test_one_block_is_no_measurement() -> None:
    found = gate(measured(cpu=3.0, blocks=1))
    assert (found.changes[0].state, found.outcome) == ("not measured", "not measured")


@pytest.mark.parametrize("again", [None, measured(failing=0.5, seed=2)], ids=["never", "not again"])
def test_what_cannot_be_measured_is_no_pass(again: Analysis | None) -> None:
    first = measured(cpu=1.3) if again else measured(failing=0.5)
    found = gate(first, again, ["cpu_per_request > +5%"])
    assert (found.changes[0].state, found.outcome) == ("not measured", "not measured")


def test_a_confirmed_regression_goes_before_what_was_not_measured() -> None:
    first, again = measured(throughput=0.5, cpu=1.3, seed=1), measured(throughput=0.5, cpu=1.3, seed=2)
    silent = first.model_copy(update={"verdicts": tuple(one for one in first.verdicts if one.metric != "memory")})
    found = gate(silent, again)
    assert [change.state for change in found.changes[:3]] == ["regression", "regression", "not measured"]
    assert found.outcome == "regression"


def test_a_metric_without_a_limit_is_told_after_the_others() -> None:
    found = gate(measured(), limits=["p99 > +10%"])
    assert [change.metric for change in found.changes] == ["p99", "throughput", "p50", "cpu_per_request", "memory"]
    assert all(change.limit is None and change.base and change.head for change in found.changes[1:])
