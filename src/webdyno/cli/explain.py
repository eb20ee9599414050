"""`webdyno explain`: which part makes the difference."""

from __future__ import annotations

import typer
from rich.console import Group

from ..errors import MeasurementError
from ..lab.interruption import Interruption
from ..questions.explain import explain
from ..questions.options import ExplainOptions
from ..report.comparison.explain import render_explanation
from ..report.formats.text import Screen, on_screen
from ..report.result import ComparisonResult
from .compare import exit_code
from .progress import Progress
from .telling import Telling, tell


def run_explain(one: str, other: str, telling: Telling, options: ExplainOptions) -> None:
    """Carry out `webdyno explain`, and exit.

    Raises:
        MeasurementError: too little could be measured validly.
    """
    telling.check("comparison")
    with Interruption():
        with Progress(quiet=telling.quiet) as progress:
            result = explain(one, other, emit=progress, **options)
        again = f"see it again with: webdyno report {result.run.id}"
        tell(result, telling, again, shown=lambda screen: _shown(result, screen))
    # After Ctrl-C, that is why.
    if result.analysis.explanation is None and result.run.state != "interrupted":
        raise MeasurementError(
            "the difference cannot be taken apart: no block has a valid figure for every stack that it takes, or what "
            "a layer saves exceeds what those below it cost",
            f"see webdyno report {result.run.id}; more blocks (-n) or a quieter machine may help",
        )
    raise typer.Exit(exit_code(result))


def _shown(result: ComparisonResult, screen: Screen) -> Group:
    found, run = result.analysis.explanation, result.run
    if found is None:
        return on_screen(result, screen)
    where = f"run {run.id}, {found.blocks} blocks; all its figures: webdyno report {run.id}"
    return Group(render_explanation(found, width=screen.width), where)
