"""Marks that tell whether the process which writes a run is still alive; they vanish with it, even after kill -9."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select

from ..errors import NoRoom, StoreError, is_full
from ..private_files import open_private
from .engine import file_of
from .wording import reason, shown


class Marks(Protocol):
    """The marks of one database."""

    def hold(self, run_id: str) -> None:
        """Mark a run as being written by this process.

        Raises:
            StoreError: another process writes it, or the mark cannot be made.
        """

    def release(self, run_id: str) -> None:
        """Take the mark away; none is no error."""

    def is_held(self, run_id: str) -> bool:
        """Does any process, this one included, write the run?"""


class FileMarks:
    """For an SQLite file: a locked file beside it for each run that is being written."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._handles: dict[str, int] = {}

    def hold(self, run_id: str) -> None:
        """See `Marks`."""
        path = self._path(run_id)
        try:
            handle = open_private(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                raise
        except BlockingIOError as error:
            raise _written_by_another(run_id) from error
        except OSError as error:
            raise (NoRoom if is_full(error) else StoreError)(
                f"{shown(path)} cannot be made: {reason(error)}",
                "free some space, check the permissions, or give another place with --store",
            ) from error
        self._handles[run_id] = handle

    def release(self, run_id: str) -> None:
        """See `Marks`."""
        handle = self._handles.pop(run_id, None)
        if handle is not None:
            self._path(run_id).unlink(missing_ok=True)
            os.close(handle)

    def is_held(self, run_id: str) -> bool:
        """See `Marks`."""
        try:
            handle = os.open(self._path(run_id), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        else:
            return False
        finally:
            os.close(handle)

    def _path(self, run_id: str) -> Path:
        # Hashed, since an identifier read from a file could lead anywhere.
        return self._database.with_name(f"{self._database.name}-{_number(run_id):016x}.lock")


class SessionMarks:
    """For PostgreSQL: an advisory lock of a connection that is kept for each run that is being written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: dict[str, Connection] = {}

    def hold(self, run_id: str) -> None:
        """See `Marks`."""
        connection = self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        if not connection.scalar(select(func.pg_try_advisory_lock(_number(run_id)))):
            connection.close()
            raise _written_by_another(run_id)
        self._connections[run_id] = connection

    def release(self, run_id: str) -> None:
        """See `Marks`."""
        connection = self._connections.pop(run_id, None)
        if connection is not None:
            # The server frees the lock when the session ends, also where it cannot be reached any more.
            connection.invalidate()
            connection.close()

    def is_held(self, run_id: str) -> bool:
        """See `Marks`."""
        with self._engine.connect() as connection:
            return not connection.scalar(select(func.pg_try_advisory_xact_lock_shared(_number(run_id))))


class NoMarks:
    """For other databases, and SQLite in memory: nothing is known, so a run counts as being written."""

    def hold(self, run_id: str) -> None:
        """See `Marks`."""

    def release(self, run_id: str) -> None:
        """See `Marks`."""

    def is_held(self, run_id: str) -> bool:
        """See `Marks`."""
        return True


def marks_of(engine: Engine) -> Marks:
    """The marks that fit a database."""
    if engine.dialect.name == "postgresql":
        return SessionMarks(engine)
    path = file_of(engine)
    return NoMarks() if path is None else FileMarks(path)


def _number(run_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(run_id.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def _written_by_another(run_id: str) -> StoreError:
    return StoreError(f"run {shown(run_id)} is being written already", "wait until that has ended")
