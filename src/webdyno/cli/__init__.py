"""The command line: the only place that prints or exits."""

from __future__ import annotations

import io
import os
import sys

from ..errors import Interrupted, Told, WebdynoError


def main() -> None:
    """Run the `webdyno` command and exit with its code."""
    try:
        _prepare_streams()
        from .app import app

        app()
    except KeyboardInterrupt:
        sys.exit(Interrupted.exit_code)
    except Told as error:
        from .message import show_error

        show_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        from .message import show_error
        from .output import silence

        message = f"the output cannot be written: {error.strerror or error}"
        show_error(WebdynoError(message, "a finished run is kept all the same: webdyno report"))
        silence(sys.stdout)
        sys.exit(WebdynoError.exit_code)
    finally:
        _let_go()


def _let_go() -> None:
    """What nobody reads any more must not fail once more when Python ends: that would decide the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            from .output import silence

            silence(stream)


def _prepare_streams() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed from the outside (`2>&-`): its descriptor must not become that of a socket either.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What servers answer may not fit the terminal's encoding.
            stream.reconfigure(errors="backslashreplace")
