"""What the terminal shows of a machine: 80 columns, plain ASCII, why and what to do where it matters."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console, Group

from tests.factories import Truth, make_run
from tests.machines import BUSY, QUIET, UNSEEN
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.machine.fitness import Fitness, Same, same
from webdyno.analysis.machine.judge_machine import judge_machine
from webdyno.model.floor import MarginFloor
from webdyno.model.machine import MachineFacts
from webdyno.model.run import Run
from webdyno.report.comparison.markdown import to_markdown
from webdyno.report.comparison.terminal import render
from webdyno.report.doctor import render_checks, render_same
from webdyno.report.html.page import render as html
from webdyno.report.json_document import to_json
from webdyno.texts.catalogue import told

TWINS = (Truth("flask@gunicorn", 3000, 300), Truth("flask@gunicorn?workers=1", 3000, 300))


def shown(what: Group) -> str:
    out = io.StringIO()
    Console(file=out, width=80, highlight=False).print(what)
    return out.getvalue()


def checked(facts: MachineFacts) -> str:
    return shown(render_checks(facts.host, judge_machine(facts)))


def compared(run: Run) -> Same:
    return same(run, analyse(run), "abc")


def twins(blocks: int = 8) -> Run:
    return make_run(TWINS, blocks=blocks)


@pytest.mark.parametrize("facts", [QUIET, UNSEEN, BUSY], ids=["quiet", "unseen", "busy"])
def test_every_line_fits_80_columns_and_is_ascii_without_control_characters(facts: MachineFacts) -> None:
    text = checked(facts)
    assert text.isascii()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_fault_is_shown_with_its_reason_and_remedy_and_the_states_are_counted() -> None:
    lines = checked(BUSY).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("warning governor"))
    assert lines[at : at + 3] == [
        "warning governor     powersave",
        "                     a CPU that changes its speed moves every figure",
        "                     -> sudo cpupower frequency-set -g performance",
    ]
    assert lines[-1] == "2 ok, 5 warning, 7 bad of 14"


def test_a_remedy_that_several_share_is_told_once() -> None:
    assert checked(BUSY).count("-> stop the other processes") == 1


def test_a_stack_against_itself_ends_in_one_line_and_in_the_margins() -> None:
    text = shown(render_same(compared(twins()), kept=".webdyno/machine-abc.json"))
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    assert "flask@gunicorn against itself, 8 blocks in" in text
    table = text[text.index("ratio of the two") :].split("\n\n")[0].splitlines()[1:]
    assert len(table) == 5
    assert all("x (95 % CI" in line and line.endswith(" % on") for line in table)
    assert "The smallest difference that can be seen here in 2 min is about" in text
    assert "machine-abc.json" in text.replace("\n", "")


def test_a_quiet_machine_leaves_the_margin_and_a_noisy_one_raises_it() -> None:
    found = compared(twins())
    assert found.floor
    for x, said in ((0.004, "stays at 2 % here"), (0.061, "raised from 2 % here: throughput 6.1 %")):
        floor = found.floor.model_copy(update={"differences": {"throughput": x}})
        assert said in " ".join(shown(render_same(found.model_copy(update={"floor": floor}))).split())


def test_too_few_blocks_or_an_interruption_give_no_figure_and_say_why() -> None:
    assert "it takes 4 valid blocks (valid: 3 of 3)" in told(compared(twins(blocks=3)).what)
    cut = twins().model_copy(update={"state": "interrupted"})
    assert compared(cut).floor is None
    assert "it was interrupted" in told(compared(cut).what)


def test_a_machine_that_spoils_the_trials_is_told_by_name_and_the_stack_itself_is_not() -> None:
    run = twins()
    trials = []
    for trial in run.trials:
        assert trial.resources
        system = trial.resources.system.model_copy(update={"steal_percent": 9.0})
        resources = trial.resources.model_copy(update={"system": system})
        trials.append(trial.model_copy(update={"resources": resources}))
    found = compared(run.model_copy(update={"trials": tuple(trials)}))
    assert [reason.name for reason in found.reasons] == ["steal"]
    assert found.floor is None
    assert "9 % of the CPU time away" in shown(render_same(found))


def test_the_document_reads_back() -> None:
    fitness = Fitness(
        started=datetime(2026, 11, 21, tzinfo=UTC),
        machine="abc",
        facts=BUSY,
        checks=judge_machine(BUSY),
        same=compared(twins()),
    )
    text = fitness.model_dump_json(by_alias=True)
    assert Fitness.model_validate_json(text) == fitness


def test_a_raised_margin_stands_in_every_form_of_a_report() -> None:
    run = make_run(TWINS, blocks=4, rate=None)
    floor = MarginFloor(
        machine="abc",
        measured=datetime(2026, 11, 21, tzinfo=UTC),
        seconds=120.0,
        blocks=8,
        differences={"throughput": 0.77},
    )
    run = run.model_copy(update={"floor": floor})
    found = analyse(run)
    terminal = " ".join(shown(render(run, found)).split())
    for text in (terminal, html(run, found), to_markdown(run, found), to_json(run, found)):
        assert "raised from 2 % to 77 % for throughput" in text
    assert "~ the same to within 77 %" in terminal
