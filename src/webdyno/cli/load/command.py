"""`webdyno load`: one server that is already there under load, told at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import typer
from rich.console import Group

from ...analysis.load.analyse_load import LoadAnalysis
from ...errors import NotGiven, UsageError
from ...lab.measure_load import LoadPlan
from ...model.load_run import LoadRun
from ...questions.environment import Filler
from ...questions.load.ask import LoadInterrupted, check_thresholds, measured, plan_load
from ...questions.load.earlier import Earlier, read_earlier
from ...questions.option import checked
from ...questions.options import LoadOptions
from ...report.formats.text import Screen
from ...report.load.comparison import compare_loads
from ...report.load.terminal import render
from ...report.result import LoadResult
from ...units import printable
from ..exit_codes import EXIT_INVALID
from ..output import KEPT, give, say
from ..telling import Telling, can_show_blocks, tell
from .live_view import LiveLoad
from .plot_file import check_plot

EXIT_MISSED = 1
_LOST = "nothing else holds what was measured: make room, and run it again"


class Beside(NamedTuple):
    """What is told beside the load: an earlier one, and where a plot of both is drawn."""

    compare: Path | None
    plot: Path | None


def run_load(url: str | None, beside: Beside, telling: Telling, options: LoadOptions) -> None:
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
    check_thresholds(asked)
    check_plot(beside.plot)
    telling.check("load")
    if beside.compare and telling.format.name != "text" and not beside.plot:
        raise UsageError(
            f"--compare shows nothing with {telling.printed_by}", "leave one of them out, or draw both: --plot FILE"
        )
    earlier = read_earlier(beside.compare) if beside.compare else None
    # The document holds the seconds; without it nobody would see them.
    in_json = any(each.name == "json" for each in (telling.format, *(file.format for file in telling.files)))
    plan = plan_load(filled, asked, seconds=in_json)
    try:
        with _live(plan, telling) as live:
            result = measured(plan, asked, live, lambda text: print(text, file=sys.stderr))
    except LoadInterrupted as error:
        if error.part and telling.format.name == "json":
            give(error.part.model_dump_json(by_alias=True, indent=2) + "\n", _LOST)
        raise
    _tell(result, earlier, beside, telling)
    if result.not_kept:
        say(printable(result.not_kept.message))
    raise typer.Exit(exit_code(result.analysis))


def exit_code(analysis: LoadAnalysis) -> int:
    """3 where the load is not valid, 1 where a threshold was missed, else 0."""
    if not analysis.valid:
        return EXIT_INVALID
    return 0 if all(outcome.met for outcome in analysis.thresholds) else EXIT_MISSED


def _live(plan: LoadPlan, telling: Telling) -> LiveLoad:
    return LiveLoad(
        f"{plan.scenario} at {plan.target.url}" if plan.scenario else plan.target.url,
        plan.job.load,
        plan.job.window,
        quiet=telling.quiet or telling.format.name != "text",
        blocks=can_show_blocks(sys.stderr.encoding),
    )


def _tell(result: LoadResult, earlier: Earlier | None, beside: Beside, telling: Telling) -> None:
    run, analysis = result.run, result.analysis

    def shown(screen: Screen) -> Group:
        compared = compare_loads((run, analysis), earlier, str(beside.compare)) if earlier else None
        return render(run, analysis, compared, width=screen.width, blocks=screen.blocks)

    try:
        tell(result, telling, _LOST if result.not_kept else KEPT, shown=shown)
    finally:
        if beside.plot:
            runs = [("now", run), *([("earlier", earlier[0])] if earlier else [])]
            _plot(runs, analysis, beside.plot)


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
