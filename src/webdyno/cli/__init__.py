"""The command line: the only place that prints or exits."""

from __future__ import annotations

import errno
import io
import os
import sys

from ..errors import Interrupted, NoRoom, Told, is_full

_OF_WRITING = (errno.EPIPE, errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG, errno.EDQUOT)


def main() -> None:
    """Run the `webdyno` command and exit with its code."""
    # Nothing here multiplies matrices; its threads fail where processes are limited, and would wait beside the load.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        _prepare_streams()
        from ..questions.environment import filling
        from .app import app

        with filling():
            app()
    except SystemExit as end:
        # typer ends with 1 where the reader of a help text has left, as if a threshold had been missed.
        sys.exit(0 if isinstance(end.__context__, BrokenPipeError) else end.code)
    except KeyboardInterrupt:
        sys.exit(Interrupted.exit_code)
    except Told as error:
        _end_with(error)
    except OSError as error:
        if error.filename is not None and is_full(error):
            _end_with(NoRoom(f"{error.filename!a} cannot be written: {error.strerror}", "free some space"))
        # Of the texts that typer prints itself: these were written to no file with a name.
        if error.filename is not None or error.errno not in _OF_WRITING:
            raise
        from .output import KEPT, not_given, silence

        silence(sys.stdout)
        _end_with(not_given(error, KEPT))
    finally:
        _let_go()


def _end_with(error: Told) -> None:
    from .message import show_error

    show_error(error)
    sys.exit(error.exit_code)


def _let_go() -> None:
    """What nobody reads any more must not fail once more when Python ends: that would decide the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            from .output import silence

            silence(stream)


def _prepare_streams() -> None:
    # In the order of their numbers: each takes the lowest that is free.
    for name, mode, access in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            # Closed from the outside (`>&-`): its number must not become that of a socket. What is written to standard
            # output must fail, since a result that goes nowhere was not given.
            setattr(sys, name, os.fdopen(os.open(os.devnull, access), mode))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What servers answer may not fit the terminal's encoding.
            stream.reconfigure(errors="backslashreplace")
