"""A regression is what lies beyond a limit in two measurements; what cannot be said is not passed over."""

from __future__ import annotations

import pytest

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.gate.judge_gate import Gate, GateMeasurement, is_decided, judge_gate, suspects
from webdyno.analysis.gate.limit import DEFAULT_LIMITS, parse_limit
from webdyno.analysis.validity.reason import UNRESOLVED, ValidityReason
from webdyno.model.fact import fact
from webdyno.model.side import Side

BASE = Side(name="base", asked="main", commit="a" * 40, stack="shop:app@uvicorn?app_dir=/base")
HEAD = Side(name="head", asked="HEAD", commit="b" * 40, stack="shop:app@uvicorn?app_dir=/head")
LIMITS = [parse_limit(text) for text in DEFAULT_LIMITS]
CPU = [parse_limit("cpu_per_request > +5%")]


def measured(
    *, cpu: float = 1.0, throughput: float = 1.0, seed: int = 1, blocks: int = 8, failing: float = 0.0
) -> GateMeasurement:
    base = Truth(BASE.stack, 4000, 240)
    head = Truth(HEAD.stack, 4000 * throughput, 240 * cpu, failing=failing)
    run = make_run((base, head), blocks=blocks, seed=seed, rate=500.0)
    return run, analysed(run)


def gate(first: GateMeasurement, again: GateMeasurement | None = None, limits: list[str] | None = None) -> Gate:
    measured = [first, again] if again else [first]
    return judge_gate([parse_limit(text) for text in limits] if limits else LIMITS, measured, BASE, HEAD)


def looked_at(measured: GateMeasurement, looks: tuple[int, ...], blocks: int) -> GateMeasurement:
    run, analysis = measured
    plan = run.experiment.model_copy(update={"looks": looks, "blocks": blocks})
    return run.model_copy(update={"experiment": plan}), analysis


def with_short_windows(measured: GateMeasurement) -> GateMeasurement:
    run, analysis = measured
    reason = ValidityReason(name=UNRESOLVED, severity="caution", what=fact("short-window", mean_s=1.0, window_s=1.0))
    stacks = (analysis.stacks[0], analysis.stacks[1].model_copy(update={"reasons": (reason,)}))
    return run, analysis.model_copy(update={"stacks": stacks})


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


def test_an_interval_over_the_limit_is_inconclusive_whatever_the_other_limits_are() -> None:
    found = gate(measured(cpu=1.05, blocks=3))
    assert [change.state for change in found.changes[:3]] == ["inconclusive", "passed", "passed"]
    assert found.outcome == "inconclusive"


def test_three_blocks_that_know_nothing_are_no_pass() -> None:
    """A mean far beyond the limit with an interval that reaches over it."""
    truths = (Truth(BASE.stack, 4000, 240), Truth(HEAD.stack, 4000, 980))
    run = make_run(truths, blocks=3, trial_sd=2.0, rate=None, seed=3)
    found = gate((run, analysed(run)), limits=["cpu_per_request > +5%"])
    ratio = found.changes[0].ratio
    assert ratio and ratio.interval
    assert ratio.value > 2
    assert ratio.interval.low < 1.05 < ratio.interval.high
    assert found.outcome == "inconclusive"


def test_a_suspicion_that_the_second_measurement_leaves_open_is_inconclusive() -> None:
    found = gate(measured(cpu=1.3), measured(cpu=1.06, blocks=3, seed=2), ["cpu_per_request > +5%"])
    change = found.changes[0]
    assert (change.state, found.outcome) == ("inconclusive", "inconclusive")
    assert change.blocks_needed
    assert change.seconds_needed == pytest.approx(change.blocks_needed * 6.0)


def test_where_blocks_were_left_out_as_large_a_part_of_further_ones_is_expected_to_be() -> None:
    run, analysis = measured(cpu=1.06, blocks=3, seed=2)
    (few, *_), (many, *_) = (gate((one, analysis)).changes for one in (run, measured(blocks=6)[0]))
    assert few.blocks_needed and many.blocks_needed
    assert many.blocks_needed == 2 * few.blocks_needed
    assert many.seconds_needed == pytest.approx(many.blocks_needed * 6.0)


