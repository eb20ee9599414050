"""What is said to be open is open, and what is known is never said to be."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.factories import Truth, analysed, make_run
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.analysis.comparison.what_is_open import about_size
from webdyno.analysis.statistics.estimates import at_level
from webdyno.model.fact import Fact
from webdyno.model.run import Run
from webdyno.model.verdict import Estimate, Interval, Verdict
from webdyno.questions.analysed import result_of
from webdyno.report.comparison.terminal import render
from webdyno.report.comparison.view import View, view
from webdyno.texts.catalogue import told

GRANIAN, GUNICORN = "fastapi@granian", "flask@gunicorn"
NOTATIONS = (GUNICORN, GRANIAN, "fastapi@uvicorn", "quart@uvicorn")


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Two to four stacks that differ a lot, a little or not at all, on machines from quiet to hopeless."""
    rates = draw(st.lists(st.sampled_from((5000.0, 5050.0, 5300.0, 6500.0, 15000.0)), min_size=2, max_size=4))
    stacks = tuple(Truth(name, rate, 9e5 / rate) for name, rate in zip(NOTATIONS, rates, strict=False))
    scatter, blocks = draw(st.sampled_from((0.002, 0.015, 0.06, 0.3))), draw(st.integers(1, 7))
    return make_run(stacks, blocks=blocks, seed=draw(st.integers(0, 50)), rate=None, trial_sd=scatter)


def shown_of(run: Run, analysis: Analysis) -> View:
    """The results of a run that is kept."""
    return view(run, analysis, continued_by=continued_by(run))


def continued_by(run: Run) -> tuple[str, ...]:
    return ("webdyno", "compare", "--continue", run.id)


def family_of(verdicts: Sequence[Verdict], one: Verdict) -> list[Verdict]:
    return [other for other in verdicts if other.family == one.family]


@given(runs())
@settings(max_examples=40, deadline=None)
def test_a_direction_is_known_exactly_where_the_interval_at_its_level_leaves_out_one(run: Run) -> None:
    verdicts = analysed(run).verdicts
    for one in verdicts:
        if one.ratio.interval is None:
            assert one.direction is None
            continue
        undecided = sum(other.outcome not in ("faster", "slower") for other in family_of(verdicts, one))
        ends = at_level(one.ratio, 1 - 0.05 / max(undecided, 1)).interval
        assert ends
        if one.outcome in ("faster", "slower") or min(abs(ends.low - 1), abs(ends.high - 1)) > 1e-9:
            assert (one.direction is not None) == (ends.low > 1 or ends.high < 1 or one.outcome in ("faster", "slower"))
        if one.direction is not None:
            assert (one.direction == "higher") == (one.ratio.value > 1)
        if one.outcome in ("faster", "slower"):
            better = "higher" if one.metric == "throughput" else "lower"
            assert (one.outcome == "faster") == (one.direction == better)


@given(runs())
@settings(max_examples=40, deadline=None)
def test_nothing_whose_direction_is_known_is_told_as_inconclusive(run: Run) -> None:
    analysis = analysed(run)
    rows = {row.notation: row for row in view(run, analysis).rows}
    for one in analysis.verdicts:
        if one.metric == "throughput" and one.against == analysis.baseline:
            assert rows[one.stack].ratio.endswith("?") == (one.direction is None and one.outcome != "tie")
            assert rows[one.stack].ratio.endswith("*") == one.size_is_open
    for statement in analysis.statements:
        text, what = told(statement.claim), statement.claim.figures.get("what")
        if statement.claim.key in ("open", "open.corrected"):
            assert isinstance(what, Fact)
            assert verdict_on(what, analysis).direction is None
        else:
            assert "nconclusive" not in text and "not significant" not in text


def verdict_on(what: Fact, analysis: Analysis) -> Verdict:
    """The verdict that a sentence speaks of."""
    figures = what.figures
    pair = {figures.get("more", figures.get("stack")), figures.get("less", figures.get("against"))}
    metric = figures.get("metric")
    name = metric.key.removeprefix("metric.") if isinstance(metric, Fact) else "throughput"
    return next(one for one in analysis.verdicts if (one.metric, {one.stack, one.against}) == (name, pair))


@given(runs())
@settings(max_examples=40, deadline=None)
def test_what_is_open_comes_with_a_command_and_fits_the_screen(run: Run) -> None:
    analysis = analysed(run)
    still_open = [one for one in analysis.verdicts if one.family == "primary" and one.is_open]
    assert (analysis.remaining is not None) == bool(still_open)
    out = io.StringIO()
    Console(file=out, width=80, highlight=False).print(render(run, analysis, continued_by=continued_by(run)))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    commands = [line for line in lines if line.startswith(f"  webdyno compare --continue {run.id}")]
    assert len(commands) == bool(still_open)
    left = analysis.remaining
    if left and left.blocks is not None:
        assert left.first_blocks and left.first_blocks <= left.blocks


