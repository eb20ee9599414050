"""`webdyno compare`: measure, then tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import typer

from ..errors import UsageError
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


def run_compare(stacks: list[str] | None, telling: Telling, options: CompareOptions, *, continues: bool) -> None:
    """Carry out `webdyno compare`, and exit."""
    telling.check("comparison")
    run = _run_named(stacks or ()) if continues else None
    # Around the report as well: after Ctrl-C it is told whole.
    with Interruption():
        with Progress(quiet=telling.quiet) as progress:
            named = DEFAULT_STACKS if continues else stacks or DEFAULT_STACKS
            result = compare(named, continue_run=run, emit=progress, **options)
        store = str(options.get("store", DEFAULT_STORE))
        shown = was_stored(result.run) and "://" not in store
        tell(result, telling, KEPT, stored=told(store) if shown else "")
    raise typer.Exit(exit_code(result))


def _run_named(names: Sequence[str]) -> str | Literal[True]:
    """The run to continue: what stands in place of the stacks, or the newest."""
    if len(names) > 1 or any("@" in name or ":" in name for name in names):
        raise UsageError(
            "--continue goes on with the stacks of a run", "name nothing but the run: webdyno compare --continue RUN"
        )
    return names[0] if names else True


def exit_code(result: ComparisonResult) -> int:
    """0 where the question is answered and the run is kept, 130 after an interruption, 3 otherwise."""
    if result.run.state == "interrupted":
        return EXIT_INTERRUPTED
    return 0 if result.analysis.answered and was_stored(result.run) else EXIT_INVALID
