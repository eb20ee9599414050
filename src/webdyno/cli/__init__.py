"""The command line: the only place that prints or exits."""

from __future__ import annotations

import io
import sys

from ..errors import WebdynoError


def main() -> None:
    """Run the `webdyno` command and exit with its code."""
    from .app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What servers answer may not fit the terminal's encoding.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except WebdynoError as error:
        from .message import show_error

        show_error(error)
        sys.exit(error.exit_code)