def test_what_is_open_of_a_single_comparison_is_in_the_headline() -> None:
    run = make_run((Truth(GRANIAN, 5200, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.03)
    shown = shown_of(run, analysed(run))
    assert shown.headline.endswith(
        "6 blocks); whether by more than 2 % is open; about 8 more blocks, 50 s, would decide."
    )
    assert shown.still_open == ""
    assert shown.command == f"webdyno compare --continue {run.id}"


def test_of_several_it_is_said_when_the_first_would_be_decided_and_when_all() -> None:
    stacks = (Truth(GUNICORN, 500, 320), *(Truth(f"{GRANIAN}?workers={n}", 530, 300) for n in range(1, 6)))
    run = make_run(stacks, rate=None, trial_sd=0.03)
    shown = shown_of(run, analysed(run))
    assert shown.still_open == (
        "Open: which is ahead in throughput, and whether by more than 2 % (A vs B, B vs F, C vs F, D vs F, E vs F); "
        "whether the difference in throughput exceeds 2 % (A vs F); about 3 more blocks, 30 s, would decide the first "
        "of these; about 95 more blocks, 14 min, would decide all."
    )
    # Longer than the run was allowed to take.
    assert shown.command.endswith(" --max-time 870s")


def test_a_direction_that_is_known_sooner_is_not_all_that_the_command_waits_for() -> None:
    run = make_run((Truth(GRANIAN, 5400, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.06, seed=4, rate=None)
    analysis = analysed(run)
    found, left = analysis.verdicts[0], analysis.remaining
    assert found.direction is None and left
    assert (left.first_blocks, left.blocks) == (found.blocks_for_direction, found.blocks_needed) == (20, 69)
    assert analysis.sentences[0].endswith("inconclusive; about 20 more blocks, 60 s, would decide which is ahead.")
    shown = shown_of(run, analysis)
    assert "would decide" not in shown.headline
    assert shown.still_open.endswith(
        "about 20 more blocks, 60 s, would decide the first of these; about 69 more blocks, 3 min, would decide all."
    )
    assert shown.command.endswith(" --max-time 210s")


@given(runs())
@settings(max_examples=40, deadline=None)
def test_all_that_would_be_waited_for_is_what_the_longest_of_them_needs(run: Run) -> None:
    analysis = analysed(run)
    if analysis.remaining and analysis.remaining.blocks is not None:
        still_open = [one for one in analysis.verdicts if one.family == "primary" and one.is_open]
        needed = [one.blocks_needed or one.blocks_for_direction or 0 for one in still_open]
        assert analysis.remaining.blocks == max(needed)


@pytest.mark.parametrize("blocks", [1, 6])
def test_a_run_without_anything_open_or_to_compare_has_no_command(blocks: int) -> None:
    alone = make_run((Truth(GRANIAN, 5000, 190),), blocks=blocks)
    assert shown_of(alone, analysed(alone)).command == ""
    apart = make_run((Truth(GRANIAN, 9000, 190), Truth(GUNICORN, 5000, 190)))
    assert view(apart, analysed(apart)).still_open == ""


def test_a_run_to_which_no_blocks_can_be_added_has_no_command() -> None:
    run = make_run((Truth(GRANIAN, 5200, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.03)
    older = run.model_copy(update={"experiment": run.experiment.model_copy(update={"apps": None})})
    gate = run.model_copy(update={"experiment": run.experiment.model_copy(update={"looks": (2, 4)})})
    for other in (older, gate, run.model_copy(update={"state": "running"})):
        shown = shown_of(other, analysed(other))
        assert shown.headline.endswith("would decide.") and shown.command == ""


def test_a_run_that_no_store_has_has_no_command_and_one_of_another_store_names_it() -> None:
    run = make_run((Truth(GRANIAN, 5200, 190), Truth(GUNICORN, 5000, 190)), trial_sd=0.03, state="interrupted")
    for name in ("text", "markdown", "html"):
        text = result_of(run).told(name)
        assert "would decide" in text and "--continue" not in text
    elsewhere = replace(result_of(run), continued_by=(*continued_by(run), "--store", "my runs.db"))
    for name in ("text", "markdown", "html"):
        assert f"webdyno compare --continue {run.id} --store 'my runs.db'" in unescape(elsewhere.told(name))


def test_a_ratio_that_seems_to_sit_on_the_margin_is_not_said_to() -> None:
    """Its interval reaches far to both sides."""
    ratio = Estimate(value=1.02, interval=Interval(low=1.001, high=1.04), blocks=5)
    found = Verdict(
        metric="throughput",
        stack=GRANIAN,
        against=GUNICORN,
        ratio=ratio,
        outcome="undecided",
        margin=0.02,
        direction="higher",
    )
    assert list(map(told, about_size(found))) == [
        "whether by more than 2 % is open",
        "more than 500 blocks would be needed at this scatter",
    ]
