"""Probes of other packages: what they give, and what their faults cost."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.model.trial import ProbeFinding
from webdyno.probes.aside import MOST_BYTES, Aside, finding_of
from webdyno.probes.probe import Probe, Subject, Watcher

SUBJECT = Subject(None, "127.0.0.1", 80)
ENOUGH_S = 30.0


class Scripted(Watcher):
    """Notes what it is told, and does what it should in one of its steps."""

    def __init__(self, told: list[str], does: Callable[[str], object]) -> None:
        self.told, self.does = told, does

    def _step(self, name: str) -> object:
        self.told.append(name)
        return self.does(name)

    def start(self) -> None:
        self._step("start")

    def opened(self, at: float) -> None:
        self._step(f"opened {at:g}")

    def closed(self, at: float) -> None:
        self._step(f"closed {at:g}")

    def found(self) -> object:
        return self._step("found")

    def stop(self) -> None:
        self._step("stop")


def watched(does: Callable[[str], object], within_s: float = ENOUGH_S) -> tuple[ProbeFinding, list[str]]:
    told: list[str] = []
    aside = Aside(Probe("scripted", "", lambda subject: Scripted(told, does)), SUBJECT)
    aside.start()
    aside.opened(1)
    aside.closed(2)
    return aside.finding(time.monotonic() + within_s), told


def test_a_probe_is_started_told_of_the_window_asked_and_stopped() -> None:
    finding, told = watched(lambda step: {"seen": [1, None]} if step == "found" else None)
    assert finding == ProbeFinding(value={"seen": [1, None]})
    assert told == ["start", "opened 1", "closed 2", "found", "stop"]


def test_after_several_windows_it_is_asked_once() -> None:
    told: list[str] = []
    aside = Aside(Probe("scripted", "", lambda subject: Scripted(told, lambda step: None)), SUBJECT)
    aside.start()
    for at in (1, 3):
        aside.opened(at)
        aside.closed(at + 1)
    # Its trial has ended before anyone reads what it found.
    aside.end()
    assert aside.finding(time.monotonic() + ENOUGH_S).failure is None
    assert told == ["start", "opened 1", "closed 2", "opened 3", "closed 4", "found", "stop"]


@pytest.mark.parametrize("step", ["start", "opened 1", "closed 2", "found", "stop"])
@pytest.mark.parametrize("error", [ValueError("no\nsuch counter"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_probe_raises_is_its_failure_and_it_is_stopped(step: str, error: BaseException) -> None:
    def does(now: str) -> object:
        if now == step:
            raise error
        return now

    finding, told = watched(does)
    assert finding.failure and type(error).__name__ in finding.failure and "\n" not in finding.failure
    assert ("stop" in told) == (step != "start")


def test_a_probe_that_does_not_come_back_is_not_waited_for() -> None:
    released = Event()
    finding, _ = watched(lambda step: released.wait(ENOUGH_S) if step == "opened 1" else None, within_s=0.01)
    released.set()
    assert finding.failure == "it did not come back within 2 s after the window"


def test_a_probe_without_a_window_is_stopped_and_says_so() -> None:
    told: list[str] = []
    aside = Aside(Probe("scripted", "", lambda subject: Scripted(told, lambda step: None)), SUBJECT)
    aside.start()
    assert aside.finding(time.monotonic() + ENOUGH_S).failure == "it was not asked: no window was measured"
    assert told == ["start", "stop"]


def deep() -> object:
    value: object = 1
    for _ in range(sys.getrecursionlimit() * 2):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "JSON"),
        (object(), "JSON"),
        (10**5000, "JSON"),
        ("\ud800", "JSON"),
        ("x" * MOST_BYTES, "bytes of JSON"),
        (deep(), ""),
        ([[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]], "deep"),
    ],
    ids=["nan", "object", "huge-number", "surrogate", "long", "endless", "deep"],
)
def test_what_cannot_be_kept_is_told_and_not_kept(value: object, why: str) -> None:
    finding = finding_of(value)
    assert finding.value is None
    assert finding.failure and why in finding.failure


NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-50)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inside),
    max_leaves=10,
)


@given(JSON)
def test_what_a_probe_gives_is_read_from_a_document_as_it_was(value: object) -> None:
    finding = finding_of(value)
    assert finding.value == value and finding.failure is None
    assert ProbeFinding.model_validate_json(finding.model_dump_json()) == finding
