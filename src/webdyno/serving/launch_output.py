"""The lines that a server wrote last, made safe to show."""

from __future__ import annotations

import re

from ..model.secret_rules import mask_text
from ..processes.output_file import OutputFile
from ..units import format_bytes, printable

_FIRST_LINES = 5
_LINE_LENGTH = 240
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def tail(output: OutputFile, lines: int) -> tuple[str, ...]:
    """The last lines that are not empty; of a file that was cut, a few of the first before them."""
    first, last = output.ends()
    if not first:
        return _lines(last)[-lines:]
    cut = f"... {format_bytes(output.written)} in all, of which the first and the last part were kept ..."
    return (*_lines(first)[:_FIRST_LINES], cut, *_lines(last)[-lines:])


def _lines(written: bytes) -> tuple[str, ...]:
    # Whole, since a secret may have several lines, and what tells it may be cut off below.
    text = mask_text(_COLOUR.sub("", written.decode("utf-8", "replace")))
    return tuple(readable(line) for line in re.split(r"\r\n|\n|\r", text) if line.strip())


def readable(line: str) -> str:
    """One line with control characters escaped, cut to a bearable length."""
    escaped = printable(line.expandtabs(4))
    return escaped if len(escaped) <= _LINE_LENGTH else escaped[: _LINE_LENGTH - 3] + "..."
