"""Values of options that several commands share."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError

LARGEST_BODY = 16 * 2**20


def pairs(texts: list[str] | None, separator: str, option: str) -> dict[str, str]:
    """Read repeated `K=V` or `K:V` values; spaces around a header's value are dropped.

    Raises:
        UsageError: the separator or the name is missing.
    """
    read = {}
    for text in texts or []:
        name, found, value = text.partition(separator)
        if not found or not name.strip():
            raise UsageError(
                f"{option} {text!r} has no name before {separator!r}", f"write {option} NAME{separator}VALUE"
            )
        read[name.strip()] = value.strip() if separator == ":" else value
    return read


def body_bytes(text: str | None) -> bytes | None:
    """Read a request body: the text itself, or the file that `@FILE` names.

    Raises:
        UsageError: the file cannot be read or is too large.
    """
    if text is None or not text.startswith("@"):
        return None if text is None else text.encode()
    path = Path(text[1:])
    try:
        if path.stat().st_size > LARGEST_BODY:
            raise UsageError(f"--body file {path} is larger than {LARGEST_BODY} bytes", "send a smaller body")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"--body file {path} cannot be read: {error.strerror}", "check the path") from error
