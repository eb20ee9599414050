"""One run at a time in a folder. The kernel releases the lock when its holder dies, so it is never stale."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..errors import NoRoom, UsageError, is_full
from ..private_files import make_folder, open_private
from .wording import SPACE, reason, shown

HERE = Path(".webdyno")


def lock_folder(store: str | Path) -> Path:
    """The folder to lock for runs that go into a store: the one its file is in, or `.webdyno` where it is a URL."""
    return HERE if isinstance(store, str) and "://" in store else Path(store).parent


@contextlib.contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Let one run at a time measure into a folder, by a lock on a file `lock` in it.

    Args:
        folder: is made where it is missing.

    Raises:
        UsageError: another process holds the lock, or its file cannot be made.
        NoRoom: the disk is full.
    """
    path = folder / "lock"
    try:
        make_folder(path.parent)
        handle = open_private(path, os.O_RDWR | os.O_NOFOLLOW)
    except (OSError, ValueError) as error:
        if is_full(error):
            raise NoRoom(f"{shown(path)} cannot be made: {reason(error)}", SPACE) from error
        # What is no file of ours was put there by somebody else.
        remedy = "remove it" if path.is_symlink() or path.is_dir() else "measure in a folder that you may write to"
        raise UsageError(f"{shown(path)} cannot be made: {reason(error)}", remedy) from error
    try:
        _take(handle, path)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {datetime.now(UTC).isoformat(timespec='seconds')}\n".encode(), 0)
    except BlockingIOError as error:
        raise UsageError(
            f"another run measures into {shown(path.parent)}: {_holder(os.pread(handle, 100, 0))}",
            "wait for it or stop it: two runs at once would disturb each other",
        ) from error
    except OSError as error:
        if is_full(error):
            raise NoRoom(f"{shown(path)} cannot be written: {reason(error)}", SPACE) from error
        raise UsageError(f"{shown(path)} cannot be locked: {reason(error)}", "measure on a local disk") from error


def _holder(content: bytes) -> str:
    try:
        pid, since = content.decode("ascii").split()
        return f"process {int(pid)}, since {datetime.fromisoformat(since):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return "a process that has just begun"
