"""What a database reports, in words and with the remedy."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, SQLAlchemyError

from ..errors import NoRoom, StoreError
from .wording import SPACE, shown

_PLACE = "check the permissions, or give another place with --store"
_ANOTHER = "move the file away or give another one with --store"
DAMAGED = "move the file away to go on; what can be saved of it: sqlite3 FILE .recover"
_WAIT = "try again once that process has ended"
_SQLITE = (
    ("SQLITE_FULL", "has no space left on its disk", SPACE),
    ("SQLITE_IOERR", "cannot be written or read: the disk is full or failing", SPACE),
    ("SQLITE_READONLY", "may not be written to", _PLACE),
    ("SQLITE_PERM", "may not be written to", _PLACE),
    ("SQLITE_CANTOPEN", "cannot be opened or written beside", _PLACE),
    ("SQLITE_NOTADB", "is not a database of webdyno", _ANOTHER),
    ("SQLITE_TOOBIG", "has a row that is larger than any of webdyno", _ANOTHER),
    ("SQLITE_BUSY", "was kept busy by another process for too long", _WAIT),
    ("SQLITE_LOCKED", "was kept busy by another process for too long", _WAIT),
    ("", "is damaged or was cut short", DAMAGED),
)


def translated(error: SQLAlchemyError | ValueError, where: str) -> StoreError | NoRoom:
    """The error to raise for one of the database's.

    Args:
        error: as sqlalchemy raised it, or the driver over text or a name that cannot be.
        where: the database, for the message.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, UnicodeDecodeError | NoResultFound):
        return StoreError(f"{where} is damaged", DAMAGED)
    if isinstance(error, IntegrityError):
        return StoreError(f"{where} holds this run or trial already", "measure again: a new run has a new identifier")
    lines = str(original).strip().splitlines() or [type(original).__name__]
    said = shown(lines[0][:200])
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorname", "")
        what, remedy = next((what, remedy) for prefix, what, remedy in _SQLITE if code.startswith(prefix))
        kind = NoRoom if code == "SQLITE_FULL" else StoreError
        return kind(f"{where} {what} ({said})", remedy)
    return StoreError(f"{where} cannot be used: {said}", "check --store, and that the database is reachable")
