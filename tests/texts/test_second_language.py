"""A second language: each text of the catalogue in brackets; what reads as a sentence is shown inside of them."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pytest
from rich.console import Console, Group

from tests.analysis.comparison.test_explanation import TRUTHS
from tests.factories import DEFAULT_TRUTHS, Truth, analysed, make_run
from tests.load_runs import load_run
from tests.machines import BUSY, QUIET, UNSEEN
from webdyno.analysis.gate.judge_gate import judge_gate
from webdyno.analysis.gate.limit import parse_limit
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.analysis.load.threshold import parse_threshold
from webdyno.analysis.machine.fitness import same
from webdyno.analysis.machine.judge_machine import judge_machine
from webdyno.cli.progress import Progress
from webdyno.errors import ContractBroken, MeasurementError
from webdyno.lab.contract import learn_expected
from webdyno.lab.events import BlockDone, PilotDone, RunStarted, StackReady, TrialDone, remark, setting_up
from webdyno.model.fact import fact
from webdyno.model.load import OpenLoad
from webdyno.model.machine import MachineFacts
from webdyno.model.run import Run
from webdyno.model.side import Side
from webdyno.model.verdict import Closing
from webdyno.model.workload import Workload
from webdyno.questions.analysed import result_of
from webdyno.report.comparison.explain import render_explanation
from webdyno.report.comparison.markdown import to_markdown
from webdyno.report.comparison.terminal import render
from webdyno.report.doctor import render_checks, render_same
from webdyno.report.gate.tell import gate_markdown, gate_terminal
from webdyno.report.html import page
from webdyno.report.load.comparison import compare_loads
from webdyno.report.load.terminal import render as load_screen
from webdyno.serving.launch_request import Answer
from webdyno.serving.ready import misplaced, port_taken
from webdyno.serving.sockets import Listener
from webdyno.texts.catalogue import CATALOGUES, as_note, told
from webdyno.texts.failure import notes_of

NO_TEXT = re.compile(r"<(style|script|pre|code)\b.*?</\1>|<[^>]*>", re.DOTALL)
# What servers and errors say.
FROM_OUTSIDE = ("(most recent call last)", "the server exited with status 1 during the load")
SENTENCE = re.compile(r"[A-Za-z]?[a-z]+(?:,? [a-z]+){3,}")


@pytest.fixture(autouse=True)
def in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUES, "en", {key: f"⟦{text}⟧" for key, text in CATALOGUES["en"].items()})


def shown(what: Group) -> str:
    console = Console(width=100, highlight=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def left_out(text: str) -> list[str]:
    """The sentences that stand outside of all brackets."""
    depth, outside = 0, []
    for char in text:
        depth += {"⟦": 1, "⟧": -1}.get(char, 0)
        outside.append(char if depth == 0 else "")
    assert depth == 0
    written = "".join(outside)
    for text in FROM_OUTSIDE:
        written = written.replace(text, "")
    return SENTENCE.findall(written)


def noted(run: Run) -> Run:
    """The run with notes that were written in the first language."""
    notes = (as_note(fact("no-fixed-rate")), as_note(fact("short-limit", blocks=2, about_s=300.0)))
    return run.model_copy(update={"notes": tuple(note.model_copy(update={"text": "in English"}) for note in notes)})


def failed(error: MeasurementError) -> Run:
    """A run with a stack that failed in each block, by an error that was told in the first language."""
    why, remedy = (note and note.model_copy(update={"text": "told in plain English"}) for note in notes_of(error))
    assert why
    bad = Truth("flask@waitress", 3010, 300, broken_blocks=(1, 2, 3), failure=why, remedy=remedy)
    return make_run((Truth("flask@gunicorn", 3000, 300), bad), blocks=3)


def not_started() -> MeasurementError:
    error = misplaced((Listener("127.0.0.1", 8001, 1),), ("127.0.0.1", 8000))
    assert error
    return error


def broken(**expected: Any) -> MeasurementError:
    answer = Answer(400, (), b"Bad Request", truncated=False, startup_s=0.1, host="shop")
    with pytest.raises(ContractBroken) as raised:
        learn_expected(Workload(name="GET /", **expected), [answer])
    return raised.value


RUNS = {
    "not started": lambda: failed(not_started()),
    "taken": lambda: failed(port_taken(1, ("127.0.0.1", 1))),
    "other status": lambda: failed(broken()),
    "other body": lambda: failed(broken(status=400, body=b"ok")),
    "default": lambda: make_run(),
    "noted": lambda: noted(make_run(blocks=3, rate=None)),
    "one block": lambda: make_run(DEFAULT_TRUTHS[:3], blocks=1),
    "alike": lambda: make_run((Truth("flask@gunicorn", 3000, 300), Truth("flask@waitress", 3010, 300)), blocks=8),
    "interrupted": lambda: make_run(DEFAULT_TRUTHS[:2]).model_copy(update={"state": "interrupted"}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_comparison_is_told_from_the_catalogue(name: str) -> None:
    run = RUNS[name]()
    analysis = analysed(run)
    assert left_out(shown(render(run, analysis, width=100, colour=False))) == []
    assert left_out(to_markdown(run, analysis)) == []
    assert left_out(html.unescape(NO_TEXT.sub(" | ", page.render(run, analysis)))) == []


def test_why_a_stack_failed_and_what_to_do_is_told_from_the_catalogue() -> None:
    run = failed(broken())
    analysis = analysed(run)
    for text in (
        shown(render(run, analysis, width=1000, colour=False)),
        to_markdown(run, analysis),
        html.unescape(page.render(run, analysis)),
        "".join(map(told, (why for stack in analysis.stacks for why in stack.why_not))),
    ):
        assert "plain English" not in text
        assert "⟦it responded to GET / with ⟦status 400⟧, where ⟦any 2xx⟧ is expected⟧" in text


def test_the_page_tells_verdicts_reasons_notes_and_captions_from_the_catalogue() -> None:
    run = noted(make_run(blocks=3))
    text = html.unescape(page.render(run, analysed(run)))
    for start in ("<h1>", '<p class="remedy">', '<p class="remark">', "<figcaption><h3>", "</h3><p>"):
        assert {found[0] for found in re.findall(re.escape(start) + "(.)", text)} == {"⟦"}, start
    assert text.count("⟦response times at a fixed rate were not measured") == 1
    assert "in English" not in text


@pytest.mark.parametrize("cpu", [(1.0,), (1.049,), (1.3, 1.3), (1.3, 1.0)])
@pytest.mark.parametrize("failing", [0.0, 0.005, 0.5])
@pytest.mark.parametrize("blocks", [1, 6])
def test_a_gate_is_told_from_the_catalogue(cpu: tuple[float, ...], failing: float, blocks: int) -> None:
    base, head = (
        Side(name=name, asked=name, commit=letter * 40, stack=f"shop:app@uvicorn?app_dir=/{name}")
        for name, letter in (("base", "a"), ("head", "b"))
    )
    runs = [
        make_run(
            (Truth(base.stack, 4000, 240), Truth(head.stack, 4000, 240 * ratio, failing=failing)),
            blocks=blocks,
            seed=seed,
            rate=500.0,
        )
        for seed, ratio in enumerate(cpu, 1)
    ]
    measured = [(run, analysed(run)) for run in runs]
    limits = [parse_limit(text) for text in ("cpu_per_request > +5%", "throughput < -50%", "memory > +0.1%")]
    notes = (as_note(fact("side.uncommitted", files=2)),)
    gate = judge_gate(limits, measured, base, head, notes)
    assert left_out(shown(gate_terminal(gate, measured, width=100))) == []
    assert left_out(gate_markdown(gate, measured)) == []


@pytest.mark.parametrize("facts", [QUIET, UNSEEN, BUSY], ids=["quiet", "unseen", "busy"])
def test_a_machine_is_told_from_the_catalogue(facts: MachineFacts) -> None:
    assert left_out(shown(render_checks(facts.host, judge_machine(facts), width=100))) == []


@pytest.mark.parametrize("blocks", [1, 8])
@pytest.mark.parametrize("kept", ["", "machine.json"])
def test_a_stack_against_itself_is_told_from_the_catalogue(blocks: int, kept: str) -> None:
    run = make_run((Truth("flask@gunicorn", 3000, 300), Truth("flask@gunicorn?workers=1", 3000, 300)), blocks=blocks)
    assert left_out(shown(render_same(same(run, analysed(run), "abc"), width=100, kept=kept))) == []


LOADS = {
    "closed": load_run(np.full(20_000, 1e6)),
    "open, with errors": load_run(
        np.full(2000, 1e6), load=OpenLoad(rate=300.0), failures={"timeout": 400, "status": 30}, dropped=70
    ),
    "no response": load_run(np.array([]), failures={"connect": 9}),
    "slow": load_run(np.full(90, 1e8), steal_percent=12.0),
}


@pytest.mark.parametrize("name", LOADS)
def test_a_load_is_told_from_the_catalogue(name: str) -> None:
    run, earlier = LOADS[name], LOADS["closed"].model_copy(update={"method": "POST", "body_bytes": 9})
    conditions = [parse_threshold(text) for text in ("p99<1ms", "p99.9<1s", "errors<1%", "throughput>4000")]
    analysis = analyse_load(run, conditions)
    beside = compare_loads((run, analysis), (earlier, analyse_load(earlier)), "old.json")
    assert left_out(shown(load_screen(run, analysis, beside, width=100))) == []


def test_an_explanation_is_told_from_the_catalogue() -> None:
    run = make_run(TRUTHS, blocks=6, rate=None)
    analysis = result_of(run).analysis
    assert analysis.explanation
    assert left_out(shown(render_explanation(analysis.explanation, width=100))) == []
    assert left_out(html.unescape(NO_TEXT.sub(" | ", page.render(run, analysis)))) == []


def test_progress_is_told_from_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(DEFAULT_TRUTHS[:4], blocks=3)
    closing = Closing(
        metric="throughput", stack="quart@granian", against="flask@gunicorn", half_width=0.04, more_blocks=6
    )
    with Progress(quiet=False) as progress:
        progress(setting_up("flask@gunicorn", fact("setting-up.app", app="shop:app", python="python3")))
        for record in run.stacks:
            progress(StackReady(record=record))
        progress(RunStarted(run_id=run.id, remaining_s=150.0))
        progress(PilotDone(rate=OpenLoad(rate=1500), blocks=None, remaining_s=140.0))
        for trial in run.trials:
            progress(TrialDone(trial=trial))
        progress(BlockDone(block=3, closings=(closing,), remaining_s=62.4))
        progress(remark(fact("looked.undecided", blocks=3, left_s=60.0)))
    assert left_out(capsys.readouterr().err) == []
