"""The order of a quick run: what is known of it, and how it is told."""

from __future__ import annotations

import re

import pytest

from tests.factories import Truth, make_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.order import order_known, relations
from webdyno.analysis.statistics.estimates import Sample, sample
from webdyno.model.metric import Metric
from webdyno.model.run import Run
from webdyno.model.trial import EngineUse

SLOW, FAST, MIDDLE = "flask@gunicorn", "fastapi@granian", "quart@gunicorn?worker_class=uvicorn"
NAMES = (SLOW, FAST, MIDDLE, "litestar@uvicorn")
APART = (Truth(SLOW, 3000, 300), Truth(FAST, 9000, 100), Truth(MIDDLE, 6000, 150))


def quick(
    stacks: tuple[Truth, ...] = APART,
    blocks: int = 4,
    trial_sd: float = 0.01,
    looks: tuple[int, ...] = (3, 4),
    metrics: tuple[Metric, ...] = ("throughput",),
) -> Run:
    run = make_run(stacks, blocks=blocks, trial_sd=trial_sd)
    plan = run.experiment.model_copy(update={"quick": True, "looks": looks, "metrics": metrics})
    return run.model_copy(update={"experiment": plan})


def test_stacks_that_differ_clearly_have_an_order_which_is_told_first() -> None:
    run = quick()
    assert order_known(run)
    found = analyse(run)
    assert found.order and found.order.stacks == (FAST, MIDDLE, SLOW)
    assert [step.relation for step in found.order.steps] == ["ahead", "ahead"]
    assert found.sentences[0].startswith("The order by throughput is known after 4 blocks, ")
    assert found.sentences[0].endswith(f": {FAST} > {MIDDLE} > {SLOW}.")


def test_where_two_are_not_told_apart_both_are_named() -> None:
    run = quick((*APART, Truth("litestar@uvicorn", 9050, 100)), trial_sd=0.05)
    assert not order_known(run)
    sentence = analyse(run).sentences[0]
    assert sentence.startswith("Not all of the order by throughput is known after 4 blocks")
    assert " ? " in sentence and sentence.count(" > ") == 2
    assert "not told apart: " in sentence and "95 % CI" in sentence


def test_where_hardly_anything_is_told_apart_the_signs_say_so() -> None:
    alike = tuple(Truth(name, 5000, 200) for name in (SLOW, FAST, MIDDLE, "litestar@uvicorn"))
    sentence = analyse(quick(alike, trial_sd=0.05)).sentences[0]
    assert sentence.count(" ? ") == 4
    assert sentence.endswith("; ? not told apart.")


def test_a_tie_within_the_margin_is_known_as_well() -> None:
    run = quick((*APART, Truth("litestar@uvicorn", 9000, 100)), blocks=8, trial_sd=0.002)
    assert order_known(run)
    sentence = analyse(run).sentences[0]
    assert " ~ " in sentence and "the same to within 2 %" in sentence


def test_the_asked_metric_decides_the_order() -> None:
    found = analyse(quick(metrics=("cpu_per_request",))).order
    assert found and (found.metric, found.stacks) == ("cpu_per_request", (FAST, MIDDLE, SLOW))
    assert [step.relation for step in found.steps] == ["ahead", "ahead"]
    assert found.steps[0].ratio and found.steps[0].ratio.value < 1


def test_one_block_orders_nothing() -> None:
    run = quick(blocks=1)
    assert not order_known(run)
    found = analyse(run).order
    assert found and [step.relation for step in found.steps] == ["open", "open"]


def test_a_stack_that_fails_by_itself_is_not_waited_for() -> None:
    run = quick((*APART, Truth("falcon@gunicorn", 5000, 200, failing=0.5)))
    assert order_known(run)
    assert "falcon" not in analyse(run).sentences[0]


