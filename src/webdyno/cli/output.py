"""Results on standard output, whatever becomes of the reader."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console, RenderableType

from ..errors import WebdynoError


@contextmanager
def results(if_lost: str) -> Iterator[None]:
    """While results are printed: a reader that has seen enough (`| head`) is no error.

    Args:
        if_lost: the remedy where they cannot be written.

    Raises:
        WebdynoError: they cannot be written.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        silence(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise WebdynoError(f"the output cannot be written: {error.strerror or error}", if_lost) from error


def rendered(console: Console, what: RenderableType) -> str:
    """What this console would print: by itself it ends the process when the reader has left."""
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def silence(stream: TextIO) -> None:
    """Lead a stream that cannot be written to nowhere: what is buffered would fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
