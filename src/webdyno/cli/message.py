"""Errors as the user sees them: what happened, then what to do."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from ..errors import WebdynoError
from ..units import printable


def show_error(error: WebdynoError) -> None:
    """Print an error to standard error."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text("error: ", "bold red").append(printable(error.message), "default not bold"))
    for line in error.details:
        console.print(Text("  " + printable(line), "dim"))
    if error.remedy:
        console.print(Text("  -> ", "bold").append(printable(error.remedy), "default not bold"))
    sys.stderr.flush()
