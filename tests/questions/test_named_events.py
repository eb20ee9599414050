"""A gate's events speak of `base` and `head`: by values, never by looking into a text."""

from __future__ import annotations

from tests.factories import Truth, make_run
from webdyno.lab.events import Event, Launching, Remark, TrialDone, remark
from webdyno.model.fact import fact
from webdyno.questions.named_events import Named
from webdyno.texts.catalogue import as_note, told

BASE, HEAD = "shop:app@uvicorn?cwd=/tmp/x", "shop:app@uvicorn?cwd=/tmp/x2"


def passed_on(event: Event) -> Event:
    seen: list[Event] = []
    Named(seen.append, {BASE: "base", HEAD: "head"})(event)
    return seen[0]


def test_a_remark_is_told_anew_with_the_names() -> None:
    what = fact("one-usable.alone", stack=HEAD)
    assert passed_on(remark(what, always=True)) == remark(fact("one-usable.alone", stack="head"), always=True)


def test_a_trial_and_why_it_failed_bear_the_names() -> None:
    run = make_run((Truth(BASE, 3000, 300), Truth(HEAD, 3000, 300)), blocks=1)
    failure = as_note(fact("partner-failed", stack=BASE))
    trial = next(trial for trial in run.trials if trial.stack == HEAD).model_copy(update={"failure": failure})
    event = passed_on(TrialDone(trial=trial))
    assert isinstance(event, TrialDone) and event.trial.failure and event.trial.stack == "head"
    assert event.trial.failure.text == told(fact("partner-failed", stack="base"))


def test_text_of_outside_is_passed_on_as_it_is() -> None:
    assert passed_on(Remark(text=f"{BASE} said so")) == Remark(text=f"{BASE} said so")
    launching = Launching(block=1, position=0, stack=BASE, remaining_s=1.0)
    assert passed_on(launching) == launching.model_copy(update={"stack": "base"})
