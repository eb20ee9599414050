"""In which formats a result is told: one on standard output, others in files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console, Group

from ..errors import UsageError
from ..model.result_kind import ResultKind
from ..report.formats.format import Format
from ..report.formats.table import find_format, format_of_file
from ..report.formats.text import Screen, on_screen
from ..report.result import Result
from ..store.document import write_document
from ..units import printable
from .output import give, rendered, say


class ResultFile(NamedTuple):
    """A file that a result is written to; `option` names it."""

    option: str
    path: Path
    format: Format


@dataclass(frozen=True)
class Telling:
    """How a result is told.

    Attributes:
        format: on standard output; `printed_by` is the option that asks for it.
        files: what is written beside that.
        quiet: no progress is shown.
        verbose: the text of a comparison says what happened in its blocks.
    """

    format: Format
    printed_by: str
    files: tuple[ResultFile, ...]
    quiet: bool
    verbose: bool = False

    def check(self, kind: ResultKind) -> None:
        """See that all of it can be told of a kind of result.

        Raises:
            UsageError: one format cannot.
        """
        self.format.check(kind, self.printed_by)
        for file in self.files:
            file.format.check(kind, f"{file.option} {printable(str(file.path))}")


def read_telling(
    *,
    quiet: bool = False,
    verbose: bool = False,
    format: str | None = None,
    flags: Mapping[str, bool] | None = None,
    files: Mapping[str, Path | None] | None = None,
    output: Sequence[Path] | None = None,
) -> Telling:
    """How a result is to be told, checked before anything is measured.

    Args:
        quiet: show no progress.
        verbose: say what happened in the blocks.
        format: what `--format` names.
        flags: whether a format is asked for by an option of its name, such as `--json`.
        files: where a format is written that an option names, such as `--html FILE`.
        output: where others are written, each in the format that its name ends in.

    Raises:
        UsageError: two formats are to be printed, a format is not known, or a file cannot be written.
    """
    asked = {f"--{name}": name for name, given in (flags or {}).items() if given}
    asked |= {f"--format {printable(format):.60}": format} if format else {}
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} cannot both be printed", "give one of them")
    by, name = next(iter(asked.items()), ("--format", "text"))
    written = [
        *(ResultFile(f"--{name}", path, find_format(name)) for name, path in (files or {}).items() if path),
        *(ResultFile("--output", path, format_of_file(path, "--output")) for path in output or ()),
    ]
    for file in written:
        if not can_be_written(file.path):
            remedy = "name a file in a folder where you may write"
            raise UsageError(f"{file.option} {printable(str(file.path))} cannot be written", remedy)
    return Telling(find_format(name), by, tuple(written), quiet, verbose)


def can_be_written(path: Path) -> bool:
    """Whether a file could be made there, or replaced."""
    try:
        existing = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    except OSError:
        return False
    return os.access(existing, os.W_OK) and existing.is_dir() == (existing != path.absolute())


def tell(
    result: Result,
    telling: Telling,
    if_lost: str,
    *,
    stored: str = "",
    shown: Callable[[Screen], Group] | None = None,
) -> None:
    """Print a result and write its files, each whatever becomes of the others.

    Args:
        result: what is told.
        telling: how.
        if_lost: the remedy where it cannot be printed.
        stored: where it is kept, said in the text; empty: left out.
        shown: what a terminal shows, where that is not what `report` shows.

    Raises:
        NotGiven: something could not be given.
    """
    with ExitStack() as further:
        for file in reversed(telling.files):
            further.callback(_write, result, file)
        if telling.format.name == "text":
            console = Console(highlight=False)
            screen = Screen(console.width, can_show_blocks(sys.stdout.encoding), stored, telling.verbose)
            give(rendered(console, (shown or partial(on_screen, result))(screen), crop=False), if_lost)
        else:
            give(telling.format.tell(result), if_lost)


def can_show_blocks(encoding: str | None) -> bool:
    """Whether an encoding has Unicode's block characters."""
    try:
        "█".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _write(result: Result, file: ResultFile) -> None:
    write_document(file.format.tell(result), file.path)
    what = "report with charts" if file.format.name == "html" else file.format.name
    say(f"{what}: {printable(str(file.path))}")
