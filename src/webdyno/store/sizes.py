"""How much is in a database, asked before any of it is fetched: drivers such as PostgreSQL's take in a whole answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, Text, cast, func, select

from ..errors import StoreError
from ..model.run import MOST_TRIALS
from .database_tables import documents, runs, trials
from .wording import shown

LARGEST_RUN = 512 * 2**20
# Some hundred bytes each.
MOST_RUNS = 100_000
LARGEST_LIST = 64 * 2**20


def check_run(connection: Connection, run_id: str, where: str) -> None:
    """See that a run is not too large to be read.

    Raises:
        StoreError: it has more than `LARGEST_RUN` bytes or `MOST_TRIALS` trials.
    """
    header = select(_octets(connection, runs.c.document)).where(runs.c.id == run_id)
    sizes = select(func.sum(_octets(connection, trials.c.document)), func.count()).where(trials.c.run_id == run_id)
    size, number = connection.execute(sizes).one()
    if (connection.scalar(header) or 0) + (size or 0) > LARGEST_RUN or number > MOST_TRIALS:
        raise StoreError(
            f"run {shown(run_id)} in {where} is larger than {LARGEST_RUN >> 20} MiB, or has more than"
            f" {MOST_TRIALS:,} trials, so it is hardly one of webdyno",
            "choose another run: webdyno runs",
        )


def check_document(connection: Connection, name: str, where: str) -> None:
    """See that what is no comparison is not too large to be read.

    Raises:
        StoreError: it has more than `LARGEST_RUN` bytes.
    """
    size = connection.scalar(select(_octets(connection, documents.c.document)).where(documents.c.id == name))
    if (size or 0) > LARGEST_RUN:
        raise StoreError(
            f"{shown(name)} in {where} is larger than {LARGEST_RUN >> 20} MiB, so it is hardly one of webdyno",
            "choose another one: webdyno runs",
        )


def check_list(connection: Connection, tables: Sequence[Table], where: str) -> None:
    """See that what is kept is not too much to be listed.

    Raises:
        StoreError: there are more than `MOST_RUNS`, or they have more than `LARGEST_LIST` bytes.
    """
    size = number = 0
    for table in tables:
        # All that is listed is short; a document is not.
        listed = [column for column in table.c if column.name != "document"]
        sums = connection.execute(select(func.sum(_octets(connection, *listed)), func.count()).select_from(table))
        octets, rows = sums.one()
        size, number = size + (octets or 0), number + rows
    if size > LARGEST_LIST or number > MOST_RUNS:
        raise StoreError(
            f"{where} has more than {MOST_RUNS:,} runs, or {LARGEST_LIST >> 20} MiB of their names and stacks",
            "give another place with --store",
        )


def _octets(connection: Connection, *columns: Column[Any]) -> ColumnElement[int]:
    """How many bytes the columns of a row have together, whatever kind of value is in them."""
    if connection.dialect.name == "sqlite":
        # The length of a text ends at its first null character there, wherever the text does.
        sizes = [func.length(cast(column, LargeBinary)) for column in columns]
    else:
        sizes = [func.octet_length(cast(column, Text)) for column in columns]
    return reduce(add, (func.coalesce(size, 0) for size in sizes))
