"""`webdyno explain`: which part makes the difference."""

from __future__ import annotations

import json as json_module

import typer
from rich.console import Console

from ..errors import MeasurementError
from ..lab.interruption import Interruption
from ..questions.explain import explain
from ..questions.options import ExplainOptions
from ..questions.result import Result
from ..report.explain import render_explanation
from ..report.terminal import render
from .compare import exit_code
from .output import give, rendered
from .progress import Progress


def run_explain(one: str, other: str, options: ExplainOptions, *, json: bool, quiet: bool) -> None:
    """Carry out `webdyno explain`, and exit.

    Raises:
        MeasurementError: too little could be measured validly.
    """
    with Interruption():
        with Progress(quiet=quiet) as progress:
            result = explain(one, other, emit=progress, **options)
        give(_json(result) if json else _text(result), f"see it again with: webdyno report {result.run.id}")
    # After Ctrl-C, that is why.
    if result.analysis.explanation is None and result.run.state != "interrupted":
        raise MeasurementError(
            "the difference cannot be taken apart: no block has a valid figure for every stack that it takes, or what "
            "a layer saves exceeds what those below it cost",
            f"see webdyno report {result.run.id}; more blocks (-n) or a quieter machine may help",
        )
    raise typer.Exit(exit_code(result))


def _json(result: Result) -> str:
    found = result.analysis.explanation
    document = {"schema": 1, "run": result.run.id, "explanation": found.model_dump(mode="json") if found else None}
    return json_module.dumps(document, indent=2) + "\n"


def _text(result: Result) -> str:
    found, run, console = result.analysis.explanation, result.run, Console(highlight=False)
    if found is None:
        return rendered(console, render(run, result.analysis, width=console.width))
    told = rendered(console, render_explanation(found, width=console.width))
    return f"{told}run {run.id}, {found.blocks} blocks; all its figures: webdyno report {run.id}\n"
