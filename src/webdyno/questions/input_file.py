"""Files that options name: read whole, within bounds."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..units import printable


def read_bytes(path: Path, largest: int, option: str) -> bytes:
    """Read a regular file.

    Raises:
        UsageError: it cannot be read, is none, or is larger than `largest` bytes.
    """
    name = printable(str(path))
    try:
        # A device or a pipe could be endless or never answer.
        if path.exists() and not path.is_file():
            raise UsageError(f"{option} {name} is not a regular file", "give a file")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"{option} {name} cannot be read: {reason}", "check the path") from error
    if len(content) > largest:
        raise UsageError(f"{option} {name} is larger than {largest:,} bytes", "give a smaller one")
    return content
