"""`webdyno compare`: measure, then tell."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from ..errors import UsageError
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..questions.compare import DEFAULT_STACKS, compare
from ..questions.environment import told
from ..questions.options import DEFAULT_STORE, CompareOptions
from ..questions.result import Result
from ..report.terminal import render
from ..store.document import write_document
from ..units import printable
from .output import KEPT, give, rendered, say
from .progress import Progress

EXIT_INVALID = 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class ReportOptions:
    """In which forms results are told."""

    html: Path | None
    json: bool
    markdown: bool
    quiet: bool

    def __post_init__(self) -> None:
        """Refuse two forms on one standard output."""
        if self.json and self.markdown:
            raise UsageError("--json and --markdown cannot both be printed", "give one of them")
        if self.html is not None and not can_be_written(self.html):
            raise UsageError(f"--html {self.html} cannot be written", "name a file in a folder where you may write")


def run_compare(stacks: list[str] | None, report: ReportOptions, options: CompareOptions) -> None:
    """Carry out `webdyno compare`, and exit."""
    # Around the report as well: after Ctrl-C it is told whole.
    with Interruption():
        with Progress(quiet=report.quiet) as progress:
            result = compare(stacks or DEFAULT_STACKS, emit=progress, **options)
        store = str(options.get("store", DEFAULT_STORE))
        shown = was_stored(result.run) and "://" not in store
        tell(result, report, stored=told(store) if shown else "")
    raise typer.Exit(exit_code(result))


def exit_code(result: Result) -> int:
    """0 where the question is answered and the run is kept, 130 after an interruption, 3 otherwise."""
    if result.run.state == "interrupted":
        return EXIT_INTERRUPTED
    return 0 if result.analysis.answered and was_stored(result.run) else EXIT_INVALID


def can_be_written(path: Path) -> bool:
    """Whether a file could be made there, or replaced."""
    try:
        existing = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    except OSError:
        return False
    return os.access(existing, os.W_OK) and existing.is_dir() == (existing != path.absolute())


def tell(result: Result, options: ReportOptions, *, stored: str = "") -> None:
    """Print a result and write its page, each whatever becomes of the other; `stored` is where it is kept."""
    try:
        give(_text(result, options, stored), KEPT)
    finally:
        if options.html is not None:
            write_document(result.to_html(), options.html)
            say(f"report with charts: {printable(str(options.html))}")


def _text(result: Result, options: ReportOptions, stored: str) -> str:
    if options.json:
        return result.to_json() + "\n"
    if options.markdown:
        return result.to_markdown() + "\n"
    console = Console(highlight=False)
    return rendered(console, render(result.run, result.analysis, width=console.width, stored=stored))
