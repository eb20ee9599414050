"""A duet: what a request costs is told, throughput and response times are not, and every report says so."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console

from tests.factories import Truth, analysed, make_run
from tests.known import known
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.model.trial import Trial
from webdyno.report.comparison.markdown import to_markdown
from webdyno.report.comparison.terminal import render as terminal
from webdyno.report.comparison.view import view
from webdyno.report.html.page import render as html
from webdyno.report.html.tables import ranking
from webdyno.report.json_document import to_json

LESS, MORE = "less:app@gunicorn", "more:app@gunicorn"
TRUTHS = (Truth(LESS, 240, 4000), Truth(MORE, 228, 4200))
MARK = "both ran at once on the same cores"


def duet(run: Run, **engine: object) -> Run:
    """The run as if both had been measured at once."""
    trials = tuple(as_duet(trial, engine) if trial.block else trial for trial in run.trials)
    plan = run.experiment.model_copy(update={"design": "duet", "metrics": ("cpu_per_request",)})
    return run.model_copy(update={"trials": trials, "experiment": plan})


def as_duet(trial: Trial, engine: Mapping[str, object]) -> Trial:
    assert trial.result
    use = known(trial.result.engine).model_copy(update=engine)
    return trial.model_copy(
        update={"phase": "duet", "result": trial.result.model_copy(update={"engine": use})},
    )


RUN = duet(make_run(TRUTHS, blocks=12, rate=None))


def test_what_a_request_costs_is_decided_and_nothing_else_is_told() -> None:
    analysis = analysed(RUN)
    assert [verdict.metric for verdict in analysis.verdicts] == ["cpu_per_request"]
    verdict = analysis.verdict("cpu_per_request", MORE)
    assert verdict
    assert verdict.ratio.value == pytest.approx(1.05, abs=0.015)
    assert analysis.answered
    assert analysis.ranking == ()
    assert analysis.contrasts == ()
    for stack in analysis.stacks:
        assert stack.valid
        assert (stack.throughput, stack.saturation, stack.response) == (None, None, None)
        assert stack.cpu_per_request_us
        assert stack.memory.rss_peak


def test_stacks_stand_in_one_order_in_every_report_though_a_duet_ranks_none() -> None:
    lost = tuple(
        trial.model_copy(update={"result": None, "failure": Note(text="it ended")}) if trial.stack == LESS else trial
        for trial in RUN.trials
    )
    run = RUN.model_copy(update={"trials": lost})
    analysis = analysed(run)
    assert [(stack.label, stack.notation) for stack in analysis.best_first] == [("A", MORE), ("B", LESS)]
    assert [row.notation for row in view(run, analysis).rows] == [MORE, LESS]
    assert [row.name.notation for row in ranking(run, analysis)] == [MORE, LESS]


def test_it_is_told_in_words_beside_how_it_was_measured() -> None:
    analysis = analysed(RUN)
    (sentence,) = analysis.sentences
    assert sentence.startswith(f"The CPU time per request of {MORE} is 1.0")
    assert "duet" in [reason.name for reason in analysis.reasons]


def test_a_busy_generator_is_no_reason_in_a_duet_since_it_disturbs_both_alike() -> None:
    busy = {"busy_s": 0.99, "core_wait_s": 0.5, "render_s": 0.1}
    alone = make_run(TRUTHS, blocks=2, rate=None)
    in_turn = alone.model_copy(
        update={
            "trials": tuple(as_duet(trial, busy).model_copy(update={"phase": trial.phase}) for trial in alone.trials)
        }
    )
    assert not any(stack.valid for stack in analysed(in_turn).stacks)
    assert all(stack.valid for stack in analysed(duet(alone, **busy)).stacks)


def test_what_the_machine_takes_from_both_is_told_and_counts() -> None:
    def stolen(trial: Trial) -> Trial:
        assert trial.resources
        system = trial.resources.system.model_copy(update={"steal_percent": 20.0})
        return trial.model_copy(update={"resources": trial.resources.model_copy(update={"system": system})})

    run = RUN.model_copy(update={"trials": tuple(map(stolen, RUN.trials))})
    analysis = analysed(run)
    assert analysis.answered
    assert {(one.name, one.severity) for one in analysis.stack(LESS).reasons} == {("steal", "caution")}


def test_a_duet_that_lost_one_of_its_stacks_is_not_answered() -> None:
    trials = tuple(
        trial.model_copy(update={"result": None, "resources": None, "failure": Note(text="it ended")})
        if trial.stack == MORE and trial.block
        else trial
        for trial in RUN.trials
    )
    analysis = analysed(RUN.model_copy(update={"trials": trials}))
    assert not analysis.answered
    assert [stack.valid for stack in analysis.stacks] == [True, False]


def test_before_its_first_block_it_says_that_only_the_pilot_was_measured() -> None:
    pilots = tuple(trial for trial in RUN.trials if not trial.block)
    analysis = analysed(RUN.model_copy(update={"trials": pilots, "state": "interrupted"}))
    assert {reason.name for stack in analysis.stacks for reason in stack.reasons} == {"not-measured"}


def test_every_report_says_that_it_is_a_duet() -> None:
    analysis, out = analysed(RUN), io.StringIO()
    Console(file=out, width=80, highlight=False).print(terminal(RUN, analysis, width=80))
    texts = (out.getvalue(), to_markdown(RUN, analysis), html(RUN, analysis), to_json(RUN, analysis))
    for text in texts:
        assert MARK in " ".join(text.split())
    for text in texts[:3]:
        assert "duet, both at once" in " ".join(text.split())
