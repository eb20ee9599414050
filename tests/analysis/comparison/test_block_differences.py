"""What happened where blocks differ much: runs of known truth in which one trial, or every second, was disturbed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.model.run import Continuation, Run
from webdyno.model.trial import Trial

SLOW, FAST, MIDDLE = "flask@gunicorn", "fastapi@granian", "quart@gunicorn?worker_class=uvicorn"
THREE = (Truth(SLOW, 3300, 290), Truth(FAST, 11600, 84), Truth(MIDDLE, 7000, 140))
TWO = THREE[:2]


def hit(run: Run, stacks: tuple[Truth, ...], where: set[tuple[int, str]], factor: float, **machine: float) -> Run:
    """The run with other trials in some places: their throughput was lower, and the machine did this meanwhile."""
    slowed = make_run(
        tuple(replace(one, throughput=one.throughput * factor) for one in stacks), blocks=run.blocks_begun, rate=None
    )
    instead = {(one.block, one.stack): one for one in slowed.trials if one.phase == "saturation"}
    trials = [
        disturbed(instead[trial.block, trial.stack], **machine) if (trial.block, trial.stack) in where else trial
        for trial in run.trials
    ]
    return run.model_copy(update={"trials": tuple(trials)})


def disturbed(trial: Trial, *, others: float | None = None, core_wait: float | None = None, **system: float) -> Trial:
    assert trial.resources and trial.result and trial.result.engine
    own = trial.resources.cpu_s + trial.result.engine.cpu_s
    if others is not None:
        system["used_percent"] = (own + others) / 2 * 100
    engine = trial.result.engine.model_copy(update={} if core_wait is None else {"core_wait_s": core_wait})
    seen = trial.resources.system.model_copy(update=system)
    return trial.model_copy(
        update={
            "result": trial.result.model_copy(update={"engine": engine}),
            "resources": trial.resources.model_copy(update={"system": seen}),
        }
    )


def calm(stacks: tuple[Truth, ...], blocks: int = 6) -> Run:
    """A run in which others used nothing."""
    run = make_run(stacks, blocks=blocks, rate=None)
    return run.model_copy(update={"trials": tuple(disturbed(one, others=0.02, core_wait=0.01) for one in run.trials)})


def test_blocks_that_agree_have_nothing_to_tell() -> None:
    for stacks in (TWO, THREE):
        found = analyse(calm(stacks))
        assert found.differences is None
        assert "blocks-differ" not in {reason.name for reason in found.reasons}


def test_the_stack_that_was_hit_is_found_with_what_was_seen_and_the_ratios_without_that_block() -> None:
    truth = analyse(calm(THREE)).verdict("throughput", FAST)
    found = analyse(hit(calm(THREE), THREE, {(3, SLOW)}, 0.55, others=0.9))
    differences = found.differences
    assert truth and differences
    (stray,) = differences.strays
    assert (stray.block, stray.stack, stray.against) == (3, SLOW, None)
    assert stray.factor == pytest.approx(0.55, rel=0.15)
    assert [signal.name for signal in stray.signals] == ["others"]
    assert stray.signals[0].value == pytest.approx(0.9, abs=0.01)
    assert stray.signals[0].usual == pytest.approx(0.02, abs=0.01)
    assert differences.disturbed_blocks == (3,)
    without = next(one for one in differences.without if one.stack == FAST)
    assert without.without.blocks == 5
    assert without.without.value == pytest.approx(truth.ratio.value, rel=0.03)
    assert without.whole.value > 1.08 * truth.ratio.value


FIVE = (*THREE, Truth("fastapi@uvicorn", 9000, 110), Truth("quart@uvicorn", 5000, 200))


@pytest.mark.parametrize(("stacks", "hits"), [(3, 2), (4, 2), (4, 3), (5, 3), (5, 4)])
def test_where_most_stacks_of_a_block_were_hit_they_are_named_and_the_others_are_not(stacks: int, hits: int) -> None:
    several = FIVE[:stacks]
    where = {(3, one.notation) for one in several[:hits]}
    found = analyse(hit(calm(several), several, where, 0.6, others=0.9))
    assert found.differences
    assert {(one.block, one.stack) for one in found.differences.strays} == where
    assert all(one.signals and one.factor == pytest.approx(0.6, rel=0.15) for one in found.differences.strays)
    (reason,) = [one for one in found.reasons if one.name == "blocks-differ"]
    assert "other processes used 0.90 CPUs" in reason.sentence


@pytest.mark.parametrize(("blocks", "hits"), [(4, 2), (4, 3), (5, 4), (6, 5), (9, 7)])
@pytest.mark.parametrize("stacks", [TWO, THREE])
def test_where_most_blocks_of_a_stack_were_hit_they_are_named_and_the_others_are_not(
    stacks: tuple[Truth, ...], blocks: int, hits: int
) -> None:
    where = {(block, SLOW) for block in range(1, hits + 1)}
    found = analyse(hit(calm(stacks, blocks), stacks, where, 0.6, others=0.9)).differences
    assert found
    assert {one.block for one in found.strays} == set(range(1, hits + 1))
    assert {one.against or one.stack for one in found.strays} == {SLOW}
    assert all(one.signals for one in found.strays)


def test_a_machine_that_is_a_little_calmer_in_one_block_disturbs_none_of_the_others() -> None:
    run = calm(THREE)
    at = {1: 0.0, 2: 0.09, 3: 0.1, 4: 0.1, 5: 0.12, 6: 0.14}
    run = run.model_copy(update={"trials": tuple(disturbed(one, others=at.get(one.block, 0.1)) for one in run.trials)})
    found = analyse(hit(run, THREE, {(3, SLOW)}, 0.55, others=0.9)).differences
    assert found
    assert [(one.block, one.stack) for one in found.disturbed] == [(3, SLOW)]


def test_others_never_used_less_than_nothing() -> None:
    run = calm(THREE)
    run = run.model_copy(update={"trials": tuple(disturbed(one, others=-1.5) for one in run.trials)})
    unusual = hit(run, THREE, {(3, SLOW)}, 0.55, others=-0.9)
    seen = analyse(unusual).differences
    assert seen and not seen.disturbed
    found = analyse(hit(run, THREE, {(3, SLOW)}, 0.55, others=0.9)).differences
    assert found
    (signal,) = [signal for stray in found.strays for signal in stray.signals]
    assert signal.value == pytest.approx(0.9, abs=0.01)
    assert signal.usual == 0.0


def test_the_ratios_of_a_continued_run_have_the_level_of_its_verdicts() -> None:
    run = hit(calm(FIVE, 12), FIVE, {(3, SLOW)}, 0.55, others=0.9)
    later = (Continuation(started=run.started, after=6, python="3.13", webdyno="1"),)
    plan = run.experiment.model_copy(update={"looks": (6, 12), "quick": True})
    found = analyse(run.model_copy(update={"continuations": later, "experiment": plan}))
    assert found.differences and found.order
    told = [
        *(one.ratio for one in found.verdicts),
        *(each for one in found.differences.without for each in (one.whole, one.without)),
        *(one.ratio for one in found.contrasts),
        *(one.ratio for one in found.order.steps if one.ratio),
    ]
    levels = {one.interval.level for one in told if one.interval}
    assert found.differences.without and found.contrasts
    assert len(levels) == 1 and min(levels) > 0.95


def test_no_verdict_rests_on_what_was_left_out() -> None:
    run = hit(calm(THREE), THREE, {(3, SLOW)}, 0.55, others=0.9)
    unseen = hit(calm(THREE), THREE, {(3, SLOW)}, 0.55)
    assert analyse(run).verdicts == analyse(unseen).verdicts


def test_where_nothing_that_is_watched_explains_it_that_is_said_and_the_block_stays_in() -> None:
    found = analyse(hit(calm(THREE), THREE, {(3, SLOW)}, 0.55, others=0.02, core_wait=0.01))
    assert found.differences
    assert [one.signals for one in found.differences.strays] == [()]
    assert not found.differences.disturbed and not found.differences.without
    (reason,) = [one for one in found.reasons if one.name == "blocks-differ"]
    assert reason.sentence.endswith("nothing that is watched explains it")


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ({"steal_percent": 3.0}, "steal"),
        ({"throttled_s": 0.04}, "throttled"),
        ({"core_wait": 0.15}, "core-wait"),
        ({"others": 0.5}, "others"),
        ({"cpu_pressure_percent": 60.0}, "pressure"),
    ],
)
def test_each_signal_of_the_machine_is_told_by_its_name(machine: dict[str, float], name: str) -> None:
    quiet = {"others": 0.02, "core_wait": 0.01, "throttled_s": 0.0}
    run = calm(THREE)
    run = run.model_copy(update={"trials": tuple(disturbed(one, **quiet) for one in run.trials)})
    found = analyse(hit(run, THREE, {(4, FAST)}, 0.6, **{**quiet, **machine}))
    assert found.differences
    assert [signal.name for one in found.differences.disturbed for signal in one.signals] == [name]
    assert [one.stack for one in found.differences.disturbed] == [FAST]


def test_of_two_stacks_it_is_the_ratio_that_strays() -> None:
    for hit_one in (SLOW, FAST):
        found = analyse(hit(calm(TWO), TWO, {(2, hit_one)}, 0.55, others=0.9)).differences
        assert found
        (stray,) = found.strays
        assert (stray.stack, stray.against, stray.block) == (FAST, SLOW, 2)
        assert (stray.factor > 1) == (hit_one == SLOW)
        assert [signal.name for signal in stray.signals] == ["others"]


def test_a_disturbance_of_all_stacks_alike_makes_no_block_stray() -> None:
    everywhere = {(3, one.notation) for one in THREE}
    assert analyse(hit(calm(THREE), THREE, everywhere, 0.8, others=0.3)).differences is None


def test_a_block_is_left_out_for_what_was_seen_and_not_for_its_figure() -> None:
    run = hit(calm(THREE), THREE, {(3, SLOW)}, 0.55, others=0.9)
    found = analyse(hit(run, THREE, {(5, MIDDLE)}, 1.0, others=0.9)).differences
    assert found
    assert [one.block for one in found.strays] == [3]
    assert found.disturbed_blocks == (3, 5)
    assert all(one.without.blocks == 4 for one in found.without)


def test_where_most_blocks_were_disturbed_nothing_is_told_without_them() -> None:
    run = calm(THREE, blocks=8)
    for at, factor in ((1, 0.5), (2, 0.9), (4, 0.6), (6, 0.4), (7, 0.7)):
        run = hit(run, THREE, {(at, SLOW)}, factor, others=0.4 + factor / 10)
    found = analyse(run)
    assert found.differences
    assert found.differences.without == ()
    assert len(found.differences.disturbed_blocks) == 5


def test_pressure_on_other_cpus_of_the_machine_is_no_signal() -> None:
    run = hit(calm(THREE), THREE, {(4, FAST)}, 0.6, others=0.02, core_wait=0.01, cpu_pressure_percent=60.0)
    large = run.model_copy(update={"host": run.host.model_copy(update={"cores_total": 64})})
    for one, names in ((run, ["pressure"]), (large, [])):
        found = analyse(one).differences
        assert found
        assert [signal.name for stray in found.strays for signal in stray.signals] == names


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_too_few_blocks_tell_nothing_of_each_other(blocks: int) -> None:
    assert analyse(hit(calm(THREE, blocks=blocks), THREE, {(1, SLOW)}, 0.5, others=0.9)).differences is None


def test_two_stacks_without_a_block_in_common_have_nothing_to_tell() -> None:
    run = calm(TWO, blocks=8)
    apart = [one for one in run.trials if not one.block or (one.block % 2 == 0) == (one.stack == SLOW)]
    assert analyse(run.model_copy(update={"trials": tuple(apart)})).differences is None
