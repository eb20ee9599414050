"""Values of options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..model.json_text import NotJson, parse_json
from ..model.workload import JsonScalar, is_scalar
from ..units import printable

LARGEST_BODY = 16 * 2**20


def variables(texts: Sequence[str] | None, option: str = "--env") -> dict[str, str]:
    """Read repeated `NAME=VALUE`; the last of a name holds.

    Raises:
        UsageError: there is no `=`, or no name before it.
    """
    read = {}
    for text in texts or ():
        name, found, value = text.partition("=")
        if not found or not name.strip():
            raise UsageError(f"{option} {text!r} has no name before '='", f"write {option} NAME=VALUE")
        read[name.strip()] = value
    return read


def header_pairs(texts: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Read repeated `--header NAME:VALUE`, as often as each name is given; spaces around a value are dropped.

    Returns:
        Names and values as `Request` has them: a character for each byte, and the bytes are those that were typed.

    Raises:
        UsageError: there is no `:`, or no name before it. The text repeats nothing, since it may be a secret.
    """
    read = []
    for text in texts or ():
        name, found, value = os.fsencode(text).decode("latin-1").partition(":")
        if not found or not name.strip():
            raise UsageError("a --header has no name before ':'", "write --header NAME:VALUE")
        read.append((name.strip(), value.strip(" \t")))
    return tuple(read)


def json_values(texts: list[str] | None) -> dict[str, JsonScalar]:
    """Read repeated `PATH=VALUE`: a JSON value, or else a text as it stands.

    Raises:
        UsageError: the path is missing, or the value is a list, an object or beyond every number.
    """
    values: dict[str, JsonScalar] = {}
    for path, text in variables(texts, "--expect-json").items():
        try:
            value = parse_json(text)
        except NotJson:
            value = text
        if not is_scalar(value):
            raise UsageError(f"--expect-json {path} is no plain JSON value", "name its parts, as in roles.0=admin")
        values[path] = value
    return values


def body_bytes(text: str | None, option: str = "--body") -> bytes | None:
    """Read a body: the text itself, or the file that `@FILE` names.

    Raises:
        UsageError: the file cannot be read or is too large.
    """
    if text is None or not text.startswith("@"):
        # The bytes that were typed, whatever the shell's encoding.
        return None if text is None else os.fsencode(text)
    return read_bytes(Path(text[1:]), LARGEST_BODY, option)


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
