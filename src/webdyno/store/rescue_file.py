"""A place for what could not be kept where it was to go: the user's own state folder."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from ..errors import StoreError
from ..private_files import make_folder
from .wording import reason


def write_aside(text: str, name: str) -> Path:
    """Write a document into `$XDG_STATE_HOME/webdyno` (`~/.local/state/webdyno`), or else into a new temporary folder.

    Its name cannot be foreseen, no link is followed, and nobody but its owner can read it.

    Args:
        text: the document.
        name: how its name begins.

    Returns:
        The file.

    Raises:
        StoreError: neither place takes it.
    """
    content = text.encode("utf-8", "backslashreplace")
    try:
        return _write(content, name, _state_folder())
    except (OSError, RuntimeError):
        # No home, no right to it, or no room there; another disk may have some.
        try:
            return _write(content, name, Path(tempfile.mkdtemp(prefix="webdyno-")))
        except OSError as error:
            raise StoreError(f"it cannot be written elsewhere: {reason(error)}", "free some space") from error


def _state_folder() -> Path:
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    folder = (given if given.is_absolute() else Path.home() / ".local" / "state") / "webdyno"
    make_folder(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{folder} is not the user's own")
    return folder


def _write(content: bytes, name: str, folder: Path) -> Path:
    handle, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".json", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, stat.S_IRUSR | stat.S_IWUSR)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except BaseException:
        Path(path).unlink()
        raise
    return Path(path)
