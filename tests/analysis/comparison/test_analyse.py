"""From a run to its analysis: known truth is found again, and every partial run has an analysis."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import DEFAULT_TRUTHS, Truth, analysed, make_run
from webdyno.analysis.comparison.analyse import analyse, label
from webdyno.errors import StoreError
from webdyno.model.run import Run

SMALL = make_run(
    (
        Truth("flask@gunicorn", 800, 900),
        Truth("quart@uvicorn", 900, 850, failing=0.4),
        Truth("fastapi@granian", 1500, 600, broken_blocks=(1,)),
    ),
    blocks=3,
    rate=400.0,
)


def test_the_truth_behind_a_default_run_is_found_again() -> None:
    analysis = analysed(make_run())
    carried = {truth.notation: truth.throughput for truth in DEFAULT_TRUTHS if not truth.failing}
    assert list(analysis.ranking) == sorted(carried, key=lambda name: carried[name], reverse=True)
    for name in analysis.ranking[:-1]:
        verdict = analysis.verdict("throughput", name)
        assert verdict is not None
        assert verdict.outcome == "faster"
        assert verdict.ratio.value == pytest.approx(carried[name] / carried["flask@gunicorn"], rel=0.03)
    assert analysis.answered


def test_figures_are_in_the_units_that_their_names_say() -> None:
    stack = analysed(make_run()).stack("fastapi@granian")
    assert stack.throughput is not None
    assert stack.cpu_per_request_us is not None
    assert stack.response is not None
    assert stack.saturation is not None
    assert stack.memory.rss_peak is not None
    assert stack.throughput.value == pytest.approx(11592, rel=0.1)
    assert stack.cpu_per_request_us.value == pytest.approx(84, rel=0.05)
    assert stack.response.p50 == pytest.approx(0.27, rel=0.2)
    assert stack.saturation.mean == pytest.approx(32 / 11592 * 1000, rel=0.1)
    assert stack.memory.rss_peak == pytest.approx(71 * 1024 * 1024, rel=0.02)
    assert stack.offered_rate == 1640
    assert stack.startup_s == pytest.approx(0.42, abs=0.05)


def test_less_cpu_and_shorter_times_are_better_and_more_memory_is_worse() -> None:
    analysis = analysed(make_run())
    outcomes = {one.metric: one.outcome for one in analysis.verdicts if one.stack == "fastapi@granian"}
    assert outcomes["cpu_per_request"] == outcomes["p50"] == outcomes["p99"] == "faster"
    assert outcomes["memory"] == "slower"


def test_the_best_is_compared_with_the_second_as_well() -> None:
    verdict = analysed(make_run()).verdict("throughput", "fastapi@granian", "fastapi@gunicorn?worker_class=uvicorn")
    assert verdict is not None
    assert verdict.ratio.value == pytest.approx(11592 / 9854, rel=0.03)


def test_the_pilot_is_never_averaged_in() -> None:
    run = make_run()
    slow = [
        trial.model_copy(update={"result": trial.result.model_copy(update={"completed": 1, "failures": {"reset": 9}})})
        if trial.phase == "pilot" and trial.result
        else trial
        for trial in run.trials
    ]
    assert analyse(run.model_copy(update={"trials": tuple(slow)})) == analyse(run)


def test_the_start_of_the_pilot_is_left_out_where_there_are_blocks() -> None:
    run = make_run(rate=None, blocks=2)
    slow = [t.model_copy(update={"startup_s": 60.0 if t.block == 0 else float(t.block)}) for t in run.trials]
    assert analyse(run.model_copy(update={"trials": tuple(slow)})).stack("fastapi@granian").startup_s == 1.5
    pilot = [trial for trial in slow if trial.block == 0]
    assert analyse(run.model_copy(update={"trials": tuple(pilot)})).stack("fastapi@granian").startup_s == 60.0


def test_an_invalid_baseline_is_replaced_and_said() -> None:
    run = make_run((Truth("flask@gunicorn", 3000, 320, failing=0.5), *DEFAULT_TRUTHS[4:]))
    analysis = analyse(run)
    assert analysis.baseline == "fastapi@gunicorn?worker_class=uvicorn"
    assert [one.name for one in analysis.reasons if one.name == "baseline-invalid"]
    assert analysis.verdict("throughput", "fastapi@granian") is not None


def test_a_run_without_the_rate_phase_compares_all_but_response_times() -> None:
    analysis = analyse(make_run(rate=None))
    assert {one.metric for one in analysis.verdicts} == {"throughput", "cpu_per_request", "memory"}
    assert all(stack.response is None for stack in analysis.stacks)


def test_one_stack_alone_is_an_answer_without_a_verdict() -> None:
    analysis = analyse(make_run((Truth("flask@gunicorn", 3000, 320),)))
    assert analysis.answered
    assert analysis.verdicts == ()


def test_a_run_of_which_only_the_pilot_is_left_answers_nothing() -> None:
    run = make_run()
    analysis = analyse(run.model_copy(update={"trials": run.trials[: len(run.stacks)], "state": "interrupted"}))
    assert not analysis.answered
    assert analysis.verdicts == ()
    assert {reason.name for stack in analysis.stacks for reason in stack.reasons} >= {"not-measured"}


def test_a_stack_that_could_not_be_set_up_is_listed_with_its_reason() -> None:
    run = make_run()
    gone = run.model_copy(
        update={
            "stacks": run.stacks[:-1],
            "trials": tuple(trial for trial in run.trials if trial.stack != "fastapi@granian"),
        }
    )
    stack = analyse(gone).stack("fastapi@granian")
    assert [(one.name, one.severity) for one in stack.reasons] == [("not-measured", "invalid")]


def test_one_block_decides_nothing() -> None:
    verdicts = analyse(make_run(blocks=1)).verdicts
    assert verdicts
    assert {(one.outcome, one.ratio.interval, one.p_difference) for one in verdicts} == {("undecided", None, None)}


def test_a_run_whose_baseline_is_none_of_its_stacks_is_refused() -> None:
    experiment = SMALL.experiment.model_copy(update={"baseline": "django@gunicorn"})
    with pytest.raises(StoreError, match="django@gunicorn"):
        analyse(SMALL.model_copy(update={"experiment": experiment}))


@settings(max_examples=40)
@given(st.sets(st.integers(0, len(SMALL.trials) - 1)), st.booleans())
def test_whatever_part_of_a_run_there_is_has_an_analysis(kept: set[int], interrupted: bool) -> None:
    trials = tuple(trial for place, trial in enumerate(SMALL.trials) if place in kept)
    analysis = analyse(
        SMALL.model_copy(update={"trials": trials, "state": "interrupted" if interrupted else "complete"})
    )
    by_name = {stack.notation: stack for stack in analysis.stacks}
    assert set(by_name) == set(SMALL.experiment.stacks)
    assert {name for name, stack in by_name.items() if stack.valid} == set(analysis.ranking)
    assert all((stack.throughput is not None) == stack.valid for stack in analysis.stacks)
    assert all(by_name[one.stack].valid and by_name[one.against].valid for one in analysis.verdicts)
    assert all(stack.valid or any(one.severity == "invalid" for one in stack.reasons) for stack in analysis.stacks)
    assert analysis.sentences
    assert [stack.label for stack in sorted(analysis.stacks, key=lambda one: one.label)] == ["A", "B", "C"]
    assert [by_name[name].label for name in analysis.ranking] == ["A", "B", "C"][: len(analysis.ranking)]


def test_labels_go_on_after_z() -> None:
    assert [label(place) for place in (0, 25, 26, 51, 52, 702)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]


def test_identical_stacks_are_rarely_called_different() -> None:
    """The whole way from histograms to verdicts, 40 times; 5 % of 40 is 2, and 6 or more come by chance once in 70."""
    twins = (Truth("fastapi@granian", 400, 2500), Truth("fastapi@uvicorn", 400, 2500))
    runs = [make_run(twins, blocks=6, seed=seed, rate=None, trial_sd=0.03) for seed in range(40)]
    assert sum(_different(run) for run in runs) <= 5


def _different(run: Run) -> bool:
    verdict = analyse(run).verdict("throughput", "fastapi@uvicorn")
    assert verdict is not None
    return verdict.outcome in ("faster", "slower")
