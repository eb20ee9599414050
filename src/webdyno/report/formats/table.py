"""The formats by name: webdyno's own, and those of other packages in the entry-point group `webdyno.formats`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import UsageError
from ...model.result_kind import ResultKind
from ...plugins import find, names
from ...units import printable
from .format import Format

FORMATS = {
    "text": "webdyno.report.formats.text:FORMAT",
    "json": "webdyno.report.formats.json:FORMAT",
    "markdown": "webdyno.report.formats.markdown:FORMAT",
    "html": "webdyno.report.formats.html:FORMAT",
    "svg": "webdyno.report.formats.svg:FORMAT",
}
_GROUP = "webdyno.formats"


def format_names() -> list[str]:
    """The names of all formats, webdyno's own first."""
    return names(FORMATS, _GROUP)


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = find(name, FORMATS, _GROUP, Format)
    if found is None:
        raise UsageError(f"there is no format {printable(name)!r:.60}", f"one of: {', '.join(format_names())}")
    return found


def format_of_file(path: Path, option: str) -> Format:
    """The format that a file's name asks for by its end; `option` is what names the file.

    Raises:
        UsageError: no format ends so.
    """
    known = list(_loadable(format_names()))
    for each in known:
        if path.suffix.lower() == each.suffix:
            return each
    ends = ", ".join(each.suffix for each in known)
    raise UsageError(f"{option} {printable(str(path))} is of no known format", f"end it in {ends}")


def formats_of(kind: ResultKind) -> Iterator[str]:
    """The names of those that can tell a kind of result."""
    return (each.name for each in _loadable(format_names()) if kind in each.renderers)


def _loadable(known: list[str]) -> Iterator[Format]:
    for name in known:
        try:
            yield find_format(name)
        except UsageError:
            # Asked for by its name, it says why.
            continue
