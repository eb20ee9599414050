"""`webdyno compare`: measure, then tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ..api import DEFAULT_STACKS, Result, compare
from ..errors import UsageError
from ..lab.interruption import Interruption
from ..lab.session import was_stored
from ..report.terminal import render
from ..store.document import write_document
from ..units import parse_duration, parse_percent, printable
from .environment import Filler
from .output import KEPT, give, rendered, say
from .progress import Progress
from .values import body_bytes, header_pairs, json_values, variables

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


def run_compare(stacks: list[str] | None, options: ReportOptions, **given: Any) -> None:
    """Carry out `webdyno compare` with the options as the user typed them, and exit."""
    precision, metrics = given.pop("precision"), given.pop("metric")
    given = as_asked(given)
    given["precision"] = None if precision is None else parse_percent(precision, "--precision")
    given["metrics"] = metrics or ()
    # Without the open load there are nearly twice as many blocks in the same time.
    given["response_times"] = not metrics or given["rate"] is not None or not {"p50", "p99"}.isdisjoint(metrics)
    # Around the report as well: after Ctrl-C it is told whole.
    with Interruption():
        with Progress(quiet=options.quiet) as progress:
            result = compare(stacks or DEFAULT_STACKS, emit=progress, **given)
        shown = was_stored(result.run) and "://" not in given["store"]
        tell(result, options, stored=given["store"] if shown else "")
    raise typer.Exit(exit_code(result))


def as_asked(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the user typed of request, load and times, as the arguments that `webdyno.compare` takes.

    Raises:
        UsageError: a value cannot be read.
    """
    times = ("duration", "warmup", "timeout", "start_timeout", "max_time")
    asked = {name: value for name, value in given.items() if name not in times}
    asked |= {f"{name}_s": parse_duration(given[name], "--" + name.replace("_", "-")) for name in times}
    filler = Filler()
    asked["path"] = None if given["path"] is None else filler.fill(given["path"], "--path")
    asked["headers"] = header_pairs(given["headers"], filler)
    asked["env"] = variables(given["env"], filler)
    asked["body"] = body_bytes(given["body"], filler)
    asked["expect_body"] = body_bytes(given["expect_body"], filler, "--expect-body")
    asked["expect_json"] = json_values(given["expect_json"], filler)
    asked["hidden"] = filler.used
    if given["arrivals"] not in ("poisson", "constant"):
        raise UsageError(f"--arrivals {given['arrivals']!r} is unknown", "give poisson or constant")
    return asked


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
