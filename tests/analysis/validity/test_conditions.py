from tests.factories import Truth, analysed, make_run
from webdyno.analysis.measured_trial import with_results

TRUTH = (Truth("flask@gunicorn", 3000, 300), Truth("fastapi@uvicorn", 9000, 100))


def test_a_trial_under_other_conditions_than_the_first_is_left_out_and_says_which() -> None:
    run = make_run(TRUTH, blocks=4)
    trials = tuple(
        trial.model_copy(update={"conditions": {"its files": "new" if trial.block == 3 else "old"}})
        if trial.stack == "flask@gunicorn"
        else trial
        for trial in run.trials
    )
    found = analysed(run.model_copy(update={"trials": trials}))
    stack = found.stack("flask@gunicorn")
    (reason,) = {r.sentence: r for r in stack.reasons if r.name == "environment-changed"}.values()
    assert reason.severity == "invalid"
    assert reason.blocks == (3,)
    assert "its files changed" in reason.sentence
    assert [values.block for values in stack.blocks if values.throughput is None] == [3]
    assert not [r for r in found.stack("fastapi@uvicorn").reasons if r.name == "environment-changed"]


def test_a_pilot_under_other_conditions_than_all_blocks_leaves_none_out() -> None:
    run = make_run(TRUTH, blocks=4)
    trials = tuple(
        trial.model_copy(update={"conditions": {"the CPU governor": "performance" if trial.block else "powersave"}})
        for trial in run.trials
    )
    found = analysed(run.model_copy(update={"trials": trials}))
    assert not [r for stack in found.stacks for r in stack.reasons if r.name == "environment-changed"]


def test_results_of_older_versions_have_no_conditions_and_no_change() -> None:
    assert not any(one.changed for one in with_results(make_run(TRUTH[:1], blocks=2).trials))
