"""Helper processes that run to their end, none of which outlives us or leaves something behind."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from .guard import Streams, guard_at_hand
from .output_file import OutputFile

_PASSED_ON = ("HOME", "PATH", "TMPDIR", "TZ", "USER")


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        code: exit code, negative for a signal; None where the time limit ended it.
        output: the last 64 KiB of standard output and standard error together.
        errors: the last 64 KiB of standard error where it was asked for apart.
    """

    code: int | None
    output: str
    errors: str = ""


def base_environment() -> dict[str, str]:
    """The short cleaned environment that every app and server gets, the same on every machine but for its folders."""
    ours = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return ours | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    limit_s: float | None = None,
    keep_open: tuple[int, ...] = (),
    errors_apart: bool = False,
) -> Ended:
    """Run a command to its end, and end everything that it has started whatever happens here.

    Args:
        command: program and arguments.
        env: its complete environment.
        cwd: its working folder.
        limit_s: seconds after which it is killed; None: no limit.
        keep_open: descriptors that it inherits.
        errors_apart: keep what it writes to standard error out of its output.

    Raises:
        OSError: where it cannot be started.
    """
    with ExitStack() as stack:
        guard = stack.enter_context(guard_at_hand())
        output = stack.enter_context(OutputFile(guard.folder))
        errors = stack.enter_context(OutputFile(guard.folder)) if errors_apart else output
        process = guard.start(
            command, env=env, cwd=cwd, streams=Streams(None, output.descriptor, errors.descriptor), keep_open=keep_open
        )
        try:
            code = process.wait(limit_s)
        finally:
            process.end()
        return Ended(code, _end_of(output), _end_of(errors) if errors_apart else "")


def _end_of(file: OutputFile) -> str:
    _, last = file.ends()
    return last.decode(errors="replace")
