"""`webdyno gate`: measure both sides, then tell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import typer

from ..errors import MeasurementError, UsageError
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..questions.environment import told
from ..questions.gate import gate
from ..questions.options import DEFAULT_STORE, GateOptions
from ..report.gate.tell import failure_markdown
from ..report.result import GateResult
from ..store.document import write_document
from ..units import printable
from .exit_codes import EXIT_INVALID
from .output import KEPT, say
from .progress import Progress
from .telling import Telling, tell

EXIT_CODES = {"passed": 0, "regression": 1, "inconclusive": EXIT_INVALID, "not measured": EXIT_INVALID}
INCONCLUSIVE = {"pass": 0, "fail": 1}
SUMMARY = "GITHUB_STEP_SUMMARY"


class AskedSides(NamedTuple):
    """What is compared, as it was typed, and what an undecided gate means."""

    base: str | None
    head: str | None
    app: str | None
    inconclusive: str | None


def run_gate(sides: AskedSides, telling: Telling, options: GateOptions) -> None:
    """Carry out `webdyno gate`, and exit."""
    base, head, app, inconclusive = sides
    telling.check("gate")
    if inconclusive not in (None, *INCONCLUSIVE):
        raise UsageError(f"--inconclusive {inconclusive!r:.60} is unknown", "give pass or fail")
    if base is None or head is None:
        raise UsageError(
            f"{'--base' if base is None else '--head'} is missing", "webdyno gate APP --base REF --head REF"
        )
    # Around everything: the summary is written whole.
    with Interruption():
        try:
            with Progress(quiet=telling.quiet) as progress:
                result = gate(base, head, app, emit=progress, **options)
        except MeasurementError as error:
            _tell_failure(failure_markdown(error.message, error.remedy), telling)
            raise
        _tell(result, telling, str(options.get("store", DEFAULT_STORE)))
    codes = EXIT_CODES | ({"inconclusive": INCONCLUSIVE[inconclusive]} if inconclusive else {})
    raise typer.Exit(codes[result.gate.outcome])


def _tell(result: GateResult, telling: Telling, store: str) -> None:
    kept = all(was_stored(measured.run) for measured in result.measured)
    if SUMMARY in os.environ:
        _append_summary(result.told("markdown"))
    if result.not_kept:
        say(printable(result.not_kept.message))
    tell(result, telling, KEPT, stored=told(store) if kept and "://" not in store else "")


def _tell_failure(markdown: str, telling: Telling) -> None:
    _append_summary(markdown)
    for file in telling.files:
        if file.format.name == "markdown":
            write_document(markdown, file.path)


def _append_summary(markdown: str) -> None:
    """Append to GitHub's step summary, where there is one; it never decides the outcome."""
    if summary := os.environ.get(SUMMARY):
        try:
            with Path(summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(markdown)
        except OSError as error:
            say(f"the summary cannot be appended to ${SUMMARY}: {error.strerror}")
