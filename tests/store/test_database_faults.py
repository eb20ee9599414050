import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.pool import ConnectionPoolEntry

from tests.store.samples import begun, small_run
from webdyno.errors import NoRoom, StoreError, UsageError, WebdynoError
from webdyno.model.note import Note
from webdyno.store import engine, sizes
from webdyno.store.database import Store


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound database with one run, as bytes."""
    path = tmp_path_factory.mktemp("sound") / "results.db"
    with Store(path) as store:
        store.update(small_run())
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def refusal(location: Path | str, match: str) -> WebdynoError:
    """The error of opening a store and reading it, which says what to do in a line or two."""
    with pytest.raises(WebdynoError, match=match) as raised, Store(location) as store:
        store.list()
        store.load()
    assert raised.value.exit_code == 2
    assert raised.value.remedy
    assert raised.value.message.isprintable()
    return raised.value


@pytest.mark.parametrize("content", [b"hello there\n" * 99, random.Random(1).randbytes(50_000)], ids=["text", "random"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refusal(path, "not a database of webdyno")
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    execute(path, "CREATE TABLE customers (name TEXT)")
    before = path.read_bytes()
    refusal(path, "not one of webdyno")
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0.01, 0.3, 0.9, 0.999])
def test_a_database_that_was_cut_short_is_refused(path: Path, stored: bytes, keep: float) -> None:
    path.write_bytes(stored[: int(len(stored) * keep)])
    refusal(path, "is damaged")


def test_no_flipped_byte_lets_another_error_escape(path: Path, stored: bytes) -> None:
    rng = random.Random(3)
    faults = 0
    for flips in [1, 30] * 40:
        damaged = bytearray(stored)
        for _ in range(flips):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            with Store(path) as store:
                store.list()
                store.load()
        except WebdynoError as error:
            assert error.message.isprintable()
            faults += 1
    assert faults > 10


def test_a_newer_schema_of_the_tables_is_refused_with_the_upgrade(path: Path, stored: bytes) -> None:
    path.write_bytes(stored)
    execute(path, "UPDATE webdyno_schema SET number = 3")
    assert "upgrade webdyno" in refusal(path, "schema 3, this webdyno reads up to 2").remedy


def test_a_newer_schema_of_a_run_is_refused_with_the_upgrade(path: Path, stored: bytes) -> None:
    path.write_bytes(stored)
    execute(path, """UPDATE webdyno_runs SET document = replace(document, '"schema":1', '"schema":2')""")
    assert "upgrade webdyno" in refusal(path, "schema 2, this webdyno reads up to 1").remedy


@pytest.mark.parametrize("statement", ["DELETE FROM webdyno_schema", "DROP TABLE webdyno_trials"])
def test_a_database_of_which_a_part_is_missing_is_refused(path: Path, stored: bytes, statement: str) -> None:
    path.write_bytes(stored)
    execute(path, statement)
    refusal(path, "is damaged")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE webdyno_trials SET document = substr(document, 1, 50) WHERE number = 1",
        "UPDATE webdyno_trials SET document = NULL WHERE number = 1",
        "UPDATE webdyno_trials SET document = '{}' WHERE number = 1",
        "UPDATE webdyno_runs SET document = '[]'",
        "UPDATE webdyno_runs SET state = 'odd'",
        "UPDATE webdyno_runs SET stacks = '{'",
        "UPDATE webdyno_runs SET id = 7, state = 'running', started = x'ff'",
    ],
)
def test_a_damaged_row_is_refused(path: Path, stored: bytes, statement: str) -> None:
    path.write_bytes(stored)
    # As a failing disk would, past the checks of the tables.
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
        connection.commit()
    execute(path, statement)
    refusal(path, "is damaged")


@pytest.mark.parametrize(
    ("column", "match"),
    [
        ("stacks TEXT AS ('[\"' || hex(zeroblob(1000000)) || '\"]')", "row that is larger than any"),
        ("stacks TEXT AS ('[\"' || hex(zeroblob(10000)) || '\"]')", "MiB of their names and stacks"),
        ("stacks TEXT AS (char(0) || hex(zeroblob(10000)))", "MiB of their names and stacks"),
    ],
    ids=["one", "all", "behind a null"],
)
def test_runs_that_are_too_large_to_be_listed_are_refused(
    path: Path, stored: bytes, monkeypatch: pytest.MonkeyPatch, column: str, match: str
) -> None:
    monkeypatch.setattr(sizes, "LARGEST_LIST", 2**16)
    monkeypatch.setattr(engine, "LARGEST_ROW", 2**20)
    path.write_bytes(stored)
    execute(path, "DROP TABLE webdyno_runs")
    columns = "id TEXT PRIMARY KEY, state TEXT, started TEXT, measured_s FLOAT, document TEXT"
    execute(path, f"CREATE TABLE webdyno_runs ({columns}, {column})")
    for number in range(4):
        values = f"'r{number}', 'complete', '2024-01-01T00:00:00Z', 1.0, '{{}}'"
        execute(path, f"INSERT INTO webdyno_runs (id, state, started, measured_s, document) VALUES ({values})")
    refusal(path, match)


def test_more_runs_than_anyone_lists_are_refused(path: Path, stored: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "MOST_RUNS", 0)
    path.write_bytes(stored)
    refusal(path, "more than 0 runs")


@pytest.mark.parametrize("table", ["runs", "trials"])
@pytest.mark.parametrize("start", ["''", "char(0)"])
def test_a_run_that_is_too_large_to_be_read_is_refused(
    path: Path, stored: bytes, monkeypatch: pytest.MonkeyPatch, table: str, start: str
) -> None:
    monkeypatch.setattr(sizes, "LARGEST_RUN", 2**20)
    path.write_bytes(stored)
    execute(path, f"UPDATE webdyno_{table} SET document = {start} || hex(zeroblob(600000))")
    refusal(path, "is larger than 1 MiB")


def test_a_full_disk_is_no_wrong_use(path: Path, stored: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = engine._prepare

    def without_room(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        prepare(connection, entry)
        connection.execute("PRAGMA max_page_count = 1")

    monkeypatch.setattr(engine, "_prepare", without_room)
    with pytest.raises(NoRoom, match="has no space left on its disk") as refused:
        Store(path)
    assert refused.value.exit_code == 3
    path.write_bytes(stored)
    run = small_run()
    with Store(path) as store:
        with pytest.raises(NoRoom):
            store.begin(begun(run.model_copy(update={"id": "another", "notes": (Note(text="long" * 5000),)})))
        assert store.load() == run


def test_a_database_that_may_not_be_written_to_can_still_be_read(path: Path, stored: bytes) -> None:
    path.write_bytes(stored)
    run = small_run()
    with Store(f"sqlite:///file:{path}?mode=ro&uri=true") as store:
        assert store.load() == run
        with pytest.raises(StoreError, match="may not be written to"):
            store.update(run)
        assert store.load() == run


def test_places_where_no_database_can_be_are_refused(path: Path) -> None:
    path.write_text("a file in place of a folder")
    refusal(path / "results.db", "cannot be made: File exists")
    refusal(path.parent, "is a folder")
    refusal(path.with_name("x" * 300), "cannot be made: File name too long")
    refusal("a\0b", "cannot be made: embedded null byte")


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "pipe"])
def test_what_is_no_regular_file_is_refused_as_such(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    refusal(tmp_path / name, "is not a regular file")


def test_urls_that_lead_nowhere_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("://", "cannot be read")
    refusal("nonsense://host/name", "not a known kind of database")
    # A None there makes the import fail, also where the driver is installed.
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refusal("postgresql://user:secret@127.0.0.1:1/name", "driver psycopg for postgresql is not installed")
    assert isinstance(error, UsageError)
    assert error.remedy == "pip install 'webdyno[postgresql]'"


def test_a_name_taken_by_another_run_is_refused(path: Path, stored: bytes) -> None:
    path.write_bytes(stored)
    with Store(path) as store, pytest.raises(StoreError, match="holds this run or trial already"):
        store.begin(begun(small_run()))


def test_a_run_that_is_being_written_is_refused_to_a_second_writer(path: Path) -> None:
    run = begun(small_run())
    with Store(path) as store, Store(path) as second:
        store.begin(run)
        with pytest.raises(StoreError, match="is being written already"):
            second.begin(run)
        assert second.load().state == "running"


def test_a_trial_of_a_run_that_was_never_begun_is_refused(path: Path) -> None:
    with Store(path) as store, pytest.raises(StoreError, match="beginning could not be stored"):
        store.save_trial("nobody", small_run().trials[0])
