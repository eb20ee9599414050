"""Files of others, read without trust: regular ones only, and no more of them than was agreed."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError
from .units import format_bytes


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a file.

    Raises:
        UsageError: it cannot be read, is no regular file, or is larger than `most` bytes. The text leaves the name to
            the caller.
    """
    try:
        # A pipe or a device could block or never end.
        if path.exists() and not path.is_file():
            raise UsageError("this is not a file", "give a regular file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not a file name"
        raise UsageError(f"it cannot be read: {reason}", "correct its name or permissions") from error
    if len(content) > most:
        raise UsageError(f"it is larger than {format_bytes(most)}", "make it smaller")
    return content
