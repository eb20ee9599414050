"""Each reason of validity: seen when it should be, not seen when it should not, and what it does to the averages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from tests.factories import DEFAULT_TRUTHS, Truth, analysed, make_run
from tests.known import known
from webdyno.analysis.comparison.analysis import StackSummary
from webdyno.analysis.validity.reason import ValidityReason
from webdyno.errors import StoreError
from webdyno.lab.continuing import going_on
from webdyno.model.fact import Fact, fact
from webdyno.model.histogram import Histogram
from webdyno.model.load import Window
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.model.trial import Trial
from webdyno.texts.catalogue import as_note, told

CHANGED = "fastapi@granian"
OTHER = "flask@gunicorn"
BUSY = (Truth(CHANGED, 9000, 105), Truth(OTHER, 1900, 500))
Change = Callable[[Trial], dict[str, Any]]


def encoded(values_ms: list[float]) -> str:
    histogram = Histogram()
    histogram.record(np.asarray(values_ms) * 1e6)
    return histogram.encode()


def with_changed(
    change: Change, phase: str = "saturation", blocks: tuple[int, ...] = (1,), run: Run | None = None
) -> Run:
    """The run with the results of some trials of CHANGED altered."""
    run = run or make_run(BUSY, blocks=4)
    trials = [
        trial.model_copy(update=change(trial))
        if (trial.stack, trial.phase) == (CHANGED, phase) and trial.block in blocks
        else trial
        for trial in run.trials
    ]
    return run.model_copy(update={"trials": tuple(trials)})


def in_result(**values: Any) -> Change:
    return lambda trial: {"result": trial.result.model_copy(update=values)} if trial.result else {}


def in_engine(**values: Any) -> Change:
    def change(trial: Trial) -> dict[str, Any]:
        assert trial.result
        return in_result(engine=known(trial.result.engine).model_copy(update=values))(trial)

    return change


def in_system(**values: Any) -> Change:
    def change(trial: Trial) -> dict[str, Any]:
        assert trial.resources
        system = trial.resources.system.model_copy(update=values)
        return {"resources": trial.resources.model_copy(update={"system": system})}

    return change


def lost(trial: Trial) -> dict[str, Any]:
    return {"result": None, "resources": None, "failure": Note(text="the server exited with status 3")}


def summary(run: Run) -> StackSummary:
    return analysed(run).stack(CHANGED)


def reason(run: Run, name: str) -> ValidityReason:
    return next(one for one in summary(run).reasons if one.name == name)


def throughput_blocks(stack: StackSummary) -> list[int]:
    return [values.block for values in stack.blocks if values.throughput is not None]


def response_blocks(stack: StackSummary) -> list[int]:
    return [values.block for values in stack.blocks if values.p50_ms is not None]


def test_a_quiet_run_of_busy_servers_has_no_reason() -> None:
    assert all(not stack.reasons for stack in analysed(make_run(BUSY)).stacks)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("generator-limited", in_engine(cpu_s=0.95)),
        ("steal", in_system(steal_percent=7.5)),
        ("throttled", in_system(throttled_s=0.3)),
        ("littles-law", in_result(in_flight_mean=40.0)),
        ("generator-limited", in_engine(loop_gap_max_s=0.6)),
    ],
)
def test_what_the_machine_or_the_generator_did_leaves_the_trial_out(name: str, change: Change) -> None:
    run = with_changed(change, blocks=(2,))
    found = reason(run, name)
    assert (found.severity, found.phase, found.blocks) == ("invalid", "saturation", (2,))
    assert found.sentence
    assert found.remedy
    assert throughput_blocks(summary(run)) == [1, 3, 4]
    assert summary(run).valid


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("steal", in_system(steal_percent=2.0)),
        ("throttled", in_system(throttled_s=0.02)),
        ("littles-law", in_result(in_flight_mean=33.3)),
    ],
)
def test_a_little_of_it_is_a_caution_and_the_trial_counts(name: str, change: Change) -> None:
    run = with_changed(change)
    assert reason(run, name).severity == "caution"
    assert throughput_blocks(summary(run)) == [1, 2, 3, 4]


def test_a_short_standstill_in_a_long_window_is_a_caution() -> None:
    long = make_run(BUSY, blocks=4, rate=None, window=Window(duration_s=4.0))
    run = with_changed(in_engine(loop_gap_max_s=0.07), run=long)
    assert reason(run, "generator-limited").severity == "caution"
    assert throughput_blocks(summary(run)) == [1, 2, 3, 4]


@pytest.mark.parametrize(("gap_s", "severity"), [(0.04, None), (0.06, "invalid")])
def test_a_standstill_of_a_generator_under_open_load_leaves_response_times_out(
    gap_s: float, severity: str | None
) -> None:
    found = summary(with_changed(in_engine(loop_gap_max_s=gap_s), phase="rate")).reasons
    assert [one.severity for one in found if one.name == "generator-limited"] == ([severity] if severity else [])


def test_a_full_core_says_nothing_of_a_generator_that_spins() -> None:
    run = with_changed(in_engine(cpu_s=1.0, spinning=True))
    assert not summary(run).reasons


def test_unknown_steal_and_throttling_are_no_reason() -> None:
    assert not summary(with_changed(in_system(steal_percent=None, throttled_s=None))).reasons


def test_a_generator_that_was_late_leaves_the_trial_out() -> None:
    late = encoded([5.0] * 1640)
    run = with_changed(in_result(late=late, lag=late), "rate")
    assert (reason(run, "lag").severity, response_blocks(summary(run))) == ("invalid", [2, 3, 4])


def test_a_percentile_that_is_partly_the_generators_is_said_of_all_blocks_together() -> None:
    # Each block has too few requests for a p99.9; all together have one.
    late = in_result(response=encoded([1.0] * 1630 + [3.0] * 10), punctual=encoded([1.0] * 1630 + [2.0] * 10))
    prompt = in_result(response=encoded([1.0] * 1640), punctual=encoded([1.0] * 1640))
    once = with_changed(late, "rate", (1,), with_changed(prompt, "rate", (2, 3, 4)))
    assert not [one for one in summary(once).reasons if one.name == "lag"]
    always = reason(with_changed(late, "rate", tuple(range(1, 9)), make_run(BUSY, blocks=8)), "lag")
    assert (always.severity, always.phase) == ("caution", "rate")
    assert "p99.9 would be about 2 ms, not 3 ms" in told(always.what)


def test_a_block_whose_p99_is_a_fifth_the_generators_is_left_out() -> None:
    run = with_changed(in_result(response=encoded([1.5] * 1640), punctual=encoded([1.0] * 1640)), "rate")
    assert (reason(run, "lag").severity, response_blocks(summary(run))) == ("invalid", [2, 3, 4])


def test_requests_that_a_frozen_server_did_not_take_are_not_blamed_on_the_generator() -> None:
    held_up = in_result(late=encoded([5.0] * 1640), lag=encoded([5.0] * 1500), scheduled=1640)
    run = with_changed(held_up, "rate")
    assert reason(run, "overloaded").severity == "caution"
    assert response_blocks(summary(run)) == [1, 2, 3, 4]


def test_a_generator_that_was_grossly_late_and_sent_too_little_leaves_the_trial_out() -> None:
    run = with_changed(in_result(late=encoded([50.0] * 1640), lag=encoded([50.0] * 1500), scheduled=1640), "rate")
    assert reason(run, "lag").severity == "invalid"
    assert response_blocks(summary(run)) == [2, 3, 4]


def stuck(count: int) -> Change:
    """So many of the 32 connections hang from before the window; the others go on as they were."""

    def change(trial: Trial) -> dict[str, Any]:
        assert trial.result
        ok = round(trial.result.ok * (32 - count) / 32)
        answers = known(trial.result.in_flight_mean) * (32 - count) / 32
        return in_result(
            ok=ok,
            completed=ok,
            ok_in_window=ok,
            timed_out_mean=count,
            failed_in_window=count / 10,
            in_flight_mean=answers,
        )(trial)

    return change


NO_ANSWERS = in_result(ok=0, completed=0, ok_in_window=0, service=encoded([]), response=encoded([]))


@pytest.mark.parametrize(("name", "change"), [("no-answers", NO_ANSWERS), ("stuck-connections", stuck(15))])
def test_a_stack_that_hangs_in_many_blocks_is_not_ranked_on_its_good_ones(name: str, change: Change) -> None:
    run = with_changed(change, blocks=(1, 2))
    assert (reason(run, name).severity, reason(run, name).blocks) == ("invalid", (1, 2))
    assert not summary(run).valid
    assert CHANGED not in analysed(run).ranking


@pytest.mark.parametrize(("name", "change"), [("no-answers", NO_ANSWERS), ("stuck-connections", stuck(15))])
def test_one_such_block_of_four_is_a_caution_that_says_what_the_figure_stands_on(name: str, change: Change) -> None:
    run = with_changed(change, blocks=(2,))
    assert reason(run, name).severity == "caution"
    assert reason(run, name).sentence.endswith("the figures stand on the other blocks only")
    assert throughput_blocks(summary(run)) == [1, 3, 4]


def test_lost_trials_and_blocks_without_answers_are_counted_together() -> None:
    run = with_changed(lost, blocks=(3,), run=with_changed(NO_ANSWERS, blocks=(2,)))
    assert not summary(run).valid


def test_stuck_connections_are_counted_and_littles_law_is_not_blamed() -> None:
    run = with_changed(stuck(15), blocks=(1, 2, 3, 4))
    assert (
        "about 15 of 32 connections waited for responses that never came within 10 s"
        in reason(run, "stuck-connections").sentence
    )
    assert "fewer connections (-c) or more threads" in reason(run, "stuck-connections").remedy
    assert not [one for one in summary(run).reasons if one.name == "littles-law"]


def test_a_single_stuck_connection_of_many_is_a_caution_and_the_trial_counts() -> None:
    run = with_changed(stuck(1))
    assert reason(run, "stuck-connections").severity == "caution"
    assert throughput_blocks(summary(run)) == [1, 2, 3, 4]


@pytest.mark.parametrize("phase", ["saturation", "rate"])
def test_requests_without_an_answer_are_in_the_error_figure(phase: str) -> None:
    run = with_changed(in_result(unfinished=15), phase)
    assert reason(run, "unanswered").what.figures == {"count": 15}
    assert summary(run).errors.failed == 15
    assert summary(run).errors.rate > 0


@pytest.mark.parametrize(("share", "kept"), [(0.5, {"throughput"}), (0.95, {"throughput"})])
def test_a_percentile_that_falls_among_unanswered_requests_is_not_compared(share: float, kept: set[str]) -> None:
    run = with_changed(in_result(response=encoded([1.0] * 400), unfinished=round(400 * share / (1 - share))), "rate")
    compared = {one.metric for one in analysed(run).verdicts}
    assert kept <= compared
    assert "p99" not in compared
    assert reason(run, "p99-unanswered").blocks == (1,)
    assert ("p50" in compared) == (share <= 0.5)


def test_several_workers_are_held_against_as_many_cores() -> None:
    notation = "flask@gunicorn?workers=2"
    run = make_run((Truth(notation, 9000, 105), Truth(OTHER, 1900, 500)), blocks=4)
    assert not analysed(run).stack(notation).reasons
    two = run.model_copy(update={"cpus": run.cpus.model_copy(update={"server": (1, 2)})})
    found = analysed(two).stack(notation).reasons
    assert [one.name for one in found] == ["server-not-limit"]
    assert "of 2 cores" in found[0].sentence


def test_a_server_that_did_not_keep_up_is_not_excused() -> None:
    """Waiting for a free connection is the server's doing: the trial counts, or its bad moments would vanish."""
    run = with_changed(in_result(lag=encoded([300.0] * 1500), scheduled=1640, unfinished=140), "rate")
    found = reason(run, "overloaded")
    assert found.severity == "caution"
    assert "never sent" in found.sentence
    assert response_blocks(summary(run)) == [1, 2, 3, 4]
    times = summary(run).response
    assert times is not None
    assert times.p99 is None
    assert reason(run, "beyond-timeout").severity == "caution"


