"""What a script of `services/inspection` has written, read without trust: the app beside it knows the file as well."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from ..bounded_file import read_bounded
from ..errors import AppFailed, UsageError
from ..model.json_text import NotJson, read_json
from ..units import printable

_MOST_BYTES = 4_000_000
_Shape = TypeVar("_Shape")


def read_answer(path: Path, shape: type[_Shape], what: str) -> _Shape:
    """The answer, of the shape that is expected.

    Args:
        path: the file, which exists.
        shape: a type that pydantic knows.
        what: was inspected.

    Raises:
        AppFailed: the file holds something else.
    """
    try:
        return TypeAdapter(shape).validate_python(read_json(_read(path, what)), strict=True)
    except NotJson as error:
        raise _foreign(what, printable(str(error))) from error
    except ValidationError as error:
        raise _foreign(what, "it has another shape") from error


def read_text(path: Path, what: str) -> str:
    """The text of a file that may be missing; as `read_answer`."""
    return _read(path, what).decode("utf-8", "replace") if path.exists() else ""


def _read(path: Path, what: str) -> bytes:
    try:
        return read_bounded(path, _MOST_BYTES)
    except UsageError as error:
        raise _foreign(what, error.message) from error


def _foreign(what: str, why: str) -> AppFailed:
    return AppFailed(
        f"what the inspection of {what} found cannot be used: {why}",
        "look for what writes to the files that sys.argv names while it is imported",
    )
