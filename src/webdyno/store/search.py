"""What is kept in a database: found by name, and listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from ..errors import UsageError
from .database_tables import documents, runs, trials
from .document_kinds import is_readable
from .wording import shown

_LATEST = 5


def find(connection: Connection, tables: Sequence[Table], wanted: str | None, where: str) -> tuple[str, Table]:
    """The identifier that begins so, and the table that it is in.

    Args:
        connection: to the database.
        tables: where to look.
        wanted: an identifier or the beginning of one; None for the newest.
        where: the database, for messages.

    Raises:
        UsageError: none, or several, match.
    """
    latest = _newest(connection, tables, None)
    if not latest:
        raise UsageError(f"there are no runs in {where} yet", "measure first: webdyno compare")
    if wanted is None:
        return latest[0]
    for table in tables:
        if connection.scalar(select(table.c.id).where(table.c.id == wanted)) is not None:
            return wanted, table
    matching = _newest(connection, tables, wanted)
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UsageError(f"{wanted!a} is the beginning of several runs", f"give more of one: {_names(matching)}")
    raise UsageError(f"there is no run {wanted!a} in {where}", f"the latest: {_names(latest)}")


def run_headers(connection: Connection) -> list[dict[str, Any]]:
    """What the list shows of comparisons."""
    count = select(func.count()).where(trials.c.run_id == runs.c.id).scalar_subquery().label("trials")
    columns = (runs.c.id, runs.c.state, runs.c.started.label("at"), runs.c.measured_s, runs.c.stacks.label("subjects"))
    return [row._asdict() | {"kind": "comparison"} for row in connection.execute(select(*columns, count))]


def document_headers(connection: Connection) -> list[dict[str, Any]]:
    """What the list shows of all else."""
    columns = [column for column in documents.c if column.name != "document"]
    rows = [row._asdict() for row in connection.execute(select(*columns))]
    return [row | {"readable": is_readable(row["kind"], row.pop("number"))} for row in rows]


def _newest(connection: Connection, tables: Sequence[Table], beginning: str | None) -> list[tuple[str, Table]]:
    """The latest identifiers of all tables, those that begin so."""
    found: list[tuple[str, str, Table]] = []
    for table in tables:
        at = table.c.started if table is runs else table.c.at
        query = select(table.c.id, at).order_by(at.desc(), table.c.id.desc()).limit(_LATEST)
        if beginning is not None:
            query = query.where(table.c.id.startswith(beginning, autoescape=True))
        found += [(str(moment), str(name), table) for name, moment in connection.execute(query)]
    # Moments are texts of one form.
    found.sort(key=lambda one: one[:2], reverse=True)
    return [(name, table) for _, name, table in found[:_LATEST]]


def _names(found: Sequence[tuple[str, Table]]) -> str:
    return ", ".join(shown(name) for name, _ in found)
