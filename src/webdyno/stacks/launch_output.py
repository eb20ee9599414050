"""The last lines that a server wrote, made safe to show."""

from __future__ import annotations

import re
from pathlib import Path

from ..units import printable

_READ_BYTES = 64 * 1024
_LINE_LENGTH = 240
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def tail(log: Path, lines: int) -> tuple[str, ...]:
    """The last lines of a log that are not empty; of a log that is gone or empty, none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _READ_BYTES))
            text = file.read(_READ_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    written = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
    return tuple(readable(line) for line in written[-lines:])


def readable(line: str) -> str:
    """One line without colours, with control characters escaped, cut to a bearable length."""
    escaped = printable(_COLOUR.sub("", line).expandtabs(4))
    return escaped if len(escaped) <= _LINE_LENGTH else escaped[: _LINE_LENGTH - 3] + "..."
