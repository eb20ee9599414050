"""`webdyno load`: one server that is already there under load, told at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from ...analysis.load_result import LoadAnalysis
from ...errors import NotGiven, UsageError
from ...lab.load import LoadPlan
from ...model.load_run import LoadRun
from ...questions.environment import Filler
from ...questions.load.ask import LoadInterrupted, LoadResult, measured, plan_load, thresholds_of
from ...questions.load.earlier import Earlier, read_earlier
from ...questions.option import checked
from ...questions.options import LoadOptions
from ...report.load.comparison import compare_loads
from ...report.load.terminal import render
from ...units import printable
from ..output import give, rendered, say
from .live import LiveLoad
from .plot import check_plot

EXIT_MISSED = 1
EXIT_INVALID = 3
_LOST = "nothing else holds what was measured: make room, and run it again"


@dataclass(frozen=True)
class LoadReport:
    """How a load is told."""

    compare: Path | None
    plot: Path | None
    json: bool
    quiet: bool


def run_load(url: str | None, options: LoadOptions, report: LoadReport) -> None:
    """Carry out `webdyno load`, and exit.

    Raises:
        UsageError: something cannot be carried out as written; said before anything is sent.
        MeasurementError: the server cannot be reached or does not answer as expected.
        LoadInterrupted: Ctrl-C or SIGTERM; its details tell the part that was measured.
    """
    if url is None:
        raise UsageError("the URL is missing", "for example: webdyno load http://127.0.0.1:8000/")
    filler = Filler()
    filled = filler.fill(url, "the URL")
    asked = checked(LoadOptions, {**options, "hidden": {**options.get("hidden", {}), **filler.used}})
    thresholds = thresholds_of(asked)
    check_plot(report.plot)
    if report.compare and report.json and not report.plot:
        raise UsageError("--compare shows nothing with --json", "leave one of them out, or draw both: --plot FILE")
    earlier = read_earlier(report.compare) if report.compare else None
    # The document holds the seconds; without it nobody would see them.
    plan = plan_load(filled, asked, seconds=report.json)
    try:
        with _live(plan, report) as live:
            result = measured(plan, thresholds, live, lambda text: print(text, file=sys.stderr))
    except LoadInterrupted as error:
        if error.part and report.json:
            give(error.part.model_dump_json(by_alias=True, indent=2) + "\n", _LOST)
        raise
    _tell(result, earlier, report)
    raise typer.Exit(exit_code(result.analysis))


def exit_code(analysis: LoadAnalysis) -> int:
    """3 where the load is not valid, 1 where a threshold was missed, else 0."""
    if not analysis.valid:
        return EXIT_INVALID
    return 0 if all(outcome.met for outcome in analysis.thresholds) else EXIT_MISSED


def _live(plan: LoadPlan, report: LoadReport) -> LiveLoad:
    return LiveLoad(
        f"{plan.scenario} at {plan.target.url}" if plan.scenario else plan.target.url,
        plan.job.load,
        plan.job.window,
        quiet=report.quiet or report.json,
        blocks=_has_blocks(sys.stderr.encoding),
    )


def _tell(result: LoadResult, earlier: Earlier | None, report: LoadReport) -> None:
    try:
        give(_text(result, earlier, report), _LOST)
    finally:
        if report.plot:
            runs = [("now", result.run), *([("earlier", earlier[0])] if earlier else [])]
            _plot(runs, result.analysis, report.plot)


def _text(result: LoadResult, earlier: Earlier | None, report: LoadReport) -> str:
    if report.json:
        return result.to_json()
    console, blocks = Console(highlight=False), _has_blocks(sys.stdout.encoding)
    run, analysis = result.run, result.analysis
    beside = compare_loads((run, analysis), earlier, str(report.compare)) if earlier else None
    return rendered(console, render(run, analysis, beside, width=console.width, blocks=blocks))


def _plot(runs: Sequence[tuple[str, LoadRun]], analysis: LoadAnalysis, path: Path) -> None:
    # Its libraries take half a second to import.
    from ...report.load.plot import draw
    from ...store.document import write_file

    drawn = draw(runs, analysis, path.suffix.lower().removeprefix("."))
    try:
        write_file(drawn, path)
    except NotGiven as error:
        remedy = "free some space or the permission; what was measured is told all the same"
        raise NotGiven(error.message, remedy) from error
    say(f"plot: {printable(str(path))}")


def _has_blocks(encoding: str | None) -> bool:
    try:
        "█".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
