"""What is read from files and databases: refused in words, or told in every form and read again equal."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from rich.console import Console, RenderableType

from tests.factories import DEFAULT_TRUTHS, Truth, make_run
from tests.fuzz.mutation import mutated
from tests.load_runs import load_run
from tests.store.samples import doctor_run, gate_run, kept_load, read_comparison
from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.load.analyse_load import analyse_load
from webdyno.errors import WebdynoError
from webdyno.model.floor import MarginFloor
from webdyno.model.load import OpenLoad
from webdyno.model.run import Run
from webdyno.questions.analysed import result_of
from webdyno.questions.load.earlier import Earlier, read_earlier
from webdyno.report.comparison.terminal import render
from webdyno.report.formats.table import find_format, format_names
from webdyno.report.json_document import to_json
from webdyno.report.load.comparison import compare_loads
from webdyno.report.load.terminal import render as render_load
from webdyno.store.database import Store
from webdyno.store.document import read_document
from webdyno.store.floor import floor_file, read_floor
from webdyno.store.rows import document_row

_MACHINE = "0f"
_Read = TypeVar("_Read")


@cache
def _run() -> Run:
    failing = Truth("shop.main:app@uvicorn", 900, 800, failing=0.1, failure_detail="status 500, expected 200")
    return make_run((DEFAULT_TRUTHS[0], failing), blocks=3)


def runs() -> st.SearchStrategy[bytes]:
    """Documents of `webdyno compare --json`."""
    return mutated(json.loads(to_json(_run(), analyse(_run()))))


def warm_up() -> None:
    """Load what is loaded once."""
    result_of(_run()).told("html")


def check_run(content: bytes, folder: Path) -> None:
    """Read one as `webdyno report FILE` does."""
    path = folder / "run.json"
    path.write_bytes(content)
    with may_refuse():
        _tell(read_comparison(path), path)


def gates() -> st.SearchStrategy[bytes]:
    """Documents of `webdyno gate --json`."""
    return mutated(json.loads(result_of(gate_run(blocks=2)).told("json")))


def doctors() -> st.SearchStrategy[bytes]:
    """Documents of `webdyno doctor --json`."""
    return mutated(json.loads(result_of(doctor_run(blocks=2)).told("json")))


def check_document(content: bytes, folder: Path) -> None:
    """Read one of any kind as `webdyno report FILE` does, and tell it in every format that can."""
    path = folder / "result.json"
    path.write_bytes(content)
    with may_refuse():
        kept = read_document(path)
        result = result_of(kept)
        for name in format_names():
            if result.kind in find_format(name).renderers:
                result.told(name)
        path.write_text(result.told("json"), encoding="utf-8")
        assert _read_again(read_document, path) == kept


def kept_documents() -> st.SearchStrategy[bytes]:
    """What stands in the row of a database that is no comparison."""
    kept = (gate_run(blocks=1), doctor_run(blocks=1), kept_load())
    return st.one_of([mutated(json.loads(document_row(one)["document"])) for one in kept])


def check_kept_document(content: bytes, folder: Path) -> None:
    """Read a database with it as `webdyno runs` and `webdyno report` do."""
    path = folder / "results.db"
    with Store(path) as store:
        store.keep(gate_run(blocks=1))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE webdyno_documents SET document = CAST(? AS TEXT)", (content,))
    connection.close()
    with may_refuse(), Store(path) as store:
        json.dumps([header.model_dump(mode="json") for header in store.list()], allow_nan=False)
        result_of(store.read(gate_run(blocks=1).id)).told("json")


def rows() -> st.SearchStrategy[bytes]:
    """What stands in the rows of a database: of one run, and of one trial."""
    document = json.loads(_run().model_dump_json(by_alias=True))
    trial = document.pop("trials")[0]
    row = st.tuples(st.just(json.dumps(document).encode()), mutated(trial))
    row |= st.tuples(mutated(document), st.just(json.dumps(trial).encode()))
    return row.map(lambda pair: pair[0].replace(b"\n", b"") + b"\n" + pair[1].replace(b"\n", b""))


def check_rows(content: bytes, folder: Path) -> None:
    """Read a database with them as `webdyno runs` and `webdyno report` do."""
    path = folder / "results.db"
    header, _, trial = content.partition(b"\n")
    with Store(path) as store:
        store.update(_run())
    with sqlite3.connect(path) as connection:
        # As text that need not be UTF-8.
        connection.execute("UPDATE webdyno_runs SET document = CAST(? AS TEXT)", (header,))
        connection.execute("UPDATE webdyno_trials SET document = CAST(? AS TEXT) WHERE number = 1", (trial,))
    connection.close()
    _check_database(path)


def databases() -> st.SearchStrategy[bytes]:
    """Where to put which bytes into the file of a database."""
    return st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=16)), min_size=1, max_size=4).map(
        lambda places: json.dumps([[at, new.hex()] for at, new in places]).encode()
    )


def check_database(content: bytes, folder: Path) -> None:
    """Read a file that was damaged so."""
    path = folder / "results.db"
    with Store(path) as store:
        store.update(make_run(DEFAULT_TRUTHS[:1], blocks=1))
    data = bytearray(path.read_bytes())
    for at, new in json.loads(content):
        place = int(at * (len(data) - 1))
        data[place : place + len(new) // 2] = bytes.fromhex(new)
    path.write_bytes(data)
    _check_database(path)


def _check_database(path: Path) -> None:
    with may_refuse(), Store(path) as store:
        json.dumps([header.model_dump(mode="json") for header in store.list()], allow_nan=False)
        _tell(store.load(), path.with_suffix(".json"))


def _tell(run: Run, path: Path) -> None:
    result = result_of(run)
    text = result.told("json")
    strict(text)
    path.write_text(text, encoding="utf-8")
    again = _read_again(read_comparison, path)
    assert again == run
    _shown(render(run, result.analysis, width=100, stored=""))
    result.told("markdown")
    result.told("html").encode()


def _shown(what: RenderableType) -> None:
    Console(file=io.StringIO(), width=100).print(what)


def loads() -> st.SearchStrategy[bytes]:
    """Documents of `webdyno load --json`."""
    closed = load_run([500_000] * 200 + [9_000_000], failures={"status": 3}, statuses={500: 3})
    opened = load_run([500_000] * 200, load=OpenLoad(rate=20), failures={"timeout": 2}, dropped=1)
    return st.one_of([mutated(json.loads(to_json(run, analyse_load(run)))) for run in (closed, opened)])


def check_load(content: bytes, folder: Path) -> None:
    """Read one as `webdyno load --compare FILE` does."""
    path = folder / "load.json"
    path.write_bytes(content)
    with may_refuse():
        earlier = read_earlier(path)
        _tell_load(earlier, path)


def _tell_load(earlier: Earlier, path: Path) -> None:
    run, analysis = earlier
    text = to_json(run, analysis)
    strict(text)
    path.write_text(text, encoding="utf-8")
    again, _ = _read_again(read_earlier, path)
    assert again == run
    _shown(render_load(run, analysis, compare_loads(earlier, earlier, "earlier"), width=100, blocks=True))


def floors() -> st.SearchStrategy[bytes]:
    """What `webdyno doctor` keeps."""
    floor = MarginFloor(
        machine=_MACHINE, measured=_run().started, seconds=120, blocks=9, differences={"throughput": 0.02, "p99": 0.1}
    )
    return mutated({"schema": 1, "floor": json.loads(floor.model_dump_json())})


def check_floor(content: bytes, folder: Path) -> None:
    """Read it as every comparison does."""
    floor_file(folder, _MACHINE).write_bytes(content)
    with may_refuse():
        floor = read_floor(folder, _MACHINE)
        assert floor is not None
        _tell(_run().model_copy(update={"floor": floor}), folder / "run.json")


@contextmanager
def may_refuse() -> Iterator[None]:
    """What is done inside is done, or refused as it has to be."""
    try:
        yield
    except WebdynoError as error:
        check_refusal(error)


def _read_again(read: Callable[[Path], _Read], path: Path) -> _Read:
    try:
        return read(path)
    except WebdynoError as error:
        raise AssertionError("what was written is not read again") from error


def check_refusal(error: WebdynoError) -> None:
    """See that it says what is wrong and what to do, in one line that a terminal may show."""
    assert error.exit_code in (2, 3)
    assert error.message.isprintable(), error.message
    assert len(error.message) < 1000, error.message[:1000]
    assert error.remedy, error.message


def strict(text: str) -> Any:
    """The value of a text that has to be JSON, without NaN or infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=refuse)
