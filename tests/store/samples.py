"""Small runs for the store's tests, and processes that die or share the store on purpose."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.factories import DEFAULT_TRUTHS, make_run
from webdyno.model.run import Run


def small_run() -> Run:
    return make_run(DEFAULT_TRUTHS[:2], blocks=2)


def begun(run: Run) -> Run:
    """The run as it was when it began."""
    return run.model_copy(update={"trials": (), "state": "running", "finished": None})


@contextmanager
def child(code: str, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A Python process that runs `code`, and its output; killed at the end where it has not ended by itself."""
    argv = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()
