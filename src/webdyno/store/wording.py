"""How paths and the system's reasons are put into messages."""

from __future__ import annotations

from pathlib import Path

SPACE = "free some space, or give another place with --store"


def shown(path: Path | str) -> str:
    """A path as text that a terminal may safely print."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def reason(error: OSError | ValueError) -> str:
    """What the system said, without the path that the message names already."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
