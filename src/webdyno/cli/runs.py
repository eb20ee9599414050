"""`webdyno runs` and `webdyno report`: what is kept, told again without measuring."""

from __future__ import annotations

import json as json_module
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from ..errors import UsageError
from ..model.result_kind import PLURALS
from ..questions.analysed import result_of
from ..questions.environment import told
from ..questions.keeping import kept_in
from ..questions.options import DEFAULT_STORE, StoreOptions
from ..report.result import ComparisonResult, DoctorResult
from ..store.database import Store
from ..store.document import read_document
from ..store.floor import floor_file
from ..store.header import Header
from ..store.run_lock import lock_folder
from ..units import printable
from .output import KEPT, give, rendered
from .telling import Telling, tell

_AGAIN = "nothing is lost: run it again"


def run_runs(options: StoreOptions, *, json: bool) -> None:
    """List what is kept."""
    with _existing(_place(options)) as opened:
        headers = opened.list()
    if json:
        listed = [header.model_dump(mode="json") for header in headers]
        give(json_module.dumps(listed, indent=2, allow_nan=False) + "\n", _AGAIN)
        return
    heads = (Column("run", no_wrap=True), "kind", "state", "trials", Column("what", overflow="fold"))
    table = Table(*heads, box=None, pad_edge=False)
    for header in headers:
        cells = map(printable, (header.id, header.kind, header.state))
        trials = "" if header.trials is None else str(header.trials)
        table.add_row(*cells, trials, "\n".join(map(printable, _what(header))))
    give(rendered(Console(highlight=False), table), _AGAIN)


def _what(header: Header) -> tuple[str, ...]:
    if header.readable:
        return header.subjects
    newer = f"{'newer schema' if header.kind in PLURALS else 'unknown kind'}, from a newer webdyno"
    return (newer, *header.subjects)


def run_report(name: str | None, options: StoreOptions, telling: Telling) -> None:
    """Tell what is kept, or a document, of any kind."""
    store = _place(options)
    if name is not None and (name.endswith(".json") or Path(name).is_file()):
        kept, where = read_document(Path(name)), name
        telling.check(kept.document)
        result = result_of(kept)
    else:
        with _existing(store) as opened:
            kept, where = opened.read(name), "" if "://" in store else told(store)
            telling.check(kept.document)
            result = result_of(kept)
            if isinstance(result, ComparisonResult):
                result = kept_in(result, opened, store)
    if isinstance(result, DoctorResult):
        result = _with_floor(result, lock_folder(store))
    tell(result, telling, KEPT, stored=where)


def _with_floor(result: DoctorResult, folder: Path) -> DoctorResult:
    """With the file of the machine's floor, where it is kept still."""
    found, path = result.fitness.same, floor_file(folder, result.run.machine)
    return replace(result, kept=Path(told(str(path)))) if found and found.floor and path.exists() else result


def _place(options: StoreOptions) -> str:
    return str(options.get("store", DEFAULT_STORE))


def _existing(store: str) -> Store:
    if "://" not in store and not Path(store).exists():
        raise UsageError(f"there are no results at {store}", "run webdyno compare first, or give --store")
    return Store(store)
