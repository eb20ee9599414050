import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.samples import child, read_comparison, small_run
from webdyno.analysis.comparison.analyse import analyse
from webdyno.errors import NotGiven, StoreError
from webdyno.model.histogram import Histogram
from webdyno.model.run import SCHEMA
from webdyno.model.trial import DriverRecord
from webdyno.questions.load.earlier import read_earlier
from webdyno.store import document as module
from webdyno.store.document import read_document, write_document
from webdyno.store.document_kinds import KINDS

FIXTURES = Path(__file__).parent / "fixtures"

WRITE_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from webdyno.errors import NotGiven
from webdyno.store.document import write_document

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_document("new" * 1000, Path(sys.argv[1]))
except NotGiven as error:
    print(error.message, "|", error.remedy)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def refusal(path: Path, match: str) -> StoreError:
    with pytest.raises(StoreError, match=match) as raised:
        read_document(path)
    assert raised.value.remedy
    assert raised.value.message.isprintable()
    assert len(raised.value.message) < 400
    return raised.value


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(small_run().model_dump_json(by_alias=True))
    change(document)
    return json.dumps(document)


def test_a_written_document_is_read_back_whole_and_its_analysis_is_ignored(path: Path) -> None:
    run = small_run()
    document = json.loads(run.model_dump_json(by_alias=True)) | {"analysis": {"of": "a later version"}}
    write_document(json.dumps(document), path)
    assert read_document(path) == run


@pytest.mark.parametrize("number", range(1, SCHEMA + 1))
def test_documents_of_every_schema_ever_written_stay_readable(number: int) -> None:
    assert number in KINDS["comparison"]
    run = read_comparison(FIXTURES / f"schema-{number}.json")
    assert run.experiment.baseline == "flask@gunicorn?worker_class=uvicorn&wrap=asgiref"
    assert [trial.phase for trial in run.trials] == ["pilot", "pilot"] + ["saturation", "rate"] * 2
    for trial in run.trials:
        assert trial.result is not None
        assert Histogram.decode(trial.result.service).count == trial.result.ok
    assert run.stacks[0].expected is not None
    assert run.stacks[0].expected.body == b'{"message":"Hello, World!"}'


def test_documents_from_before_there_were_other_load_tools_are_of_the_own_engine_and_lack_nothing() -> None:
    run = read_comparison(FIXTURES / "schema-1.json")
    load, analysis = read_earlier(FIXTURES / "load-1.json")
    assert run.experiment.driver == "own"
    assert all(trial.result and trial.result.driver == DriverRecord() for trial in run.trials)
    assert load.result.driver == DriverRecord()
    assert (load.result.ok, analysis.latency.count, analysis.errors.reconnects) == (1200, 1200, 0)
    told = {reason.name for reason in (*analysis.reasons, *analyse(run).stacks[0].reasons)}
    assert not told & {"responses-unchecked", "generator-unwatched", "lag-untold", "times-untold", "driver-untold"}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not JSON, or was cut short"),
        (b"<html>", "not JSON, or was cut short"),
        (b"\xff\xfe\x00\x01garbage", "cut short: byte 1 is not UTF-8"),
        (b"[" * 200_000, "cut short: nested too deeply"),
        (b'{"schema": ' + b"1" * 5000 + b"}", "cut short: a number has too many digits"),
        (b'{"schema": 1, "schema": 1}', "cut short: an object has the key 'schema' more than once"),
        (b'{"schema": NaN}', "cut short: NaN is no JSON number"),
        (b'{"schema": -1e999}', "cut short: -1e999 is beyond every number"),
        (b'{"schema": "\\ud800"}', "cut short: half a surrogate pair"),
        (b"[" + b"0," * 5_000_000 + b"0]", "cut short: there are more than 5,000,000 values"),
        (json.dumps(dict.fromkeys(range(100_001))).encode(), "cut short: an object has more than 100,000 keys"),
        (b"[1, 2]", "not a result of webdyno"),
        (b"null", "not a result of webdyno"),
        (b'{"schema": 1}', "not a result of webdyno"),
        (b'{"schema": true, "experiment": {}}', "not a result of webdyno"),
        (b'{"schema": "1", "experiment": {}}', "not a result of webdyno"),
        (b'{"schema": 0, "experiment": {}}', "not a result of webdyno"),
        (b'{"schema": 1, "experiment": {}}', r"is damaged: id: Field required \(and \d+ more\)"),
    ],
    ids=itertools.count(),
)
def test_a_file_that_is_no_result_is_refused(path: Path, content: bytes, match: str) -> None:
    path.write_bytes(content)
    refusal(path, match)


