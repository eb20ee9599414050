"""`webdyno compare`: measure, then tell."""

from __future__ import annotations

import typer

from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..questions.compare import DEFAULT_STACKS, compare
from ..questions.environment import told
from ..questions.options import DEFAULT_STORE, CompareOptions
from ..report.result import ComparisonResult
from .exit_codes import EXIT_INTERRUPTED, EXIT_INVALID
from .output import KEPT
from .progress import Progress
from .telling import Telling, tell


def run_compare(stacks: list[str] | None, telling: Telling, options: CompareOptions) -> None:
    """Carry out `webdyno compare`, and exit."""
    telling.check("comparison")
    # Around the report as well: after Ctrl-C it is told whole.
    with Interruption():
        with Progress(quiet=telling.quiet) as progress:
            result = compare(stacks or DEFAULT_STACKS, emit=progress, **options)
        store = str(options.get("store", DEFAULT_STORE))
        shown = was_stored(result.run) and "://" not in store
        tell(result, telling, KEPT, stored=told(store) if shown else "")
    raise typer.Exit(exit_code(result))


def exit_code(result: ComparisonResult) -> int:
    """0 where the question is answered and the run is kept, 130 after an interruption, 3 otherwise."""
    if result.run.state == "interrupted":
        return EXIT_INTERRUPTED
    return 0 if result.analysis.answered and was_stored(result.run) else EXIT_INVALID