def test_what_was_not_measured_goes_before_what_is_inconclusive() -> None:
    run, analysis = measured(cpu=1.05, blocks=3)
    silent = analysis.model_copy(update={"verdicts": tuple(one for one in analysis.verdicts if one.metric != "memory")})
    assert gate((run, silent)).outcome == "not measured"


def test_nothing_lies_within_a_limit_where_the_windows_are_too_short_to_show_a_change() -> None:
    found = gate(with_short_windows(measured()), limits=[*DEFAULT_LIMITS, "p50 > +50%", "p99 > +50%"])
    states = {change.metric: (change.state, change.resolved) for change in found.changes}
    assert states.pop("memory") == ("passed", True)
    assert set(states.values()) == {("inconclusive", False)}
    assert all(change.blocks_needed is None for change in found.changes)
    assert found.outcome == "inconclusive"


def test_windows_that_are_too_short_hide_no_change_that_is_seen() -> None:
    first, again = (with_short_windows(measured(cpu=1.3, seed=seed)) for seed in (1, 2))
    assert suspects(CPU, first, BASE, HEAD) == CPU
    assert gate(first, again, ["cpu_per_request > +5%"]).outcome == "regression"


def test_a_look_asks_more_of_an_interval_than_the_end_and_the_end_after_looks_more_than_a_planned_number() -> None:
    whole = measured(blocks=12)
    planned = gate(whole).changes[0].ratio
    at_end = gate(looked_at(whole, (6, 8), 12)).changes[0].ratio
    at_look = gate(looked_at(whole, (12,), 12)).changes[0].ratio
    assert planned and at_end and at_look
    levels = [ratio.interval.level for ratio in (planned, at_end, at_look) if ratio.interval]
    assert levels == pytest.approx([0.95, 0.96, 0.995])
    widths = [ratio.interval.high / ratio.interval.low for ratio in (planned, at_end, at_look) if ratio.interval]
    assert widths == sorted(widths)
    assert planned.value == pytest.approx(at_look.value)


@pytest.mark.parametrize(("cpu", "decided"), [(1.0, True), (1.3, True), (1.05, False)])
def test_a_look_ends_the_measurement_only_where_each_limit_is_kept_or_broken(cpu: float, decided: bool) -> None:
    assert is_decided(LIMITS, measured(cpu=cpu)[0], BASE, HEAD) is decided


def test_a_look_at_what_has_no_valid_measurement_decides_nothing() -> None:
    assert not is_decided(LIMITS, measured(failing=0.5)[0], BASE, HEAD)


def test_so_many_blocks_as_are_said_to_be_needed_decide() -> None:
    limit = ["cpu_per_request > +2%"]
    few = gate(measured(blocks=3), limits=limit).changes[0]
    assert few.state == "inconclusive"
    assert few.blocks_needed
    more = gate(measured(blocks=3 + 4 * few.blocks_needed), limits=limit).changes[0]
    assert (more.state, more.blocks_needed) == ("passed", None)


def test_one_block_is_no_measurement() -> None:
    found = gate(measured(cpu=3.0, blocks=1))
    assert (found.changes[0].state, found.outcome) == ("not measured", "not measured")


@pytest.mark.parametrize("again", [None, measured(failing=0.5, seed=2)], ids=["never", "not again"])
def test_what_cannot_be_measured_is_no_pass(again: GateMeasurement | None) -> None:
    first = measured(cpu=1.3) if again else measured(failing=0.5)
    found = gate(first, again, ["cpu_per_request > +5%"])
    assert (found.changes[0].state, found.outcome) == ("not measured", "not measured")


def test_a_confirmed_regression_goes_before_what_was_not_measured() -> None:
    first, again = measured(throughput=0.5, cpu=1.3, seed=1), measured(throughput=0.5, cpu=1.3, seed=2)
    run, analysis = first
    silent = analysis.model_copy(update={"verdicts": tuple(one for one in analysis.verdicts if one.metric != "memory")})
    found = gate((run, silent), again)
    assert [change.state for change in found.changes[:3]] == ["regression", "regression", "not measured"]
    assert found.outcome == "regression"


def test_a_metric_without_a_limit_is_told_after_the_others() -> None:
    found = gate(measured(), limits=["p99 > +10%"])
    assert [change.metric for change in found.changes] == ["p99", "throughput", "p50", "cpu_per_request", "memory"]
    assert all(change.limit is None and change.base and change.head for change in found.changes[1:])
