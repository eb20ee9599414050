"""What is found by name: built-ins from a table, and other packages' entry points, through one loader.

An entry is a `module:attribute` that is imported when it is asked for. The tables are not entry points themselves
because finding those reads the metadata of every installed package at each start, and because a checkout that is not
installed has none. A name in a table cannot be taken over.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import TypeVar

from .errors import UsageError

E = TypeVar("E")


def names(table: Mapping[str, str], group: str) -> list[str]:
    """All names, webdyno's own first."""
    return list(dict.fromkeys([*table, *sorted(_points(group, tuple(sys.path)).names)]))


def find(name: str, table: Mapping[str, str], group: str, kind: type[E]) -> E | None:
    """The entry of that name, or None.

    Args:
        name: of the entry.
        table: the built-ins.
        group: of the entry points.
        kind: what it must be.

    Raises:
        UsageError: another package's entry cannot be loaded, or is something else.
    """
    if name in table:
        entry = EntryPoint(name, table[name], group)
    elif others := _points(group, tuple(sys.path)).select(name=name):
        entry = next(iter(others))
    else:
        return None
    try:
        loaded = entry.load()
    except Exception as error:
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(loaded, kind):
        raise _broken(entry, f"it is a {type(loaded).__name__}, not a webdyno {kind.__name__}")
    return loaded


@cache
def _points(group: str, path: tuple[str, ...]) -> EntryPoints:
    """Of the packages on this path; to read their metadata takes milliseconds, and a list asks hundreds of times."""
    return entry_points(group=group)


def _broken(entry: EntryPoint, why: str) -> UsageError:
    source = f" of the package {entry.dist.name}" if entry.dist else ""
    message = f"the entry {entry.name!r} ({entry.value}){source} cannot be loaded: {why}"
    return UsageError(message, "repair or uninstall the package that adds it")