def test_response_times_of_a_stack_at_which_requests_pile_up_are_not_compared() -> None:
    piled = in_result(completed=700, unfinished=300, scheduled=1640)
    run = with_changed(piled, "rate", (1, 2))
    assert "in 2 of 4 blocks" in reason(run, "times-overloaded").sentence
    analysis = analysed(run)
    assert {verdict.metric for verdict in analysis.verdicts} == {"throughput", "cpu_per_request", "memory"}
    assert analysis.answered
    plan = run.experiment.model_copy(update={"metrics": ("p50",)})
    assert not analysed(run.model_copy(update={"experiment": plan})).answered


@pytest.mark.parametrize(
    ("change", "blocks"),
    [
        # One block of four may be an accident; a server that stood still and caught up has kept up.
        (in_result(completed=700, unfinished=300, scheduled=1640), (1,)),
        (in_result(lag=encoded([0.1] * 1600 + [150.0] * 40)), (1, 2, 3, 4)),
    ],
)
def test_response_times_of_a_stack_that_kept_up_are_compared(change: Change, blocks: tuple[int, ...]) -> None:
    run = with_changed(change, "rate", blocks)
    assert "overloaded" in {one.name for one in summary(run).reasons}
    assert "p50" in {verdict.metric for verdict in analysed(run).verdicts}


