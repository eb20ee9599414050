"""Files of headers and of variables: secrets in them show neither in the list of processes nor in a shell's history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..bounded_file import read_bounded
from ..errors import UsageError
from ..units import printable

LARGEST = 65_536
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_SINGLE = re.compile(r"'([^']*)'\s*(?:#.*)?")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def read_secret(path: Path, option: str) -> str:
    """The whole text of a file, without the end of its line.

    Raises:
        UsageError: the file cannot be read, or is no text.
    """
    try:
        return read_bounded(path, LARGEST, f"{option} {printable(str(path))}").decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"the file of {option} is no text", "write the credentials there in UTF-8") from error


def read_headers(path: Path) -> list[tuple[str, str]]:
    """Read lines `Name: value`, with a character for each byte as `Request` has them; `#` begins a comment.

    Raises:
        UsageError: the file cannot be read, or a line is none of these. The text never repeats a line.
    """
    read = []
    for where, line in _lines(path, "--header", "latin-1"):
        name, found, value = line.partition(":")
        if not found or not name.strip():
            raise UsageError(f"{where} has no name before ':'", "write Name: value, or begin a comment with #")
        read.append((name.strip(), value.strip(" \t")))
    return read


def read_variables(path: Path) -> dict[str, str]:
    r"""Read lines `NAME=VALUE` as in a dotenv file: with or without quotes and `export`; `#` begins a comment.

    In double quotes `\n`, `\r`, `\t` and an escaped quote are read as such; nothing else is replaced.

    Raises:
        UsageError: the file cannot be read, or a line is none of these. The text never repeats a line.
    """
    read = {}
    for where, line in _lines(path, "--env", "utf-8"):
        found = _VARIABLE.fullmatch(line)
        if not found:
            raise UsageError(f"{where} is no variable", "write NAME=VALUE, or begin a comment with #")
        read[found[1]] = _unquoted(found[2], where)
    return read


def _unquoted(text: str, where: str) -> str:
    if not text.startswith(("'", '"')):
        return re.split(r"\s#", f" {text}", maxsplit=1)[0].strip()
    quoted = (_DOUBLE if text[0] == '"' else _SINGLE).fullmatch(text)
    if not quoted:
        raise UsageError(f"{where} has a quote that does not end the value", f"end it with {text[0]} on the same line")
    if text[0] == "'":
        return quoted[1]
    return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), quoted[1])


def _lines(path: Path, option: str, encoding: str) -> Iterator[tuple[str, str]]:
    """Where each line is, and what it says, but for empty ones and comments."""
    name = printable(str(path))
    try:
        text = read_bounded(path, LARGEST, f"{option} {name}").removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"the file {name} of {option} is no text", "write it in UTF-8") from error
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if (stripped := line.strip(" \t")) and not stripped.startswith("#"):
            yield f"line {number} of {name} ({option})", stripped
