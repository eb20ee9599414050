"""Files and folders for their owner alone, from the first byte on, whatever the umask."""

from __future__ import annotations

import contextlib
import os
import secrets
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


def replace_file(content: bytes, path: Path) -> None:
    """Write a file, so that it is there in whole or not at all; missing folders are made.

    Raises:
        OSError: it cannot be written; an earlier file of that name is untouched.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    handle = open_private(temporary, os.O_WRONLY | os.O_EXCL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
