"""Values of options that several commands share."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from ..bounded_file import read_bounded
from ..errors import UsageError
from ..model.json_text import NotJson, parse_json
from ..model.workload import JsonScalar, is_scalar
from ..units import printable
from .environment import Filler
from .secret_files import read_headers, read_variables

LARGEST_BODY = 16 * 2**20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Read repeated `NAME=VALUE`; the last of a name holds.

    Raises:
        UsageError: there is no `=`, or no name before it. The text repeats nothing, since it may be a secret.
    """
    read = {}
    for text in texts or ():
        name, found, value = text.partition("=")
        if not found or not name.strip():
            raise UsageError(f"{option} has no name before '='", "write NAME=VALUE")
        read[name.strip()] = value
    return read


def variables(texts: Sequence[str] | None, filler: Filler) -> dict[str, str]:
    """Read repeated `--env`: `NAME=VALUE`, `NAME` as it is in our own environment, or `@FILE`; the last one holds.

    Raises:
        UsageError: one has no name, is not set here, or its file cannot be read.
    """
    read: dict[str, str] = {}
    for text in texts or ():
        name, found, value = text.partition("=")
        if text.startswith("@"):
            read |= read_variables(Path(text[1:]))
        elif found:
            read |= pairs([f"{name}={filler.fill(value, '--env')}"], "--env")
        elif _NAME.fullmatch(name):
            read[name] = filler.value(name, "--env")
        else:
            raise UsageError("--env has no name", "write NAME=VALUE, NAME or @FILE")
    return read


def header_pairs(texts: Sequence[str] | None, filler: Filler) -> tuple[tuple[str, str], ...]:
    """Read repeated `--header`: `NAME:VALUE` or `@FILE`, as often as each name is given; spaces around a value go.

    Returns:
        Names and values as `Request` has them: a character for each byte, and the bytes are those that were typed.

    Raises:
        UsageError: there is no `:`, or no name before it, or its file cannot be read. The text repeats nothing, since
            it may be a secret.
    """
    read = []
    for text in texts or ():
        if text.startswith("@"):
            read += read_headers(Path(text[1:]))
            continue
        filled = filler.fill(text, "--header")
        name, found, value = os.fsencode(filled).decode("latin-1").partition(":")
        if not found or not name.strip():
            raise UsageError("a --header has no name before ':'", "write NAME:VALUE, or @FILE")
        read.append((name.strip(), value.strip(" \t")))
    return tuple(read)


def json_values(texts: list[str] | None, filler: Filler) -> dict[str, JsonScalar]:
    """Read repeated `PATH=VALUE`: a JSON value, or else a text as it stands.

    Raises:
        UsageError: the path is missing, or the value is a list, an object or beyond every number.
    """
    values: dict[str, JsonScalar] = {}
    for path, typed in pairs(texts, "--expect-json").items():
        text = filler.fill(typed, "--expect-json")
        try:
            value = parse_json(text)
        except NotJson:
            value = text
        if not is_scalar(value):
            raise UsageError(f"--expect-json {path} is no plain JSON value", "name its parts, as in roles.0=admin")
        values[path] = value
    return values


def body_bytes(text: str | None, filler: Filler, option: str = "--body") -> bytes | None:
    """Read a body: the text itself with what it takes from the environment, or the file that `@FILE` names.

    Raises:
        UsageError: the file cannot be read or is too large.
    """
    if text is None or not text.startswith("@"):
        # The bytes that were typed, whatever the shell's encoding.
        return None if text is None else os.fsencode(filler.fill(text, option))
    return read_bounded(Path(text[1:]), LARGEST_BODY, f"{option} {printable(text[1:])}")