def test_only_blocks_that_count_say_whether_requests_piled_up() -> None:
    """All fail for their errors: then there is nothing to compare, and nothing to say of it."""
    failing = in_result(completed=100, ok=100, failures={"status": 500}, scheduled=1640, unfinished=1040)
    run = with_changed(failing, "rate", (1, 2, 3, 4))
    assert "errors" in {one.name for one in summary(run).reasons if one.severity == "invalid"}
    assert "times-overloaded" not in {one.name for one in summary(run).reasons}


def test_a_stack_that_fails_more_than_one_request_in_a_hundred_is_not_ranked() -> None:
    analysis = analysed(make_run((*BUSY, Truth("quart@uvicorn", 5000, 190, failing=0.03))))
    stack = analysis.stack("quart@uvicorn")
    assert not stack.valid
    assert stack.throughput is None
    assert stack.errors.failed > 0
    assert "quart@uvicorn" not in analysis.ranking
    assert all("quart@uvicorn" not in (verdict.stack, verdict.against) for verdict in analysis.verdicts)
    assert any("status 500" in one.sentence for one in stack.reasons if one.severity == "invalid")


def test_bad_blocks_of_a_failing_stack_are_not_dropped_one_by_one() -> None:
    half = in_result(failures={"reset": 2000}, ok=5000, completed=5000, ok_in_window=5000)
    stack = summary(with_changed(half))
    assert not stack.valid
    assert throughput_blocks(stack) == []


