"""`webdyno explain`: which part makes the difference."""

from __future__ import annotations

import json as json_module
from typing import Any

import typer
from rich.console import Console

from ..api import explain
from ..errors import MeasurementError
from ..lab.interruption import Interruption
from ..report.explain import render_explanation
from ..units import parse_duration
from .compare import ReportOptions, exit_code, tell
from .output import rendered, results
from .progress import Progress


def run_explain(one: str, other: str, *, json: bool, quiet: bool, **given: Any) -> None:
    """Carry out `webdyno explain`, and exit.

    Raises:
        MeasurementError: too little could be measured validly.
    """
    for name in ("duration", "warmup", "max_time"):
        given[f"{name}_s"] = parse_duration(given.pop(name), "--" + name.replace("_", "-"))
    with Interruption():
        with Progress(quiet=quiet) as progress:
            explained = explain(one, other, emit=progress, **given)
        found, result = explained.explanation, explained.result
        if found is None:
            tell(result, ReportOptions(html=None, json=False, markdown=False, quiet=quiet))
            raise MeasurementError(
                "the difference cannot be taken apart: no block has a valid figure for every stack that it takes",
                "see the reasons above; more blocks (-n) or a quieter machine may help",
            )
        with results(f"see it again with: webdyno report {result.run.id}"):
            if json:
                document = {"schema": 1, "run": result.run.id, "explanation": found.model_dump(mode="json")}
                print(json_module.dumps(document, indent=2))
            else:
                console = Console(highlight=False)
                print(rendered(console, render_explanation(found, width=console.width)), end="")
                print(f"run {result.run.id}, {found.blocks} blocks; all its figures: webdyno report {result.run.id}")
    raise typer.Exit(exit_code(result))
