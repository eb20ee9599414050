"""Errors as the user sees them: what happened, then what to do."""

from __future__ import annotations

import sys

from rich.console import Console, Group
from rich.text import Text

from ..errors import Told
from ..units import printable
from .output import rendered, silence


def show_error(error: Told) -> None:
    """Print an error to standard error; where nobody can read that, the exit code has to say it."""
    lines = [Text("error: ", "bold red").append(printable(error.message), "default not bold")]
    lines += [Text("  " + printable(line), "dim") for line in error.details]
    if error.remedy:
        lines.append(Text("  -> ", "bold").append(printable(error.remedy), "default not bold"))
    try:
        text = rendered(Console(stderr=True, highlight=False, soft_wrap=True), Group(*lines))
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)
