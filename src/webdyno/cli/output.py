"""What is printed: results on standard output, which must arrive, and remarks on standard error, which need not."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console, RenderableType

from ..errors import NotGiven

KEPT = "a finished run is kept all the same: webdyno report"


def give(text: str, if_lost: str) -> None:
    """Print a result; a reader that has seen enough (`| head`) is no error.

    Args:
        text: as printed, line end included.
        if_lost: the remedy where it cannot be written.

    Raises:
        NotGiven: it cannot be written.
    """
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        raise not_given(error, if_lost) from error


def not_given(error: OSError, if_lost: str) -> NotGiven:
    """What says that standard output does not take a result."""
    return NotGiven(f"the output cannot be written: {error.strerror or error}", if_lost)


def say(text: str) -> None:
    """Print a remark, whether or not anybody can read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def rendered(console: Console, *what: RenderableType, crop: bool = True) -> str:
    """What this console would print: by itself it ends the process when the reader has left.

    Args:
        console: what prints.
        what: one below the other.
        crop: cut what is wider than the console, which what must not be wrapped, such as a command, may be.
    """
    with console.capture() as capture:
        for each in what:
            console.print(each, crop=crop)
    return capture.get()


def silence(stream: TextIO) -> None:
    """Lead a stream that cannot be written to nowhere: what is buffered would fail once more when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
