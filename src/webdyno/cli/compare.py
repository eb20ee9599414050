"""`webdyno compare`: measure, then tell."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ..api import DEFAULT_STACKS, Result, compare
from ..errors import UsageError
from ..lab.interruption import Interruption
from ..report.terminal import render
from ..store.document import write_document
from ..units import parse_duration
from .progress import Progress
from .values import body_bytes, pairs

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


def run_compare(stacks: list[str] | None, options: ReportOptions, **given: Any) -> None:
    """Carry out `webdyno compare` with the options as the user typed them, and exit."""
    for name in ("duration", "warmup", "timeout", "max_time"):
        given[f"{name}_s"] = parse_duration(given.pop(name), "--" + name.replace("_", "-"))
    given["headers"] = pairs(given["headers"], ":", "--header")
    given["env"] = pairs(given["env"], "=", "--env")
    given["body"] = body_bytes(given["body"])
    if given["arrivals"] not in ("poisson", "constant"):
        raise UsageError(f"--arrivals {given['arrivals']!r} is unknown", "give poisson or constant")
    # Around the report as well: after Ctrl-C it is told whole.
    with Interruption():
        with Progress(quiet=options.quiet) as progress:
            result = compare(stacks or DEFAULT_STACKS, emit=progress, **given)
        tell(result, options, stored="" if "://" in given["store"] else given["store"])
    raise typer.Exit(exit_code(result))


def exit_code(result: Result) -> int:
    """0 where the question is answered, 130 after an interruption, 3 otherwise."""
    if result.run.state == "interrupted":
        return EXIT_INTERRUPTED
    return 0 if result.analysis.answered else EXIT_INVALID


def tell(result: Result, options: ReportOptions, *, stored: str = "") -> None:
    """Print a result and write its page; `stored` is where it is kept."""
    if options.json:
        print(result.to_json())
    elif options.markdown:
        print(result.to_markdown())
    else:
        console = Console(highlight=False)
        console.print(render(result.run, result.analysis, width=console.width, stored=stored))
    if options.html is not None:
        write_document(result.to_html(), options.html)
        print(f"report with charts: {options.html}", file=sys.stderr)
