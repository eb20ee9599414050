"""What bodies were is told once for each stack, and never held against it."""

from __future__ import annotations

import pytest

from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.validity.reason import ValidityReason
from webdyno.model.run import Run
from webdyno.model.trial import Bodies
from webdyno.model.workload import Example, Expected

from ...factories import Truth, make_run

STACK = "shop:app@uvicorn"


def run_with(bodies: Bodies = Bodies(), expected: Expected = Expected()) -> Run:  # noqa: B008 - frozen
    """A run of one stack whose every trial saw these bodies."""
    run = make_run((Truth(STACK, 3000, 300),), blocks=2)
    return run.model_copy(
        update={
            "stacks": tuple(record.model_copy(update={"expected": expected}) for record in run.stacks),
            "trials": tuple(
                trial.model_copy(update={"result": trial.result and trial.result.model_copy(update={"bodies": bodies})})
                for trial in run.trials
            ),
        }
    )


def reasons(run: Run) -> list[ValidityReason]:
    (stack,) = analyse(run).stacks
    assert stack.valid
    return [reason for reason in stack.reasons if "bodies" in reason.name]


def test_nothing_is_said_of_bodies_that_stayed_the_same() -> None:
    assert reasons(run_with(Bodies(looked=300), Expected(examples=(Example(body=b"ok"),)))) == []


def test_bodies_that_vary_are_a_remark_which_is_made_once() -> None:
    (reason,) = reasons(run_with(Bodies(looked=300, varied=1)))
    assert (reason.name, reason.severity) == ("bodies-vary", "caution")
    assert "only status, media type and JSON shape are checked" in reason.sentence
    assert "--expect-json" in reason.remedy


def test_first_answers_that_differed_are_the_same_remark() -> None:
    first = Expected(examples=(Example(body=b"worker 1"), Example(body=b"worker 2")))
    (reason,) = reasons(run_with(Bodies(looked=300), first))
    assert reason.name == "bodies-vary"


def test_bodies_of_another_kind_are_told_with_one_of_them_in_place_of_that_remark() -> None:
    (reason,) = reasons(run_with(Bodies(looked=300, varied=9, misshapen=2, misfits=("no JSON: b'\x1bbusy'",))))
    assert (reason.name, reason.severity) == ("unexpected-bodies", "caution")
    trials = len(make_run((Truth(STACK, 3000, 300),), blocks=2).trials)
    assert f"of {300 * trials:,} bodies that were looked into, {2 * trials:,} were of another kind" in reason.sentence
    assert "such as no JSON" in reason.sentence
    assert reason.sentence.isprintable()


@pytest.mark.parametrize("why", ["the body's encoding 'br' cannot be read; ask for gzip", "they are longer than 1 MiB"])
def test_bodies_that_cannot_be_looked_into_are_told_with_the_reason(why: str) -> None:
    (reason,) = reasons(run_with(expected=Expected(unread=why)))
    assert (reason.name, reason.severity) == ("bodies-unread", "caution")
    assert why in reason.sentence
