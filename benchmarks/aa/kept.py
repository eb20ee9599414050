"""Values kept one a line in a file, so that what takes hours is gathered in pieces."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from webdyno.model.base import Value

_Kept = TypeVar("_Kept", bound=Value)


def read_kept(path: Path, kind: type[_Kept]) -> list[_Kept]:
    """All values of a file, none where there is no file; says which lines are none, as where a write was cut off."""
    found = []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            print(f"{path}:{number} is left out: {error.errors()[0]['msg']}", file=sys.stderr)
    return found


def keep(path: Path, value: Value) -> None:
    """Add a value to a file, on a line of its own whatever the file ends in, and have it on the disk."""
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        begun = end and file.read(1) != b"\n"
        file.write(b"\n" * begun + value.model_dump_json().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
