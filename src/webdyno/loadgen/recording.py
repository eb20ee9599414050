"""Recorded arrivals, read from a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from ..errors import UsageError
from ..model.load import MOST_REPLAYED, Replay

_LINE_BYTES = 100


def read_recording(path: Path) -> Replay:
    """Read the moments of arrivals: seconds from the start, one a line, in any order; empty lines are passed over.

    Raises:
        UsageError: the file cannot be read, has a line that is no such number, none at all, or too many.
    """
    offsets: list[float] = []
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(_LINE_BYTES):
                number += 1
                if line.strip():
                    offsets.append(float(line))
                if len(offsets) > MOST_REPLAYED:
                    raise UsageError(f"{path} has more than {MOST_REPLAYED:,} arrivals", "replay a part of it")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "give a file of seconds, one a line") from error
    except ValueError as error:
        raise UsageError(f"{path}, line {number}: not a number of seconds", "write one number a line") from error
    try:
        return Replay(offsets_s=tuple(sorted(offsets)))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UsageError(f"{path} has no arrivals to replay: {reason}", "write seconds from 0 to 3600") from error