def test_a_stack_that_only_the_machine_kept_from_being_ranked_is_waited_for() -> None:
    run = quick()
    stolen = [
        trial.model_copy(
            update={"result": trial.result.model_copy(update={"engine": EngineUse(cpu_s=1.0, core_wait_s=0.9)})}
        )
        if trial.stack == FAST and trial.block and trial.result
        else trial
        for trial in run.trials
    ]
    hidden = run.model_copy(update={"trials": tuple(stolen)})
    found = analyse(hidden)
    assert found.order and found.order.known and not found.stack(FAST).valid
    assert not order_known(hidden)


def test_all_planned_looks_share_one_chance_of_a_wrong_order() -> None:
    few, many = (analyse(quick(looks=looks)) for looks in ((4,), (3, 4, 6, 8)))
    assert few.order and many.order
    for one, other in zip(few.order.steps, many.order.steps, strict=True):
        assert one.p and other.p == pytest.approx(4 * one.p)
    for alone, among in zip(few.verdicts, many.verdicts, strict=True):
        assert alone.p_direction and among.p_direction == pytest.approx(4 * alone.p_direction)
        assert alone.p_difference and among.p_difference == pytest.approx(4 * alone.p_difference)


def test_what_is_known_at_one_look_is_open_where_others_have_their_share() -> None:
    one: list[Sample | None] = [sample([1.1, 1.12, 1.11, 1.16])]
    ((claim, p),) = relations(one, 0.02)
    assert p and claim == "ahead"
    assert relations(one, 0.02, p / 0.05 * 1.01)[0][0] == "ahead"
    assert relations(one, 0.02, p / 0.05 * 0.99)[0][0] == "open"


def test_two_without_a_valid_block_in_common_are_in_the_order_and_not_told_apart() -> None:
    run = quick(APART[:2], blocks=4)
    apart = [trial for trial in run.trials if trial.block == 0 or (trial.block <= 2) == (trial.stack == FAST)]
    found = analyse(run.model_copy(update={"trials": tuple(apart)}))
    assert found.order and found.order.stacks == (FAST, SLOW)
    assert [(step.relation, step.ratio, step.p) for step in found.order.steps] == [("open", None, None)]
    assert "which have no valid block in common" in found.sentences[0]


def test_what_blocks_in_common_contradict_is_open() -> None:
    ((relation, _),) = relations([sample([0.5, 0.51, 0.5, 0.52])], 0.02)
    assert relation == "open"


def test_no_other_run_has_an_order() -> None:
    assert analyse(make_run(APART)).order is None


def test_of_two_that_are_not_told_apart_nothing_of_the_order_is_known() -> None:
    alike = (Truth(SLOW, 5000, 200), Truth(FAST, 5000, 200))
    assert analyse(quick(alike, trial_sd=0.05)).sentences[0].startswith("The order by throughput is not known after")


@pytest.mark.parametrize("stacks", [2, 4])
@pytest.mark.parametrize("looks", [(4,), (3, 4, 6, 8, 12)])
def test_what_makes_a_verdict_stricter_than_its_interval_is_named(stacks: int, looks: tuple[int, ...]) -> None:
    """The number of comparisons, the looks, or both; never a correction for one comparison."""
    found = set()
    for seed in range(40):
        rates = (5000.0, 6000.0, 6600.0, 7300.0)[:stacks]
        run = make_run(
            tuple(Truth(name, rate, 200) for name, rate in zip(NAMES, rates, strict=False)),
            blocks=4,
            rate=None,
            trial_sd=0.1,
            seed=seed,
        )
        plan = run.experiment.model_copy(update={"quick": True, "looks": looks, "metrics": ("throughput",)})
        analysis = analyse(run.model_copy(update={"experiment": plan}))
        reasons = re.findall(r"(?:correcting|allowing) for [^;.]*", " ".join(analysis.sentences))
        found |= {re.sub("[34] comparisons", "several comparisons", reason) for reason in reasons}
    expected = {
        (2, 1): set(),
        (2, 5): {"allowing for 5 looks"},
        (4, 1): {"correcting for several comparisons"},
        (4, 5): {"correcting for several comparisons and allowing for 5 looks"},
    }
    assert found == expected[stacks, len(looks)]