def test_few_errors_are_a_caution_and_the_stack_is_ranked() -> None:
    analysis = analysed(make_run((*BUSY, Truth("quart@uvicorn", 5000, 190, failing=0.004))))
    stack = analysis.stack("quart@uvicorn")
    assert stack.valid
    assert [one.severity for one in stack.reasons if one.name == "errors"] == ["caution", "caution"]


def test_one_lost_trial_of_four_is_shown_and_the_others_count() -> None:
    run = with_changed(lost, blocks=(3,))
    found = reason(run, "no-result")
    assert (found.severity, found.blocks, found.sentence) == ("caution", (3,), "the server exited with status 3")
    assert throughput_blocks(summary(run)) == [1, 2, 4]


@pytest.mark.parametrize("blocks", [(3,), (2, 3), (1, 2, 3, 4)])
def test_what_the_failure_says_to_do_is_what_is_said(blocks: tuple[int, ...]) -> None:
    def with_remedy(trial: Trial) -> dict[str, Any]:
        return {**lost(trial), "remedy": Note(text="see whether the app waits for something")}

    name = "unstable-server" if len(blocks) == 2 else "no-result"
    assert reason(with_changed(with_remedy, blocks=blocks), name).remedy == "see whether the app waits for something"
    # Results of older versions have none.
    assert "webdyno serve" in reason(with_changed(lost, blocks=blocks), name).remedy


def test_a_stack_that_often_dies_is_not_flattered_by_its_survivors() -> None:
    run = with_changed(lost, blocks=(2, 3))
    assert reason(run, "unstable-server").severity == "invalid"
    assert not summary(run).valid


def test_a_stack_that_always_dies_says_why() -> None:
    run = with_changed(lost, blocks=(1, 2, 3, 4))
    assert reason(run, "no-result").severity == "invalid"
    assert "the server exited with status 3" in " ".join(analysed(run).sentences)


@pytest.mark.parametrize("blocks", [(3,), (2, 3), (1, 2, 3, 4)])
def test_what_helps_against_a_failure_is_told_where_it_is_known(blocks: tuple[int, ...]) -> None:
    name = "unstable-server" if len(blocks) == 2 else "no-result"
    known = with_changed(lambda trial: {**lost(trial), "remedy": Note(text="ask for --path /new/")}, blocks=blocks)
    assert reason(known, name).remedy == "ask for --path /new/"
    assert "by hand" in reason(with_changed(lost, blocks=blocks), name).remedy


