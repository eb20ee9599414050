"""What a stack's figures depend on beside its notation, in short: to notice when it changes from block to block."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import psutil

from ..model.run import StackRecord
from .app_settings import APP_DIRS

_MOST_FILES = 10_000


def conditions(record: StackRecord) -> dict[str, str]:
    """The state of the app's Python files, of the installed packages and of the interpreter, each as a digest.

    Of a server that already runs, the start of its process. What cannot be read is left out.
    """
    if record.stack.url is not None:
        return _started(record.stack.pid)
    python = Path(record.argv[0])
    found = {
        "its files": _digest(line for folder in _imported_from(record) for line in _python_files(folder)),
        "its packages": _digest(_installed(python)),
        "its interpreter": _digest(_stamped([python])),
    }
    return {what: digest for what, digest in found.items() if digest}


def _started(pid: int | None) -> dict[str, str]:
    with suppress(psutil.Error):
        return {} if pid is None else {"its process": f"{pid} of {psutil.Process(pid).create_time():.2f}"}
    return {}


def _imported_from(record: StackRecord) -> list[Path]:
    app_dirs = record.env.get(APP_DIRS)
    return [Path(folder) for folder in app_dirs.split(os.pathsep)] if app_dirs else [Path(record.cwd)]


def _python_files(folder: Path) -> Iterator[str]:
    files = []
    for place, folders, names in os.walk(folder):
        # An environment inside the app's folder is no part of the app, and what is hidden neither.
        folders[:] = sorted(
            name for name in folders if name[0] not in "._" and not Path(place, name, "pyvenv.cfg").exists()
        )
        files += [Path(place, name) for name in sorted(names) if name.endswith(".py")]
        if len(files) > _MOST_FILES:
            break
    return _read(files[:_MOST_FILES])


def _installed(python: Path) -> Iterator[str]:
    for site in sorted(python.parent.parent.glob("lib/python3*/site-packages")):
        yield from sorted(entry.name for entry in site.glob("*.dist-info"))


def _read(files: Iterable[Path]) -> Iterator[str]:
    """Each file with what is in it: one that the app writes anew at each start may say the same as before."""
    for file, stamp in _seen(files):
        with suppress(OSError):
            yield f"{file} {_content(file, stamp)}"


@lru_cache(maxsize=2 * _MOST_FILES)
def _content(file: Path, _stamp: str) -> str:
    """What is in a file, as a digest; it is read again when its stamp is another one."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _stamped(files: Iterable[Path]) -> Iterator[str]:
    return (f"{file} {stamp}" for file, stamp in _seen(files))


def _seen(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for file in files:
        with suppress(OSError):
            seen = file.stat()
            yield file, f"{seen.st_size} {seen.st_mtime_ns}"


def _digest(lines: Iterable[str]) -> str:
    listed = "\n".join(lines)
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()[:16] if listed else ""
