"""Opens the connection to a database, whatever kind the location names."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from ..errors import NoRoom, StoreError, UsageError, is_full
from ..model.secret_rules import mask_text
from ..private_files import make_folder, open_private
from .wording import reason, shown

BUSY_S = 10
# Of one row. A trial with all its histograms is far smaller.
LARGEST_ROW = 128 * 2**20
_OPTIONS: dict[str, dict[str, object]] = {
    # Transactions are begun by us: the driver's own begin too late for a steady view over several reads.
    "sqlite": {"timeout": BUSY_S, "isolation_level": None},
    "postgresql": {"connect_timeout": BUSY_S},
}


def make_engine(location: str | Path) -> Engine:
    """The engine for a path (SQLite) or for a text with `://` in it (any sqlalchemy URL); nothing is read yet.

    Raises:
        UsageError: the URL cannot be read, or its driver is missing.
        StoreError: an SQLite file, or its folder, cannot be made; `NoRoom` where the disk is full.
    """
    url = _url(location)
    backend = url.get_backend_name()
    try:
        engine = create_engine(url, connect_args=_OPTIONS.get(backend, {}))
    except NoSuchModuleError as error:
        raise UsageError(f"{backend} is not a known kind of database", "give a path, or postgresql://...") from error
    except ModuleNotFoundError as error:
        remedy = "pip install 'webdyno[postgresql]'" if backend == "postgresql" else f"pip install {error.name}"
        raise UsageError(f"the driver {error.name} for {backend} is not installed", remedy) from error
    if backend == "sqlite":
        path = file_of(engine)
        if path is not None:
            _make_file(path)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def name_of(engine: Engine) -> str:
    """The location as messages show it: without a password."""
    if engine.dialect.name == "sqlite":
        return shown(engine.url.database or ":memory:")
    return shown(mask_text(engine.url.render_as_string(hide_password=True)))


def file_of(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for other databases, those in memory, and `file:` URIs."""
    name = engine.url.database or ":memory:"
    if engine.dialect.name != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)


def _url(location: str | Path) -> URL:
    if isinstance(location, Path) or "://" not in location:
        return URL.create("sqlite", database=str(Path(location).absolute()))
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:
        # A password that is not percent-encoded may stand where the port is looked for.
        remedy = "for example postgresql://user@host/name; in a password a slash is %2F, an @ %40"
        raise UsageError("the URL of the database cannot be read", remedy) from error
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _make_file(path: Path) -> None:
    # SQLite gives the files that it puts beside it the same mode.
    try:
        if path.is_dir():
            raise StoreError(f"{shown(path)} is a folder", f"give a file, such as {shown(path / 'results.db')}")
        # A pipe or a device takes no database; SQLite would tell it as a full disk.
        if path.exists() and not path.is_file():
            raise StoreError(f"{shown(path)} is not a regular file", "give another place with --store")
        make_folder(path.parent)
        os.close(open_private(path, os.O_RDONLY | os.O_NONBLOCK))
    except (OSError, ValueError) as error:
        raise (NoRoom if is_full(error) else StoreError)(
            f"{shown(path)} cannot be made: {reason(error)}",
            "free some space, check the permissions, or give another place with --store",
        ) from error


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The rollback journal (the default) rather than WAL: it works on network folders and leaves one file to copy.
    # EXTRA syncs the folder as well, so that a commit holds through a power cut.
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    # Columns of a prepared file can be worked out as they are read and be of any length.
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_ROW)


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: two that began as readers could only fail.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
