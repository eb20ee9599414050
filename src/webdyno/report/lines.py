"""Lines of text for a terminal: how wide they are, and where they break."""

from __future__ import annotations

import re
import textwrap

WIDTH = 80
WIDEST = 100
# Spaces inside `95 % CI 2.9-3.3`, `6 blocks`, `2.74 ms`, at which no line may break.
_TOGETHER = re.compile(r"(?<=\d) (?=%|ms|min\b|s\b|us|blocks?\b|MB|GB)|(?<=%) (?=CI)|(?<=CI) (?=\d)")


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Break a text into lines; a figure stays with its unit, and all lines but the first are indented."""
    kept = _TOGETHER.sub("\xa0", text)
    lines = textwrap.wrap(kept, max(width, 20), subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines]
