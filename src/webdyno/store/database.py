"""The database of results: an SQLite file by default, or any database that sqlalchemy reaches by URL."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table, func, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreError
from ..model.doctor_run import DoctorRun
from ..model.gate_run import MOST_GATE_RUNS, GateRun
from ..model.json_text import read_json
from ..model.load_run import LoadRun
from ..model.notation import masked_notation
from ..model.run import Run
from ..model.trial import Trial
from .database_tables import SCHEMA, documents, metadata, runs, schema, trials
from .document_kinds import Json, Kept
from .engine import make_engine, name_of
from .faults import DAMAGED, translated
from .header import Header
from .mark import marks_of
from .readers import read_kept, read_run
from .rows import TRIAL_KEY, document_row, run_row, trial_key, trial_row
from .search import document_headers, find, run_headers
from .sizes import check_document, check_list, check_run
from .wording import shown

_CHOOSE = "choose another run: webdyno runs"
_ANOTHER = "move the file away or give another one with --store"


class Store:
    """Keeps results. Each call is a transaction of its own: durable once it returns, without effect where it raises.

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

    def resume(self, run_id: str) -> None:
        """Go on with a run that is stored and has ended; it stays as it is until an `update` or a trial is added.

        Raises:
            StoreError: it is not there, or another process writes it.
        """
        with self._transaction(write=True) as connection:
            self._marks.hold(run_id)
            self._begun.add(run_id)
            if connection.scalar(select(runs.c.id).where(runs.c.id == run_id)) is None:
                raise StoreError(f"{self._where(run_id)} is not there any more", _CHOOSE)

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

    def keep(self, document: LoadRun | GateRun | DoctorRun) -> None:
        """Store what is no comparison, whole; of a gate also those of its runs that are not stored yet."""
        with self._transaction(write=True) as connection:
            self._make_documents(connection)
            for run in document.runs if isinstance(document, GateRun) else ():
                if connection.scalar(select(runs.c.id).where(runs.c.id == run.id)) is None:
                    connection.execute(insert(runs).values(run_row(run)))
                _add_missing(connection, run.id, run.trials)
            connection.execute(insert(documents).values(document_row(document)))

    def read(self, name: str | None = None) -> Kept:
        """Read what is kept, of any kind; of a comparison with all its trials so far.

        Args:
            name: its identifier or an unambiguous beginning of it; None for the newest.

        Raises:
            UsageError: nothing, or more than one, matches.
        """
        with self._transaction() as connection:
            found, table = find(connection, self._tables(connection), name, self.name)
            read = self._comparison if table is runs else self._document
            document = read(connection, found)
        return read_kept(document, self._where(found))

    def load(self, run_id: str | None = None) -> Run:
        """As `read`, among comparisons only."""
        with self._transaction() as connection:
            found, _ = find(connection, [runs], run_id, self.name)
            document = self._comparison(connection, found)
        return read_run(document, self._where(found))

    def list(self) -> builtins.list[Header]:
        """The headers of all that is kept, newest first.

        Raises:
            StoreError: there are more than `MOST_RUNS`, or they have more than `LARGEST_LIST` bytes.
        """
        with self._transaction() as connection:
            tables = self._tables(connection)
            check_list(connection, tables, self.name)
            found = [row | {"state": self._state(str(row["id"]), row["state"])} for row in run_headers(connection)]
            found += document_headers(connection) if documents in tables else []
        try:
            headers = [Header.model_validate(row | {"subjects": _parsed(row["subjects"])}) for row in found]
        except (TypeError, ValueError) as error:
            raise StoreError(f"{self.name} is damaged", DAMAGED) from error
        headers.sort(key=lambda header: (header.at, header.id), reverse=True)
        # An older webdyno took notations with secrets.
        return [
            one.model_copy(update={"subjects": tuple(map(masked_notation, one.subjects))})
            if one.kind == "comparison"
            else one
            for one in headers
        ]

    def _where(self, name: str) -> str:
        return f"run {shown(name)} in {self.name}"

    def _comparison(self, connection: Connection, run_id: str) -> Json:
        # By block first, in which the clock may have been set back.
        order = (trials.c.block, trials.c.started, trials.c.number)
        query = select(trials.c.document).where(trials.c.run_id == run_id).order_by(*order)
        check_run(connection, run_id, self.name)
        header, state = connection.execute(select(runs.c.document, runs.c.state).where(runs.c.id == run_id)).one()
        texts = connection.scalars(query).all()
        with self._reading(run_id):
            parts = {"state": self._state(run_id, state), "trials": [_parsed(text) for text in texts]}
            return _object(header) | parts

    def _document(self, connection: Connection, name: str) -> Json:
        check_document(connection, name, self.name)
        text = connection.scalar(select(documents.c.document).where(documents.c.id == name))
        with self._reading(name):
            document = _object(text)
            named = [str(each) for each in document.get("runs", ())]
        if len(named) not in range(1, MOST_GATE_RUNS + 1):
            # It is refused, without any of them being read.
            return document
        there = set(connection.scalars(select(runs.c.id).where(runs.c.id.in_(named))))
        if missing := [each for each in named if each not in there]:
            raise StoreError(f"{self._where(name)} is of run {shown(missing[0]):.80}, which is not there", _CHOOSE)
        return document | {"runs": [self._comparison(connection, each) for each in named]}

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError) as error:
            raise StoreError(f"{self._where(name)} is damaged", _CHOOSE) from error

    def _tables(self, connection: Connection) -> builtins.list[Table]:
        """Those that hold what is kept: a store that an older webdyno made has no documents."""
        return [runs, documents] if inspect(connection).has_table(documents.name) else [runs]

    def _make_documents(self, connection: Connection) -> None:
        # Where several do so at the same time, one makes it and the others wait.
        connection.execute(select(schema.c.number).with_for_update()).all()
        if documents not in self._tables(connection):
            documents.create(connection)
            connection.execute(insert(schema).values(number=SCHEMA))

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
        if type(number) is not int or not names.issuperset(_tables_of(number)):
            raise StoreError(f"{self.name} is damaged", DAMAGED)
        if number > SCHEMA:
            raise StoreError(
                f"{self.name} has schema {number}, this webdyno reads up to {SCHEMA}",
                "upgrade webdyno, or give another place with --store",
            )
        return True

    def _state(self, run_id: str, state: str) -> str:
        return "interrupted" if state == "running" and not self._marks.is_held(run_id) else state


def _tables_of(number: int) -> set[str]:
    """The tables that a store of that schema has."""
    return set(metadata.tables) - ({documents.name} if number < 2 else set())


def _parsed(text: object) -> Any:
    if not isinstance(text, str):
        raise TypeError("no text")
    return read_json(text.encode())


def _object(text: object) -> Json:
    parsed = _parsed(text)
    if not isinstance(parsed, dict):
        raise TypeError("no object")
    return parsed


def _add_missing(connection: Connection, run_id: str, given: tuple[Trial, ...]) -> None:
    columns = [trials.c[name] for name in TRIAL_KEY]
    stored = {tuple(row) for row in connection.execute(select(*columns).where(trials.c.run_id == run_id))}
    missing = {key: trial for trial in given if (key := trial_key(trial)) not in stored}
    if missing:
        connection.execute(insert(trials), [trial_row(run_id, trial) for trial in missing.values()])