@given(share=st.floats(0, 0.9999))
def test_a_document_that_was_cut_short_is_refused_wherever_it_was_cut(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / "run.json"
    whole = (FIXTURES / "schema-1.json").read_bytes().rstrip()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "--json" in refusal(path, "not JSON, or was cut short: .*: line").remedy


def test_a_newer_schema_is_refused_with_the_upgrade(path: Path) -> None:
    path.write_text(changed(lambda document: document.update(schema=SCHEMA + 1, news="from the future")))
    error = refusal(path, f"has schema {SCHEMA + 1}, this webdyno reads up to {SCHEMA}")
    assert "upgrade webdyno" in error.remedy


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d.update(state="done"), "state: Input should be 'running'"),
        (lambda d: d.update({"\x1b[31m" * 50: 1}), "Extra inputs are not permitted"),
        (lambda d: d["trials"][2]["result"].update(ok="many"), "trials.2.result.ok: Input should be a valid integer"),
        (lambda d: d["host"].pop("kernel"), "host.kernel: Field required"),
        (lambda d: d["host"].update(memory_bytes=10**400), "host.memory_bytes: Input should be less than or equal"),
        (lambda d: d.update(setup_s=10**400), "setup_s: Input should be a finite number"),
        (lambda d: d.update(setup_s="Infinity"), "setup_s: Input should be a finite number"),
        (lambda d: d.update(setup_s=1e200), "setup_s: Input should be less than or equal"),
        (lambda d: d.update(setup_s=5e-324), "setup_s: Input should be 0 or further from it"),
        (lambda d: d.update(started="0001-01-01T00:00:00Z"), "started: Input should be greater than or equal"),
        (lambda d: d.update(started="2026-01-01T00:00:00"), "started: Input should have timezone info"),
    ],
)
def test_a_wrong_field_is_named(path: Path, change: Callable[[dict[str, Any]], object], match: str) -> None:
    path.write_text(changed(change))
    refusal(path, match)


def test_a_file_too_large_to_be_a_result_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 1 << 20)
    path.write_bytes(b" " * (1 << 20) + b"{}")
    refusal(path, "larger than 1.05 MB")


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refusal(pipe, "not a regular file")
    refusal(tmp_path, "not a regular file")
    refusal(Path("/dev/zero"), "not a regular file")
    refusal(tmp_path / "missing\x1b[31m", "cannot be read: No such file")


def test_writing_replaces_the_earlier_file_and_leaves_no_other(path: Path) -> None:
    path.write_text("old")
    write_document("neu ü", path)
    assert path.read_text(encoding="utf-8") == "neu ü"
    assert list(path.parent.iterdir()) == [path]


def test_missing_folders_are_made_and_links_are_followed(tmp_path: Path) -> None:
    link = tmp_path / "latest.html"
    link.symlink_to(tmp_path / "reports" / "1.html")
    write_document("page", link)
    assert link.is_symlink()
    assert (tmp_path / "reports" / "1.html").read_text() == "page"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_document("text", pipe)
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_text_that_is_no_valid_unicode_does_not_keep_a_report_from_being_written(path: Path) -> None:
    write_document("\ud800", path)
    assert path.read_text() == "\\ud800"


def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(path: Path) -> None:
    path.write_text("old")
    with child(WRITE_ON_A_FULL_DISK, path) as (process, output):
        told = output.read()
        assert process.wait() == 0
    assert "cannot be written: File too large |" in told
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_told(path: Path) -> None:
    path.write_text("a file in place of a folder")
    for place in (path / "report.html", path.parent, path.with_name("x" * 300), path.with_name("a\0b")):
        with pytest.raises(NotGiven, match="cannot be written: ") as raised:
            write_document("text", place)
        assert raised.value.message.isprintable()
        assert raised.value.remedy
