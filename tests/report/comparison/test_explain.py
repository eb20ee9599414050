import json

import pytest
from rich.console import Console

from tests.analysis.comparison.test_explanation import FASTAPI, FLASK, TRUTHS
from tests.factories import analysed, make_run
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.analysis.comparison.explanation import explain
from webdyno.model.notation import parse_notation
from webdyno.questions.analysed import result_of
from webdyno.report.comparison.explain import drawn, render_explanation
from webdyno.report.comparison.markdown import to_markdown
from webdyno.report.comparison.terminal import render as terminal
from webdyno.report.html.page import render as html
from webdyno.report.json_document import to_json
from webdyno.stacks.layers import layered

RUN = make_run(TRUTHS, blocks=6, rate=None)


def explained() -> Analysis:
    """The analysis as `webdyno report` tells it: with the explanation that the run's stacks allow."""
    return result_of(RUN).analysis


def shown(width: int) -> str:
    sides = [layered(parse_notation(text)) for text in (FLASK, FASTAPI)]
    found = explain(analysed(make_run(TRUTHS, blocks=6, rate=None)), *sides)
    assert found
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(render_explanation(found, width=width))
    return capture.get()


def test_it_fits_into_80_columns_of_ascii() -> None:
    for width in (80, 100, 200):
        text = shown(width)
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= min(width, 100)


def test_every_part_is_named_with_its_factor_and_interval_and_drawn_to_scale() -> None:
    text = shown(80)
    assert f"{FASTAPI} has 2.7" in text
    for part in ("server, its interface", "framework, with a def", "async def in place", "CPU left unused"):
        line = next(line for line in text.splitlines() if part in line)
        assert "x" in line and "95 % CI" in line
    bars = [line.strip() for line in text.splitlines() if set(line.strip()) <= set("#=+%") and line.strip()]
    fast, slow = bars
    assert 2.4 < len(slow) / len(fast) < 3.1
    assert 1.7 < slow.count("#") / slow.count("=") < 2.4


def test_a_run_that_measured_all_that_it_takes_is_explained_in_every_report() -> None:
    analysis = explained()
    found = analysis.explanation
    assert found
    assert {found.stack, found.against} == {FLASK, FASTAPI}
    console = Console(width=80, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(terminal(RUN, analysis, width=80))
    factor = f"{found.factors['server'].value:.3g}"
    for text in (capture.get(), to_markdown(RUN, analysis), html(RUN, analysis)):
        assert "server, its interface and settings" in text
        assert "async def in place of def" in text
        assert factor in text
    assert read_analysis(to_json(RUN, analysis)).explanation == found


def test_the_bars_of_the_page_add_up_to_what_a_request_costs() -> None:
    found = explained().explanation
    assert found
    for cost in found.costs:
        assert sum(drawn(cost).values()) == pytest.approx(cost.total.value)


def test_a_run_without_the_simpler_stacks_is_not_explained() -> None:
    assert result_of(make_run()).analysis.explanation is None


def read_analysis(document: str) -> Analysis:
    return Analysis.model_validate(json.loads(document)["analysis"])
