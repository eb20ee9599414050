"""`webdyno runs` and `webdyno report`: what was kept is listed with its kind, and told again as it was told."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.loadgen.server import ScriptedServer, good
from tests.store.samples import doctor_run, gate_run, kept_load, small_run
from webdyno.api import ComparisonResult
from webdyno.model.run import Run
from webdyno.questions.analysed import result_of
from webdyno.questions.keeping import kept_in
from webdyno.questions.options import DEFAULT_STORE
from webdyno.store.database import Store
from webdyno.store.document_kinds import Kept

from .conftest import Call

ALL: list[Kept] = [small_run(), kept_load(), gate_run(), doctor_run()]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A store with a result of every kind."""
    path = tmp_path / ".webdyno" / "results.db"
    with Store(path) as store:
        for each in ALL:
            store.update(each) if isinstance(each, Run) else store.keep(each)
    return path


def test_runs_shows_every_kind(call: Call, kept: Path) -> None:
    shown = call("runs").stdout
    for each in ALL:
        (line,) = (line for line in shown.splitlines() if line.startswith(each.id))
        assert line.split()[1] == each.document
    listed = json.loads(call("runs", "--json").stdout)
    assert {(one["id"], one["kind"]) for one in listed} >= {(each.id, each.document) for each in ALL}


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.document)
def test_report_tells_each_in_every_format_that_can(call: Call, kept: Path, each: Kept) -> None:
    result = result_of(each)
    if isinstance(result, ComparisonResult):
        with Store(kept) as store:
            result = kept_in(result, store, DEFAULT_STORE)
    for name in {"text", "json", "markdown"} & set(result.formats):
        told = call("report", each.id, "--format", name)
        assert told.returncode == 0, told.stderr
        if name == "text":
            assert result.told("text").splitlines()[0].strip() in told.stdout
        else:
            assert told.stdout == result.told(name)


def test_verbose_adds_what_happened_in_the_blocks_of_a_comparison(call: Call, kept: Path) -> None:
    short, long = call("report", small_run().id).stdout, call("report", small_run().id, "-v").stdout
    assert "What happened" in long and "What happened" not in short
    assert len(long) > len(short)


def test_a_document_of_every_kind_is_told_from_its_file(call: Call, tmp_path: Path) -> None:
    for each in ALL:
        result = result_of(each)
        (tmp_path / "sent.json").write_text(result.told("json"))
        assert call("report", "sent.json", "--json").stdout == result.told("json")


def test_what_a_newer_webdyno_kept_is_shown_as_such(call: Call, kept: Path) -> None:
    with sqlite3.connect(kept) as connection:
        connection.execute("UPDATE webdyno_documents SET kind = 'parity' WHERE kind = 'load'")
        connection.execute("UPDATE webdyno_documents SET number = 9 WHERE kind = 'gate'")
    connection.close()
    shown = call("runs").stdout
    together = " ".join(shown.split())
    assert f"{kept_load().id} parity" in together and "unknown kind, from a" in shown
    assert f"{gate_run().id} gate" in together and "newer schema, from a" in shown


def test_a_load_is_kept_and_told_again_as_it_was(call: Call, tmp_path: Path) -> None:
    with ScriptedServer(good) as server:
        url = f"http://127.0.0.1:{server.port}/"
        done = call("load", url, "-d", "0.3s", "--warmup", "0.1s", "-c", "2", "--threshold", "throughput>1")
    (header,) = json.loads(call("runs", "--json").stdout)
    assert (header["kind"], header["subjects"]) == ("load", [f"GET {url}"])
    told = call("report")
    assert told.stdout == done.stdout
    drawn = call("report", header["id"], "--format", "svg")
    assert drawn.stdout.startswith("<svg")


def test_what_cannot_be_told_of_a_kind_is_refused(call: Call, kept: Path) -> None:
    done = call("report", gate_run().id, "--html", "x.html")
    assert done.returncode == 2
    assert "--html x.html: html tells of comparisons and loads, not of gates" in done.stderr