def test_a_stack_that_failed_in_its_pilot_and_was_given_up_says_why() -> None:
    run = with_changed(lost, "pilot", (0,))
    run = run.model_copy(update={"trials": tuple(t for t in run.trials if t.stack != CHANGED or t.block == 0)})
    found = reason(run, "no-result")
    assert (found.severity, found.phase) == ("invalid", "pilot")


def test_a_stack_that_does_less_in_its_pilot_already_is_named_for_it() -> None:
    run = with_changed(lambda _: {"failure": Note(text="its Date header is off by -60 s")}, "pilot", (0,))
    run = run.model_copy(update={"trials": tuple(t for t in run.trials if t.stack != CHANGED or t.block == 0)})
    found = reason(run, "less-work")
    assert (found.severity, found.phase) == ("invalid", "pilot")
    assert "Date header" in found.sentence
    assert not summary(run).valid


def test_a_stack_without_one_right_answer_in_its_pilot_says_why() -> None:
    nothing = in_result(ok=0, completed=0, ok_in_window=0)
    why = Note(text="not one right answer: 43 protocol")
    run = with_changed(lambda trial: {**nothing(trial), "failure": why}, "pilot", (0,))
    run = run.model_copy(update={"trials": tuple(t for t in run.trials if t.stack != CHANGED or t.block == 0)})
    assert "43 protocol" in reason(run, "no-result").sentence


NOTHING_RIGHT = fact("nothing-right", window_s=1.0, what=fact("nothing-right.unanswered", count=43))


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (as_note(NOTHING_RIGHT), NOTHING_RIGHT),
        (Note(text="as a newer webdyno told it", what=fact("unheard-of")), "as a newer webdyno told it"),
        (Note(text="it exited"), "it exited"),
    ],
)
def test_why_a_trial_failed_is_part_of_the_reason_as_a_fact_where_it_is_known_here(
    failure: Note, why: Fact | str
) -> None:
    found = reason(with_changed(lambda trial: lost(trial) | {"failure": failure}, blocks=(2,)), "no-result")
    assert found.what.figures["why"] == why
    assert found.sentence == failure.text


def test_the_advice_of_a_failure_is_a_fact_too() -> None:
    advice = fact("more-time", timeout_s=10.0, longer_s=20.0)
    run = with_changed(lambda trial: lost(trial) | {"remedy": as_note(advice)}, blocks=(2,))
    found = reason(run, "no-result")
    assert found.advice == fact("as-said", remedy=advice)
    assert found.remedy.endswith("needs longer than 10 s: --timeout 20s")


def test_a_failure_of_an_older_document_is_its_text() -> None:
    trial = make_run().trials[0].model_dump() | {"failure": "it exited", "remedy": ""}
    read = Trial.model_validate(trial)
    assert (read.failure, read.remedy) == (Note(text="it exited"), None)
    assert Trial.model_validate(trial | {"remedy": "see why"}).remedy == Note(text="see why")


def test_an_idle_server_at_saturation_is_a_caution() -> None:
    stacks = (Truth(CHANGED, 600, 100), Truth(OTHER, 4000, 240))
    found = reason(make_run(stacks, rate=300.0), "server-not-limit")
    assert found.severity == "caution"
    assert "of a core" in found.sentence


def test_too_few_samples_for_p99_are_said_with_both_numbers() -> None:
    run = make_run((Truth(CHANGED, 9000, 105), Truth(OTHER, 4000, 240)), blocks=2, rate=100.0)
    found = reason(run, "few-samples")
    assert "1,000" in found.sentence
    assert not [verdict for verdict in analysed(run).verdicts if verdict.metric == "p99"]


def test_new_connections_for_every_request_and_notes_are_inequalities() -> None:
    run = make_run(
        (Truth(CHANGED, 9000, 105, reconnecting=1.0, notes=("it has no keep-alive",)), Truth(OTHER, 4000, 240))
    )
    sentences = [one.sentence for one in summary(run).reasons]
    assert sentences == ["it has no keep-alive", "100 % of the requests needed a new connection"]


