"""Files: one result as a JSON document, and the atomic writing of any report."""

from __future__ import annotations

from pathlib import Path

from ..bounded_file import read_bounded
from ..errors import NotGiven, StoreError, UsageError
from ..model.json_text import NotJson, read_json
from ..private_files import replace_file
from .document_kinds import Kept
from .readers import read_kept
from .wording import reason, shown

# A hundred stacks in a hundred blocks are some 160 MiB.
LARGEST_BYTES = 512 * 1024 * 1024
_A_RESULT = "give a file that --json wrote"
_WRITE_AGAIN = "write it again from the stored run: webdyno report RUN --json FILE"


def write_document(text: str, path: Path) -> None:
    """Write a text file for its owner alone, so that it is there in whole or not at all.

    Missing folders are made. What is no regular file (`/dev/stdout`, a named pipe) is written to directly.

    Raises:
        NotGiven: it cannot be written there; an earlier file of that name is untouched.
    """
    write_file(text.encode("utf-8", "backslashreplace"), path)


def write_file(content: bytes, path: Path) -> None:
    """As `write_document`, of any content.

    Raises:
        NotGiven: it cannot be written there; an earlier file of that name is untouched.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            replace_file(content, path.resolve())
    except (OSError, ValueError) as error:
        raise NotGiven(
            f"{shown(path)} cannot be written: {reason(error)}",
            "give another place, or free some space or the permission; the run itself is kept: webdyno runs",
        ) from error


def read_document(path: Path) -> Kept:
    """Read the JSON document of a result, of this or any earlier schema.

    Raises:
        StoreError: the file cannot be read, is no JSON, is truncated, too large, not ours, newer than this
            webdyno, or holds a field that cannot be right.
    """
    name = shown(path)
    try:
        document = read_json(read_regular(path, LARGEST_BYTES, _A_RESULT))
    except NotJson as error:
        raise StoreError(f"{name} is not JSON, or was cut short: {shown(str(error))}", _WRITE_AGAIN) from error
    if not isinstance(document, dict):
        raise StoreError(f"{name} is JSON, but not a result of webdyno", _A_RESULT)
    return read_kept(document, name)


def read_regular(path: Path, largest: int, remedy: str) -> bytes:
    """The content of a regular file.

    Args:
        path: of the file.
        largest: bytes that it may have.
        remedy: told where that fails.

    Raises:
        StoreError: it cannot be read, is no regular file, or is larger.
    """
    try:
        return read_bounded(path, largest, shown(path))
    except UsageError as error:
        raise StoreError(error.message, remedy) from error.__cause__
