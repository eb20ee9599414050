"""Files and folders for their owner alone, from the first byte on, whatever the umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FOLDER, _FILE = 0o700, 0o600


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing; one that is there already keeps its mode.

    Raises:
        OSError: it cannot be made, or something else has its name.
    """
    try:
        path.mkdir(_FOLDER)
        path.chmod(_FOLDER)
    except FileNotFoundError:
        make_folder(path.parent)
        make_folder(path)
    except OSError:
        if not path.is_dir():
            raise


def open_private(path: Path, flags: int) -> int:
    """Open a file, make it where it is missing, and take away what others may do with it.

    A file that belongs to somebody else keeps its mode.

    Args:
        path: of the file.
        flags: of `os.open`; `O_CREAT` and `O_CLOEXEC` are added.

    Returns:
        The descriptor.

    Raises:
        OSError: it cannot be opened.
    """
    made = not path.exists()
    handle = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, _FILE)
    try:
        found = os.fstat(handle)
        mode = _FILE if made else stat.S_IMODE(found.st_mode) & stat.S_IRWXU
        if found.st_uid == os.geteuid() and stat.S_ISREG(found.st_mode) and mode != stat.S_IMODE(found.st_mode):
            os.fchmod(handle, mode)
    except BaseException:
        os.close(handle)
        raise
    return handle