def test_connections_that_the_generator_could_not_open_are_no_errors_of_the_server() -> None:
    def exhausted(trial: Trial) -> dict[str, Any]:
        assert trial.result
        engine = known(trial.result.engine).model_copy(update={"ports_exhausted": 2000})
        return in_result(engine=engine, failures={"connect": 2000})(trial)

    run = with_changed(exhausted, blocks=(2,))
    assert reason(run, "ports-exhausted").severity == "invalid"
    assert not [one for one in summary(run).reasons if one.name == "errors"]
    assert throughput_blocks(summary(run)) == [1, 3, 4]


def test_a_machine_with_one_cpu_is_told_once_and_leaves_no_trial_out() -> None:
    run = with_changed(in_engine(busy_s=0.97, core_wait_s=0.6))
    shared = run.model_copy(update={"cpus": run.cpus.model_copy(update={"apart": False})})
    assert throughput_blocks(summary(run)) == [2, 3, 4]
    assert throughput_blocks(summary(shared)) == [1, 2, 3, 4]
    assert [one.name for one in analysed(shared).reasons] == ["few-blocks", "shared-cpu"]


def test_the_worst_of_several_blocks_gives_the_figure() -> None:
    run = with_changed(in_system(steal_percent=2.0), blocks=(1, 3))
    run = with_changed(in_system(steal_percent=4.0), blocks=(2,), run=run)
    found = reason(run, "steal")
    assert found.blocks == (1, 2, 3)
    assert "4 %" in found.sentence


def test_the_machine_and_the_number_of_blocks_are_judged_once_for_the_run() -> None:
    run = make_run(BUSY, blocks=4, state="interrupted")
    run = run.model_copy(update={"cpus": run.cpus.model_copy(update={"apart": False, "pinned": False})})
    assert [one.name for one in analysed(run).reasons] == ["interrupted", "few-blocks", "shared-cpu", "not-pinned"]
    assert [one.name for one in analysed(make_run(BUSY, blocks=10)).reasons] == []


def test_a_damaged_histogram_is_an_error_of_ours_that_names_the_trial() -> None:
    with pytest.raises(StoreError, match=r"service histogram of the saturation trial of fastapi@granian in block 1"):
        analysed(with_changed(in_result(service="AAAA")))


def test_a_short_wait_for_a_new_connection_is_not_called_overload() -> None:
    assert not summary(with_changed(in_result(lag=encoded([3.0] * 1640), scheduled=1640), "rate")).reasons


def test_a_stack_without_a_usable_rate_trial_keeps_its_throughput_and_says_why_it_has_no_response_time() -> None:
    late = encoded([5.0] * 1640)
    run = with_changed(in_result(late=late, lag=late, scheduled=1640), "rate", (1, 2, 3, 4))
    assert summary(run).valid
    assert summary(run).response is None
    assert f"{CHANGED} has no response time: the load generator was overloaded" in " ".join(analysed(run).sentences)


@pytest.mark.parametrize(
    "plan", [{"precision": 0.03}, {"looks": ()}, {"looks": (3,)}], ids=["precise", "until the end", "until a look"]
)
def test_a_run_that_went_on_as_long_as_it_could_is_not_told_to_measure_more_blocks(plan: dict[str, object]) -> None:
    run = make_run(blocks=3)
    went_on = run.model_copy(update={"experiment": run.experiment.model_copy(update=plan)})
    assert [[reason.name for reason in analysed(one).reasons] for one in (run, went_on)] == [["few-blocks"], []]


def test_a_run_that_blocks_were_added_to_is_told_that_it_has_few() -> None:
    run = make_run(blocks=3)
    later = going_on(run, run.host, datetime.now(UTC)).model_copy(update={"state": "complete"})
    assert [reason.name for reason in analysed(later).reasons] == ["few-blocks"]


def test_a_log_that_was_cut_is_told_with_its_size() -> None:
    run = make_run(DEFAULT_TRUTHS[:2], blocks=2)
    loud = run.experiment.stacks[1]
    trials = tuple(
        trial.model_copy(update={"output_bytes": 1_400_000_000 if trial.stack == loud and trial.block else 2**20})
        for trial in run.trials
    )
    stacks = analysed(run.model_copy(update={"trials": trials})).stacks
    told = [reason for stack in stacks for reason in stack.reasons if reason.name == "much-output"]
    assert {reason.stack for reason in told} == {loud}
    assert all("the log was 1.40 GB, the first and last part were kept" in reason.sentence for reason in told)
