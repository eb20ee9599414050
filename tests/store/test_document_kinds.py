"""Every kind of document: kept and read as it was, told again as it was told, and refused where it is newer."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.store.samples import doctor_run, gate_run, kept_load, small_run
from webdyno.errors import StoreError, UsageError
from webdyno.lab.designs.table import DESIGNS
from webdyno.model.doctor_run import DoctorRun
from webdyno.model.gate_run import GateRun
from webdyno.model.load_run import LoadRun
from webdyno.model.result_kind import ResultKind
from webdyno.model.run import DESIGN_NAMES, Run
from webdyno.questions.analysed import result_of
from webdyno.store.database import Store
from webdyno.store.document import read_document
from webdyno.store.document_kinds import KINDS, Kept

FIXTURES = Path(__file__).parent / "fixtures"
ALL: dict[ResultKind, Kept] = {
    "comparison": small_run(),
    "load": kept_load(),
    "gate": gate_run(),
    "doctor": doctor_run(),
}
DOCUMENTS = [kept for kept in ALL.values() if not isinstance(kept, Run)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


def kind_of(kept: Kept) -> str:
    return kept.document


def changed(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_the_table_of_kinds_has_all_that_results_are_made_of() -> None:
    assert set(KINDS) == set(get_args(ResultKind)) == set(ALL)
    assert all(kept.document == name for name, kept in ALL.items())


@pytest.mark.parametrize("kept", DOCUMENTS, ids=kind_of)
def test_what_is_kept_is_read_back_whole(path: Path, kept: LoadRun | GateRun | DoctorRun) -> None:
    with Store(path) as store:
        store.keep(kept)
    with Store(path) as store:
        assert store.read(kept.id) == store.read(kept.id[:13]) == kept


@pytest.mark.parametrize("kept", ALL.values(), ids=ALL)
def test_its_document_is_read_back_whole_whatever_its_analysis_says(tmp_path: Path, kept: Kept) -> None:
    document = json.loads(result_of(kept).told("json"))
    assert document["document"] == kept.document
    file = tmp_path / "result.json"
    file.write_text(json.dumps(document | {"analysis": {"of": "a later version"}}))
    assert read_document(file) == kept


@pytest.mark.parametrize("kept", [kept_load(), gate_run(blocks=1), doctor_run(blocks=1)], ids=kind_of)
def test_documents_of_every_schema_ever_written_stay_readable(kept: Kept) -> None:
    for number in KINDS[kept.document]:
        read = read_document(FIXTURES / f"{kept.document}-{number}.json")
        assert (read.document, read.schema_number) == (kept.document, number)
        assert result_of(read).told("json")


def test_a_load_is_told_again_with_its_thresholds_and_a_gate_with_its_limits() -> None:
    assert [one.met for one in result_of(kept_load()).analysis.thresholds] == [True, False]
    gate = result_of(gate_run()).gate
    assert (gate.outcome, [change.limit.text for change in gate.changes if change.limit]) == (
        "regression",
        list(gate_run().limits),
    )


def test_the_list_shows_all_kinds_newest_first(path: Path) -> None:
    with Store(path) as store:
        store.update(small_run().model_copy(update={"id": "first", "started": small_run().started - timedelta(days=9)}))
        for kept in DOCUMENTS:
            store.keep(kept)
        headers = store.list()
        newest = store.read()
    shown = [(header.kind, header.state) for header in headers if header.kind != "comparison"]
    assert shown == [("doctor", "complete"), ("gate", "regression"), ("load", "complete")]
    assert headers[-1].id == "first" and headers[-1].trials
    assert [header.at for header in headers] == sorted((header.at for header in headers), reverse=True)
    gate = next(header for header in headers if header.kind == "gate")
    assert gate.subjects == ("base: flask@gunicorn", "head: flask@waitress")
    assert gate.measured_s == pytest.approx(sum(run.measured_s for run in gate_run().runs))
    assert newest == doctor_run()
    # Its runs are comparisons by themselves, those of a doctor are not.
    assert {header.id for header in headers if header.kind == "comparison"} == {
        "first",
        *(run.id for run in gate_run().runs),
    }


def test_the_runs_of_a_gate_that_are_stored_already_are_not_stored_twice(path: Path) -> None:
    gate = gate_run()
    with Store(path) as store:
        for run in gate.runs:
            store.update(run)
        store.keep(gate)
        assert store.read(gate.id) == gate
        assert store.read(gate.runs[0].id) == gate.runs[0]


def test_a_gate_whose_run_is_gone_is_refused(path: Path) -> None:
    with Store(path) as store:
        store.keep(gate_run())
    changed(path, f"DELETE FROM webdyno_runs WHERE id = '{gate_run().runs[1].id}'")
    with Store(path) as store, pytest.raises(StoreError, match=f"of run {gate_run().runs[1].id}, which is not there"):
        store.read(gate_run().id)


def test_a_store_that_an_older_webdyno_made_is_read_and_takes_documents_from_then_on(path: Path) -> None:
    shutil.copy(FIXTURES / "tables-1.db", path)
    with Store(path) as store:
        (before,) = store.list()
        assert store.read() == store.load(before.id)
        store.keep(gate_run())
        assert store.read() == gate_run()
    with Store(path) as store:
        assert before in store.list()
        assert len(store.list()) == 4


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ("kind = 'parity', document = replace(document, 'load', 'parity')", "parity", "does not know: parity"),
        ("number = 2, document = replace(document, '\"schema\":1', '\"schema\":2')", "load", "has schema 2"),
    ],
)
def test_what_a_newer_webdyno_kept_is_listed_as_such_and_refused_with_the_upgrade(
    path: Path, change: str, kind: str, said: str
) -> None:
    with Store(path) as store:
        store.keep(kept_load())
    changed(path, f"UPDATE webdyno_documents SET {change}")
    with Store(path) as store:
        (header,) = store.list()
        assert (header.kind, header.readable) == (kind, False)
        with pytest.raises(StoreError, match=said) as caught:
            store.read()
    assert "upgrade webdyno" in caught.value.remedy


@pytest.mark.parametrize("content", ["[]", "3", "{", '{"runs": 3}', '{"document": "gate", "runs": [{}]}', "'"])
def test_a_damaged_document_is_refused_and_the_others_are_read(path: Path, content: str) -> None:
    with Store(path) as store:
        store.keep(kept_load())
        store.keep(doctor_run())
    changed(path, "UPDATE webdyno_documents SET document = '{}' WHERE kind = 'load'".format(content.replace("'", "''")))
    with Store(path) as store:
        with pytest.raises(StoreError) as caught:
            store.read(kept_load().id)
        assert caught.value.remedy
        assert store.read() == doctor_run()


def test_an_interrupted_load_is_no_result(tmp_path: Path) -> None:
    file = tmp_path / "part.json"
    file.write_text('{"schema": 1, "document": "load-part", "url": "http://x/"}')
    with pytest.raises(StoreError, match="of an interrupted load, and no result"):
        read_document(file)


def test_a_beginning_that_several_kinds_share_is_told_with_them(path: Path) -> None:
    with Store(path) as store:
        for kept in DOCUMENTS:
            store.keep(kept)
        with pytest.raises(UsageError, match="is the beginning of several runs") as caught:
            store.read("20261121-1")
    assert gate_run().id in caught.value.remedy and doctor_run().id in caught.value.remedy


def written(tmp_path: Path, kept: Kept, change: Callable[[dict[str, Any]], object]) -> Path:
    """Its document, changed."""
    document = json.loads(result_of(kept).told("json"))
    change(document)
    file = tmp_path / "result.json"
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize("stack", ["flask@gunicorn", "nobody@measured"], ids=["twice the same", "of no run"])
def test_a_gate_whose_sides_are_not_those_of_its_runs_is_refused(tmp_path: Path, stack: str) -> None:
    file = written(tmp_path, gate_run(), lambda document: document["head"].update(stack=stack))
    with pytest.raises(StoreError, match="base and head are not two stacks of its runs"):
        read_document(file)


def renamed(document: dict[str, Any], stack: str, name: str) -> None:
    text = json.dumps(document).replace(f'"{stack}"', json.dumps(name))
    document.update(json.loads(text))


def test_a_gate_of_an_older_webdyno_loses_the_secrets_of_its_notations(tmp_path: Path) -> None:
    named = "shop:make(password='planted-word')"
    read = read_document(written(tmp_path, gate_run(), lambda document: renamed(document, "flask@waitress", named)))
    assert isinstance(read, GateRun)
    assert "planted-word" not in result_of(read).told("json")
    assert read.head.stack in read.runs[1].experiment.stacks


@pytest.mark.parametrize("kept", [small_run(), gate_run(), doctor_run()], ids=kind_of)
def test_a_design_that_only_a_newer_webdyno_knows_is_refused_with_the_upgrade(tmp_path: Path, kept: Kept) -> None:
    def of_tomorrow(document: dict[str, Any]) -> None:
        run = document.get("comparison") or document.get("runs", [document])[-1]
        run["experiment"]["design"] = "of-tomorrow"

    with pytest.raises(StoreError, match="a design that this webdyno does not know: of-tomorrow") as caught:
        read_document(written(tmp_path, kept, of_tomorrow))
    assert "upgrade webdyno" in caught.value.remedy


def test_every_design_is_one_whose_results_can_be_told() -> None:
    assert tuple(DESIGNS) == DESIGN_NAMES


def test_of_a_gate_that_names_many_runs_none_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path) as store:
        store.keep(gate_run())
    many = json.dumps([gate_run().runs[0].id] * 3)
    changed(path, f"UPDATE webdyno_documents SET document = json_set(document, '$.runs', json('{many}'))")
    with Store(path) as store:
        monkeypatch.delattr(Store, "_comparison")
        with pytest.raises(StoreError, match="is damaged: runs"):
            store.read(gate_run().id)
