"""Files of others, read without trust: regular ones only, and no more of them than was agreed."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError
from .units import format_bytes


def read_bounded(path: Path, most: int, called: str = "it") -> bytes:
    """The bytes of a file.

    Args:
        path: of the file.
        most: bytes that it may have.
        called: how an error calls it; by itself it leaves the name to the caller.

    Raises:
        UsageError: it cannot be read, is no regular file, or is larger.
    """
    try:
        # A pipe or a device could block or never end.
        if path.exists() and not path.is_file():
            raise UsageError(f"{called} is not a regular file", "give a file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not a file name"
        raise UsageError(f"{called} cannot be read: {reason}", "check its name and permission") from error
    if len(content) > most:
        raise UsageError(f"{called} is larger than {format_bytes(most)}", "give a smaller one")
    return content
