"""A gate is told in 80 columns and as Markdown, by `base` and `head`, whatever the refs are called."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from rich.console import Console

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.analysis.gate.judge_gate import Gate, judge_gate
from webdyno.analysis.gate.limit import parse_limit
from webdyno.model.fact import fact
from webdyno.model.run import Run
from webdyno.model.side import Side
from webdyno.report.gate.tell import failure_markdown, gate_markdown, gate_terminal, gate_view

HOSTILE = "x``<img src=y>|\x1b[31m`"
BASE = Side(name="base", asked="main", commit="a" * 40, stack="shop:app@uvicorn?app_dir=/tmp/gate/base")
HEAD = Side(name="head", asked="HEAD", commit="b" * 40, stack="shop:app@uvicorn?app_dir=/tmp/gate/head")
LIMITS = [parse_limit(text) for text in ("cpu_per_request > +5%", "throughput < -50%", "p99 > +10%")]
Told = tuple[Gate, Sequence[tuple[Run, Analysis]]]


def told(*cpu: float, failing: float = 0.0, blocks: int = 6, head: Side = HEAD) -> Told:
    """A gate with one measurement for each ratio of CPU time."""
    runs = [
        make_run(
            (Truth(BASE.stack, 4000, 240), Truth(head.stack, 4000, 240 * ratio, failing=failing)),
            blocks=blocks,
            seed=seed,
            rate=500.0,
        )
        for seed, ratio in enumerate(cpu, 1)
    ]
    analyses = [analysed(run) for run in runs]
    measured = list(zip(runs, analyses, strict=True))
    return judge_gate(LIMITS, measured, BASE, head), measured


def terminal(gate: Told) -> str:
    console = Console(width=80, highlight=False)
    with console.capture() as capture:
        console.print(gate_terminal(*gate, stored="results.db"))
    return capture.get()


def test_the_terminal_shows_every_metric_and_what_each_limit_comes_to() -> None:
    text = terminal(told(1.3, 1.3))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "webdyno gate: regression" in text
    assert "main (aaaaaaaa)" in text
    for metric in ("throughput", "CPU time per request", "median response time", "p99 response time", "peak memory"):
        assert metric in text
    sentence = " ".join(text[text.index("* CPU") : text.index("* throughput")].split())
    assert re.search(
        r"\+[23]\d % \(95 % CI .+\), measured again \+[23]\d % \(.+beyond the limit of \+5 % both times", sentence
    )
    assert "results.db" in text


@pytest.mark.parametrize("cpu", [(1.0,), (1.3, 1.3)], ids=["once", "twice"])
def test_the_markdown_is_one_table_of_equal_columns(cpu: tuple[float, ...]) -> None:
    markdown = gate_markdown(*told(*cpu))
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) == 7
    assert len({line.count("|") for line in rows}) == 1
    assert ("measured again" in rows[0]) == (len(cpu) > 1)
    assert ("**regression**" in markdown) == (len(cpu) > 1)


def test_temporary_paths_are_told_as_base_and_head() -> None:
    gate = told(1.0, failing=0.5)
    for text in (terminal(gate), gate_markdown(*gate)):
        assert "head has no valid measurement" in text
        assert "/tmp/gate" not in text


def test_notes_of_the_second_measurement_say_so_and_repeat_nothing() -> None:
    gate, measured = told(1.3, 1.3, failing=0.005)
    errors = [note for note, _ in gate_view(gate, measured).notes if "requests failed" in note]
    assert errors
    assert any(note.startswith("measured again: head: ") for note in errors)
    assert any(note.startswith("head: ") for note in errors)
    shown = [note.removeprefix("measured again: ") for note, _ in gate_view(gate, measured).notes]
    assert len(shown) == len(set(shown))


def test_the_document_has_what_each_limit_comes_to_as_a_fact_and_in_words() -> None:
    gate, measured = told(1.3, 1.3)
    (cpu, *_) = json.loads(gate.model_dump_json())["changes"]
    assert (cpu["what"]["key"], cpu["what"]["figures"]["limit"]) == ("gate.regression", 0.05)
    assert cpu["sentence"] in gate_view(gate, measured).sentences


def test_the_interpreter_of_a_ref_is_no_news() -> None:
    noted = fact("interpreter", python="/tmp/gate/env-base/bin/python", why=fact("python.asked"))
    truths = (Truth(BASE.stack, 4000, 240, notes=(noted,)), Truth(HEAD.stack, 4000, 240, notes=("it is new",)))
    run = make_run(truths)
    measured = [(run, analysed(run))]
    notes = [note for note, _ in gate_view(judge_gate(LIMITS, measured, BASE, HEAD), measured).notes]
    assert "head: it is new" in notes and not any("interpreter" in note for note in notes)
    base, head = (side.model_copy(update={"commit": None}) for side in (BASE, HEAD))
    notes = [note for note, _ in gate_view(judge_gate(LIMITS, measured, base, head), measured).notes]
    assert any("interpreter" in note for note in notes)


def test_ratios_to_another_stack_are_not_spoken_of() -> None:
    run = make_run((Truth(BASE.stack, 4000, 240, failing=0.5), Truth(HEAD.stack, 4000, 240)))
    assert any(reason.name == "baseline-invalid" for reason in analysed(run).reasons)
    gate = judge_gate(LIMITS, [(run, analysed(run))], BASE, HEAD)
    assert gate.outcome == "not measured"
    assert "ratios refer" not in gate_markdown(gate, [(run, analysed(run))])


def test_a_gate_speaks_of_no_verdicts_and_of_no_correction() -> None:
    gate = told(1.0, 1.01, 0.99)
    for text in (terminal(gate), gate_markdown(*gate)):
        assert "verdicts" not in text and "Holm" not in text


def test_what_reaches_over_a_limit_is_inconclusive_everywhere_with_the_interval_and_the_remedy() -> None:
    gate = told(1.049, blocks=3)
    shown = gate_view(*gate)
    assert shown.title == "webdyno gate: INCONCLUSIVE"
    (sentence,) = (sentence for sentence in shown.sentences if sentence.startswith("CPU"))
    assert re.search(
        r"\(95 % CI .+ to .+, 3 blocks\): INCONCLUSIVE against the limit of \+5 %: about \d+ more", sentence
    )
    assert re.search(r"would decide: --blocks \d+$", sentence)
    assert "INCONCLUSIVE" in terminal(gate)
    assert "| **INCONCLUSIVE** |" in gate_markdown(*gate)


def test_where_the_time_set_the_number_of_blocks_more_time_is_what_is_asked_for() -> None:
    _, measured = told(1.049, blocks=3)
    run, analysis = measured[0]
    looked = run.model_copy(update={"experiment": run.experiment.model_copy(update={"looks": ()})})
    measured = [(looked, analysis)]
    shown = gate_view(judge_gate(LIMITS, measured, BASE, HEAD), measured)
    (asked,) = (re.search(r"--max-time (\d+)s$", one) for one in shown.sentences if one.startswith("CPU"))
    assert asked
    assert int(asked[1]) > run.measured_s


def test_a_regression_names_the_other_limits_that_are_inconclusive() -> None:
    limits = [parse_limit("cpu_per_request > +5%"), parse_limit("memory > +0.1%")]
    measured = told(1.3, 1.3)[1]
    shown = gate_view(judge_gate(limits, measured, BASE, HEAD), measured)
    assert shown.title == "webdyno gate: regression, 1 limit INCONCLUSIVE"


def test_a_hostile_ref_neither_colours_a_terminal_nor_leaves_its_code_span() -> None:
    gate = told(1.0, head=HEAD.model_copy(update={"asked": HOSTILE}))
    assert "\x1b" not in terminal(gate)
    (line,) = (line for line in gate_markdown(*gate).splitlines() if line.startswith("- head"))
    fence = line.removeprefix("- head: ")
    ticks = len(fence) - len(fence.lstrip("`"))
    assert ticks > 2
    assert fence.endswith("`" * ticks)
    assert "`" * ticks not in fence[ticks:-ticks]


def test_a_failure_is_markdown_with_its_remedy_and_no_markup_of_its_own() -> None:
    text = failure_markdown("head (<b>x</b>) cannot be measured\x07", "mend *it*")
    assert "<b>" not in text
    assert "\x07" not in text
    assert "mend \\*it\\*" in text
