"""`webdyno runs` and `webdyno report`: what is kept, told again without measuring."""

from __future__ import annotations

import json as json_module
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from ..errors import UsageError
from ..questions.analysed import result_of
from ..questions.environment import told
from ..questions.options import DEFAULT_STORE, StoreOptions
from ..store.database import Store
from ..store.document import read_document
from ..units import printable
from .output import KEPT, give, rendered
from .telling import Telling, tell

_AGAIN = "nothing is lost: run it again"


def run_runs(options: StoreOptions, *, json: bool) -> None:
    """List the kept runs."""
    with _existing(_place(options)) as opened:
        headers = opened.list()
    if json:
        listed = [header.model_dump(mode="json") for header in headers]
        give(json_module.dumps(listed, indent=2, allow_nan=False) + "\n", _AGAIN)
        return
    table = Table("run", "state", "trials", Column("stacks", overflow="fold"), box=None, pad_edge=False)
    for header in headers:
        stacks = "\n".join(printable(stack) for stack in header.stacks)
        table.add_row(printable(header.id), header.state, str(header.trials), stacks)
    give(rendered(Console(highlight=False), table), _AGAIN)


def run_report(name: str | None, options: StoreOptions, telling: Telling) -> None:
    """Tell one kept run, or a document."""
    if name is not None and (name.endswith(".json") or Path(name).is_file()):
        telling.check("comparison")
        tell(result_of(read_document(Path(name))), telling, KEPT, stored=name)
        return
    store = _place(options)
    with _existing(store) as opened:
        run = opened.load(name)
    telling.check("comparison")
    tell(result_of(run), telling, KEPT, stored="" if "://" in store else told(store))


def _place(options: StoreOptions) -> str:
    return str(options.get("store", DEFAULT_STORE))


def _existing(store: str) -> Store:
    if "://" not in store and not Path(store).exists():
        raise UsageError(f"there are no results at {store}", "run webdyno compare first, or give --store")
    return Store(store)
