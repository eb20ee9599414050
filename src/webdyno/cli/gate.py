"""`webdyno gate`: measure both sides, then tell."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from ..errors import MeasurementError, UsageError
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..questions.environment import told
from ..questions.gate import GateResult, gate
from ..questions.options import DEFAULT_STORE, GateOptions
from ..report.gate import failure_markdown, gate_terminal
from ..store.document import write_document
from .compare import EXIT_INVALID, can_be_written
from .output import KEPT, give, rendered, say
from .progress import Progress

EXIT_CODES = {"passed": 0, "regression": 1, "inconclusive": EXIT_INVALID, "not measured": EXIT_INVALID}
INCONCLUSIVE = {"pass": 0, "fail": 1}
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True)
class GateReport:
    """How a gate is told, and what an undecided one means."""

    inconclusive: str | None
    markdown: Path | None
    json: bool
    quiet: bool

    def __post_init__(self) -> None:
        """Refuse what would fail only after the measurement."""
        if self.markdown is not None and not can_be_written(self.markdown):
            raise UsageError(f"--markdown {self.markdown} cannot be written", "name a file where you may write")
        if self.inconclusive not in (None, *INCONCLUSIVE):
            raise UsageError(f"--inconclusive {self.inconclusive!r:.60} is unknown", "give pass or fail")


def run_gate(base: str | None, head: str | None, app: str | None, options: GateOptions, report: GateReport) -> None:
    """Carry out `webdyno gate`, and exit."""
    if base is None or head is None:
        raise UsageError(
            f"{'--base' if base is None else '--head'} is missing", "webdyno gate APP --base REF --head REF"
        )
    # Around everything: the summary is written whole.
    with Interruption():
        try:
            with Progress(quiet=report.quiet) as progress:
                result = gate(base, head, app, emit=progress, **options)
        except MeasurementError as error:
            _publish(failure_markdown(error.message, error.remedy), report)
            raise
        _tell(result, report, str(options.get("store", DEFAULT_STORE)))
    codes = EXIT_CODES | ({"inconclusive": INCONCLUSIVE[report.inconclusive]} if report.inconclusive else {})
    raise typer.Exit(codes[result.gate.outcome])


def _tell(result: GateResult, report: GateReport, store: str) -> None:
    kept = all(was_stored(measured.run) for measured in result.measured)
    if report.json:
        text = result.to_json()
    else:
        console = Console(highlight=False)
        stored = told(store) if kept and "://" not in store else ""
        text = rendered(console, gate_terminal(result.gate, result.seen, width=console.width, stored=stored))
    try:
        _publish(result.to_markdown(), report)
    finally:
        give(text, KEPT)


def _publish(markdown: str, report: GateReport) -> None:
    """Write the summary where it is asked for; GitHub's step summary is appended to, and never decides the outcome."""
    if summary := os.environ.get(SUMMARY):
        try:
            with Path(summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(markdown)
        except OSError as error:
            say(f"the summary cannot be appended to ${SUMMARY}: {error.strerror}")
    if report.markdown is not None:
        write_document(markdown, report.markdown)
