"""The database of runs: an SQLite file by default, or any database that sqlalchemy reaches by URL."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, func, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreError, UsageError
from ..model.json_text import read_json
from ..model.notation import masked_notation
from ..model.run import Run
from ..model.trial import Trial
from .engine import make_engine, name_of
from .faults import DAMAGED, translated
from .header import RunHeader
from .mark import marks_of
from .readers import read_run
from .rows import TRIAL_KEY, run_row, trial_key, trial_row
from .sizes import check_list, check_run
from .tables import SCHEMA, metadata, runs, schema, trials
from .wording import shown

_LATEST = 5
_ANOTHER = "move the file away or give another one with --store"


class Store:
    """Keeps runs. Each call is a transaction of its own: durable once it returns, without effect where it raises.

    Every method raises `StoreError` where the database cannot be read or written (no permission, damaged, kept busy),
    and `NoRoom` where the disk is full; the store stays usable, and the same call may be tried again.
    """

    def __init__(self, location: str | Path) -> None:
        """Open a store, and make it where there is none yet.

        Args:
            location: path of an SQLite file, whose folder is made; or an sqlalchemy URL such as `postgresql://...`.

        Raises:
            UsageError: the URL cannot be read, or the database's driver is missing.
            StoreError: the database is not ours, of a newer schema, damaged, or cannot be opened.
        """
        engine = make_engine(location)
        self.name = name_of(engine)
        self._engine = engine
        self._writing = engine.execution_options(immediate=True)
        self._marks = marks_of(engine)
        self._begun: set[str] = set()
        try:
            self._check_tables()
        except BaseException:
            engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A run that is still `running` shows as interrupted from here on."""
        for run_id in self._begun:
            self._marks.release(run_id)
        self._begun.clear()
        self._engine.dispose()

    def begin(self, run: Run) -> None:
        """Store a run that starts now; its trials come by `save_trial`.

        It counts as running until `update` says otherwise, this store is closed, or this process dies.
        """
        with self._transaction(write=True) as connection:
            self._marks.hold(run.id)
            self._begun.add(run.id)
            connection.execute(insert(runs).values(run_row(run)))

    def save_trial(self, run_id: str, trial: Trial) -> None:
        """Add a trial to a run that was begun. One that is stored already is left alone."""
        with self._transaction(write=True) as connection:
            if connection.scalar(select(runs.c.id).where(runs.c.id == run_id)) is None:
                raise StoreError(
                    f"run {shown(run_id)} is not in {self.name}: its beginning could not be stored",
                    "its results are in the reports of this run only",
                )
            _add_missing(connection, run_id, (trial,))

    def update(self, run: Run) -> None:
        """Make the stored run equal to this one: all its fields, and those of its trials that are not stored yet."""
        row = run_row(run)
        with self._transaction(write=True) as connection:
            if connection.execute(update(runs).where(runs.c.id == run.id).values(row)).rowcount == 0:
                connection.execute(insert(runs).values(row))
            _add_missing(connection, run.id, run.trials)
        if run.state != "running" and run.id in self._begun:
            self._begun.discard(run.id)
            self._marks.release(run.id)

    def load(self, run_id: str | None = None) -> Run:
        """Read a run with all its trials so far.

        Args:
            run_id: its identifier or an unambiguous beginning of it; None for the newest.

        Raises:
            UsageError: no run, or several, match.
        """
        with self._transaction() as connection:
            found = self._find(connection, run_id)
            # By block first, in which the clock may have been set back.
            order = (trials.c.block, trials.c.started, trials.c.number)
            query = select(trials.c.document).where(trials.c.run_id == found).order_by(*order)
            check_run(connection, found, self.name)
            header, state = connection.execute(select(runs.c.document, runs.c.state).where(runs.c.id == found)).one()
            documents = connection.scalars(query).all()
            state = self._state(found, state)
        where = f"run {shown(found)} in {self.name}"
        try:
            document = _read_row(header)
            document |= {"state": state, "trials": [_read_row(text) for text in documents]}
        except (TypeError, ValueError) as error:
            raise StoreError(f"{where} is damaged", "choose another run: webdyno runs") from error
        return read_run(document, where)

    def list(self) -> builtins.list[RunHeader]:
        """The headers of all runs, newest first.

        Raises:
            StoreError: there are more than `MOST_RUNS`, or they have more than `LARGEST_LIST` bytes.
        """
        count = select(func.count()).where(trials.c.run_id == runs.c.id).scalar_subquery().label("trials")
        query = select(runs.c.id, runs.c.state, runs.c.started, runs.c.measured_s, runs.c.stacks, count)
        with self._transaction() as connection:
            check_list(connection, self.name)
            rows = connection.execute(query.order_by(runs.c.started.desc(), runs.c.id.desc()))
            found = [row._asdict() | {"state": self._state(str(row.id), row.state)} for row in rows]
        try:
            headers = [RunHeader.model_validate(row | {"stacks": _read_row(row["stacks"])}) for row in found]
        except (TypeError, ValueError) as error:
            raise StoreError(f"{self.name} is damaged", DAMAGED) from error
        # An older webdyno took notations with secrets.
        return [one.model_copy(update={"stacks": tuple(map(masked_notation, one.stacks))}) for one in headers]

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[Connection]:
        try:
            with (self._writing if write else self._engine).begin() as connection:
                yield connection
        except (SQLAlchemyError, ValueError) as error:
            raise translated(error, self.name) from error

    def _check_tables(self) -> None:
        with self._transaction() as connection:
            known = self._is_ours(connection)
        if not known:
            with self._transaction(write=True) as connection:
                if not self._is_ours(connection):
                    metadata.create_all(connection)
                    connection.execute(insert(schema).values(number=SCHEMA))

    def _is_ours(self, connection: Connection) -> bool:
        """True where our tables are there, False where they may be made.

        Raises:
            StoreError: it belongs to something else, or to a newer webdyno.
        """
        names = set(inspect(connection).get_table_names())
        if schema.name not in names:
            if names and self._engine.dialect.name == "sqlite":
                raise StoreError(f"{self.name} is a database, but not one of webdyno", _ANOTHER)
            return False
        number = connection.scalar(select(func.max(schema.c.number)))
        if type(number) is not int or not names.issuperset(metadata.tables):
            raise StoreError(f"{self.name} is damaged", DAMAGED)
        if number > SCHEMA:
            raise StoreError(
                f"{self.name} has schema {number}, this webdyno reads up to {SCHEMA}",
                "upgrade webdyno, or give another place with --store",
            )
        return True

    def _find(self, connection: Connection, wanted: str | None) -> str:
        newest_first = select(runs.c.id).order_by(runs.c.started.desc(), runs.c.id.desc()).limit(_LATEST)
        latest = connection.scalars(newest_first).all()
        if not latest:
            raise UsageError(f"there are no runs in {self.name} yet", "measure first: webdyno compare")
        if wanted is None:
            return str(latest[0])
        matching = connection.scalars(newest_first.where(runs.c.id.startswith(wanted, autoescape=True))).all()
        exact = connection.scalar(select(runs.c.id).where(runs.c.id == wanted))
        if exact is not None or len(matching) == 1:
            return str(exact or matching[0])
        if matching:
            raise UsageError(f"{wanted!a} is the beginning of several runs", f"give more of one: {_names(matching)}")
        raise UsageError(f"there is no run {wanted!a} in {self.name}", f"the latest: {_names(latest)}")

    def _state(self, run_id: str, state: str) -> str:
        return "interrupted" if state == "running" and not self._marks.is_held(run_id) else state


def _read_row(text: object) -> Any:
    if not isinstance(text, str):
        raise TypeError("no text")
    return read_json(text.encode())


def _names(run_ids: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in run_ids)


def _add_missing(connection: Connection, run_id: str, given: tuple[Trial, ...]) -> None:
    columns = [trials.c[name] for name in TRIAL_KEY]
    stored = {tuple(row) for row in connection.execute(select(*columns).where(trials.c.run_id == run_id))}
    missing = {key: trial for trial in given if (key := trial_key(trial)) not in stored}
    if missing:
        connection.execute(insert(trials), [trial_row(run_id, trial) for trial in missing.values()])
