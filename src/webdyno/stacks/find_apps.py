"""Which apps a project seems to have: its sources are read, and nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..bounded_file import read_bounded
from ..errors import UsageError
from .app_source import NAMES, Kind, Source, SourceApp, read_source

MOST_SOURCES = 2_000
MOST_ENTRIES = 50_000
LARGEST_SOURCE = 1_000_000
MOST_BYTES = 32_000_000
_DEEPEST = 10
_NO_SOURCES = {"__pycache__", "build", "dist", "node_modules", "site-packages", "test", "tests"}
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_NO_APPS = {"conftest", "noxfile", "setup", "__main__"}
# What stands where a project begins: its modules are imported from there.
_TOPS = ("manage.py", "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile")
_ENTRIES = ("wsgi", "asgi")
_USUAL_FILES = (*_ENTRIES, "main", "app", "application", "server", "api", "__init__")


class FoundApp(NamedTuple):
    """What seems to be an app.

    Attributes:
        target: its import string.
        kind: how it is made.
        made_by: what tells that it is one, such as `fastapi`.
        file: its source.
        app_dir: the folder that it is imported from.
    """

    target: str
    kind: Kind
    made_by: str
    file: Path
    app_dir: Path


class Search(NamedTuple):
    """What was found, and what was looked at.

    Attributes:
        apps: the likeliest first.
        sources: how many sources were looked at.
        unread: files and folders that could not be read, each with the reason.
        whole: False where there was more to look at than is looked at.
    """

    apps: tuple[FoundApp, ...]
    sources: int
    unread: tuple[tuple[Path, str], ...]
    whole: bool


def find_apps(folders: Sequence[Path], *, as_tops: bool = False) -> Search:
    """Look for apps in the sources of folders.

    Hidden folders, tests, virtual environments and links to folders are left out. At most so many entries of folders,
    and so many sources up to a size each and together, are looked at: those nearest to the top.

    Args:
        folders: absolute.
        as_tops: everything is imported from them; otherwise it is found out from which folder each module is.
    """
    found: list[tuple[tuple[object, ...], FoundApp]] = []
    walk = _Walk()
    for top, file in walk.sources(folders):
        try:
            content = read_bounded(file, LARGEST_SOURCE)
            walk.bytes += len(content)
            source = read_source(content, is_entry=file.stem in _ENTRIES)
        except UsageError as error:
            walk.unread.append((file, error.message))
            continue
        if source.apps:
            folder = top if as_tops else _imported_from(top, file, source)
            module = _module(folder, file)
            for app in source.apps if module else ():
                found.append(
                    (_rank(app, file, top), FoundApp(f"{module}:{app.name}", app.kind, app.made_by, file, folder))
                )
    found.sort(key=lambda each: each[0])
    return Search(tuple(app for _, app in found), walk.count, tuple(walk.unread), walk.whole)


class _Walk:
    """Goes through folders, the nearest first."""

    def __init__(self) -> None:
        self.count = 0
        self.bytes = 0
        self.unread: list[tuple[Path, str]] = []
        self.whole = True
        self._entries = 0

    def sources(self, tops: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
        """Each source, with the top that it was found below."""
        waiting = [(top, top, 0) for top in tops]
        for top, folder, depth in waiting:
            for entry in self._listed(folder):
                path = Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEPEST and _may_have_sources(path):
                        waiting.append((top, path, depth + 1))
                    elif depth == _DEEPEST:
                        self.whole = False
                elif entry.is_file(follow_symlinks=False) and _may_have_apps(path):
                    if self.count == MOST_SOURCES or self.bytes > MOST_BYTES:
                        self.whole = False
                        return
                    self.count += 1
                    yield top, path

    def _listed(self, folder: Path) -> list[os.DirEntry[str]]:
        listed: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._entries += 1
                    if self._entries > MOST_ENTRIES:
                        self.whole = False
                        break
                    listed.append(entry)
        except OSError as error:
            self.unread.append((folder, error.strerror or str(error)))
        return sorted(listed, key=lambda entry: entry.name)


def _may_have_sources(folder: Path) -> bool:
    return (
        not folder.name.startswith(".")
        and folder.name not in _NO_SOURCES
        and not any((folder / mark).exists() for mark in _ENVIRONMENTS)
    )


def _may_have_apps(file: Path) -> bool:
    stem = file.stem
    return (
        file.suffix == ".py"
        and stem.isidentifier()
        and stem not in _NO_APPS
        and not stem.startswith("test_")
        and not stem.endswith("_test")
    )


def _imported_from(top: Path, file: Path, source: Source) -> Path:
    """The folder that a module is imported from: that of its project, its `src`, or where what it imports lies."""
    folder = file.parent
    while folder != top and (folder / "__init__.py").exists():
        folder = folder.parent
    if folder != top and any(_has(folder, name) and not _has(top, name) for name in source.imported):
        return folder
    while folder != top:
        if folder.name == "src" or not folder.name.isidentifier() or any((folder / mark).exists() for mark in _TOPS):
            return folder
        folder = folder.parent
    return top


def _has(folder: Path, module: str) -> bool:
    return (folder / f"{module}.py").exists() or (folder / module).is_dir()


def _module(folder: Path, file: Path) -> str | None:
    """The dotted name of a source; None where it has none."""
    parts = file.relative_to(folder).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) if parts and all(map(str.isidentifier, parts)) else None


def _rank(app: SourceApp, file: Path, top: Path) -> tuple[object, ...]:
    folders = [name for name in file.relative_to(top).parts[:-1] if name != "src"]
    return (
        app.kind,
        app.name not in NAMES,
        len(folders),
        _index(_USUAL_FILES, file.stem),
        _index(NAMES, app.name),
        str(file),
    )


def _index(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)
