"""How near a run is to the precision that was asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.analyse import block_seconds
from webdyno.analysis.comparison.precision import BLOCKS_TO_BE_PRECISE, closings
from webdyno.analysis.comparison.verdicts import verdict
from webdyno.model.run import Run

STACKS = (Truth("flask@gunicorn", 200, 900), Truth("quart@uvicorn", 220, 850), Truth("fastapi@granian", 400, 600))


def asked(precision: float | None, *metrics: str, blocks: int = 6, stacks: tuple[Truth, ...] = STACKS) -> Run:
    run = make_run(stacks, blocks=blocks, rate=100.0)
    plan = run.experiment.model_copy(update={"precision": precision, "metrics": metrics, "blocks": None})
    return run.model_copy(update={"experiment": plan, "state": "running"})


def test_the_throughput_of_each_stack_against_the_baseline_is_what_is_asked() -> None:
    found = closings(asked(0.03))
    assert [(one.metric, one.stack, one.against) for one in found] == [
        ("throughput", "quart@uvicorn", "flask@gunicorn"),
        ("throughput", "fastapi@granian", "flask@gunicorn"),
    ]


def test_the_half_width_is_that_of_the_interval_that_is_told() -> None:
    run = asked(0.03)
    for closing in closings(run):
        verdict = analysed(run).verdict("throughput", closing.stack)
        assert verdict and verdict.ratio.interval and closing.half_width
        assert verdict.ratio.value * (1 + closing.half_width) == pytest.approx(verdict.ratio.interval.high)
        assert verdict.ratio.value / (1 + closing.half_width) == pytest.approx(verdict.ratio.interval.low)


def test_named_metrics_are_asked_in_place_of_throughput_and_alone_get_verdicts() -> None:
    run = asked(0.03, "cpu_per_request", "memory")
    assert {one.metric for one in closings(run)} == {"cpu_per_request", "memory"}
    analysis = analysed(run)
    assert {one.metric for one in analysis.verdicts} == {"cpu_per_request", "memory"}
    assert {one.comparisons for one in analysis.verdicts} == {4}
    assert analysis.answered
    assert all("faster" not in sentence for sentence in analysis.sentences)
    assert any("CPU time per request of quart@uvicorn" in sentence for sentence in analysis.sentences)
    assert any("memory of fastapi@granian" in sentence for sentence in analysis.sentences)


def test_a_wide_precision_is_reached_after_the_least_number_of_blocks_and_not_before() -> None:
    assert [one.more_blocks for one in closings(asked(0.5, blocks=BLOCKS_TO_BE_PRECISE))] == [0, 0]
    assert [one.more_blocks for one in closings(asked(0.5, blocks=4))] == [BLOCKS_TO_BE_PRECISE - 4] * 2


def test_a_finer_precision_takes_more_blocks() -> None:
    coarse, fine = (closings(asked(precision))[0].more_blocks for precision in (0.02, 0.01))
    assert coarse is not None and fine is not None
    assert 0 < coarse < fine


def test_a_stack_that_cannot_be_ranked_is_not_waited_for() -> None:
    broken = (*STACKS[:2], Truth("fastapi@granian", 400, 600, failing=0.4))
    assert [one.stack for one in closings(asked(0.03, stacks=broken))] == ["quart@uvicorn"]


def test_nothing_can_be_said_of_one_block_or_without_a_precision() -> None:
    assert [(one.half_width, one.more_blocks) for one in closings(asked(0.03, blocks=1))] == [(None, None)] * 2
    assert closings(asked(None)) == ()


def test_the_time_to_decide_is_that_of_as_many_blocks() -> None:
    run = make_run((Truth("a:a@granian", 520, 190), Truth("flask@gunicorn", 500, 190)), trial_sd=0.03, rate=100.0)
    block_s = block_seconds(run.trials)
    # Two stacks, two trials each, 1.5 s a trial.
    assert block_s == pytest.approx(6.0)
    open_ones = [one for one in analysed(run).verdicts if one.blocks_needed]
    assert open_ones
    assert all(one.seconds_needed == pytest.approx((one.blocks_needed or 0) * 6.0) for one in open_ones)
    assert block_seconds(run.trials[:3]) is None


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_set_in_a_run_changes_no_time_to_decide(days: int) -> None:
    trials = make_run(blocks=6).trials
    late = [trial.model_copy(update={"started": trial.started + timedelta(days=days)}) for trial in trials[12:]]
    assert block_seconds((*trials[:12], *late)) == pytest.approx(block_seconds(trials))
    # Of two blocks nobody knows better.
    last = [trial for trial in trials if trial.block == 1] + [one for one in late if one.block == 6]
    assert days > 0 or block_seconds(last) is None


def test_what_a_run_is_about_is_judged_together_and_the_other_metrics_by_themselves() -> None:
    analysis = analysed(asked(None))
    best, second = analysis.ranking[:2]
    families = {
        family: [one for one in analysis.verdicts if one.family == family] for family in ("primary", "secondary")
    }
    assert [one.metric for one in families["primary"]] == ["throughput"] * 3
    assert {one.metric for one in families["secondary"]} == {"cpu_per_request", "p50", "memory"}
    for family in families.values():
        assert {one.comparisons for one in family} == {len(family)}
        for found in family:
            alone = verdict(found.metric, analysis.stack(found.stack), analysis.stack(found.against))
            assert alone and alone.p_difference is not None and found.p_difference is not None
            assert alone.p_difference <= found.p_difference <= min(len(family) * alone.p_difference, 1)
    assert analysis.verdict("throughput", best, second)


def test_metrics_that_are_asked_for_are_one_family() -> None:
    analysis = analysed(asked(None, "p50", "cpu_per_request"))
    assert {one.family for one in analysis.verdicts} == {"primary"}
    assert {one.comparisons for one in analysis.verdicts} == {len(analysis.verdicts)} == {4}
