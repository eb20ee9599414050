"""The store on PostgreSQL: run with WEBDYNO_TEST_POSTGRESQL=postgresql://user@host/an_empty_database and psycopg."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from tests.store.samples import begun, child, doctor_run, gate_run, kept_load, small_run
from webdyno.errors import StoreError
from webdyno.model.doctor_run import DoctorRun
from webdyno.model.gate_run import GateRun
from webdyno.model.load_run import LoadRun
from webdyno.model.run import Run
from webdyno.store import sizes
from webdyno.store.database import Store
from webdyno.store.database_tables import documents, schema

URL = os.environ.get("WEBDYNO_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="WEBDYNO_TEST_POSTGRESQL names no database")

BEGIN_AND_WAIT = """
import sys
from webdyno.model.doctor_run import DoctorRun
from webdyno.model.gate_run import GateRun
from webdyno.model.load_run import LoadRun
from webdyno.model.run import Run
from webdyno.store.database import Store
from webdyno.store.database_tables import documents, schema

store = Store(sys.argv[1])
store.begin(Run.model_validate_json(sys.argv[2]))
print("begun", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def run() -> Run:
    return small_run().model_copy(update={"id": uuid4().hex})


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(URL) as store:
        yield store


def test_a_run_saved_step_by_step_is_read_back_whole(store: Store, run: Run) -> None:
    store.begin(begun(run))
    for trial in run.trials:
        store.save_trial(run.id, trial)
        store.save_trial(run.id, trial)
    assert store.load(run.id).state == "running"
    store.update(run)
    assert store.load(run.id) == run
    with pytest.raises(StoreError, match="already"):
        store.begin(begun(run))


def test_a_run_whose_process_died_shows_as_interrupted(store: Store, run: Run) -> None:
    with child(BEGIN_AND_WAIT, URL, begun(run).model_dump_json(by_alias=True)) as (process, output):
        assert output.readline() == "begun\n"
        assert store.load(run.id).state == "running"
        with pytest.raises(StoreError, match="is being written already"):
            store.begin(begun(run))
        process.kill()
        process.wait()
    assert store.load(run.id).state == "interrupted"


@pytest.mark.parametrize("kept", [kept_load(), gate_run(), doctor_run()], ids=lambda kept: kept.document)
def test_what_is_no_comparison_is_read_back_and_listed_with_the_others(
    store: Store, kept: LoadRun | GateRun | DoctorRun
) -> None:
    fresh = kept.model_copy(update={"id": uuid4().hex})
    store.keep(fresh)
    assert store.read(fresh.id) == fresh
    assert fresh.id in {header.id for header in store.list() if header.kind == kept.document}


def test_a_store_that_an_older_webdyno_made_takes_documents_from_the_first_on(store: Store) -> None:
    engine = create_engine(URL.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        documents.drop(connection, checkfirst=True)
        connection.execute(schema.delete())
        connection.execute(schema.insert().values(number=1))
    engine.dispose()
    with Store(URL) as older:
        assert all(header.kind == "comparison" for header in older.list())
        fresh = kept_load().model_copy(update={"id": uuid4().hex})
        older.keep(fresh)
        assert older.read(fresh.id) == fresh


def test_what_is_too_large_is_refused(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    store.update(run)
    monkeypatch.setattr(sizes, "LARGEST_LIST", 2)
    monkeypatch.setattr(sizes, "LARGEST_RUN", 2)
    with pytest.raises(StoreError, match="MiB of their names and stacks"):
        store.list()
    with pytest.raises(StoreError, match="is larger than 0 MiB"):
        store.load(run.id)


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"user:\*\*\*@127.0.0.1:1/name cannot be used: connection failed"):
        Store("postgresql://user:secret@127.0.0.1:1/name")
