"""The command line: the only place that prints or exits."""

from __future__ import annotations

import io
import os
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
    except OSError as error:
        from .message import show_error

        message = f"the output cannot be written: {error.strerror or error}"
        show_error(WebdynoError(message, "a finished run is kept all the same: webdyno report"))
        # What is still buffered would only fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(WebdynoError.exit_code)
