"""A command of another package: installed beside webdyno, shown in the help, and used for real."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.other_package import install
from tests.store.samples import small_run
from webdyno.store.database import Store

from .conftest import Call

PLUGIN = '''
from __future__ import annotations

from typing import Annotated, Unpack

import typer

from webdyno.cli.options import option, taking
from webdyno.cli.output import give
from webdyno.errors import UsageError
from webdyno.questions.options import DEFAULT_STORE, StoreOptions
from webdyno.store.database import Store


@taking(StoreOptions)
def slowest(
    *,
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="Id of a run.")] = None,
    most: Annotated[int, option("Output", "N", "How many are shown.")] = 1,
    **options: Unpack[StoreOptions],
) -> None:
    """Show the trials that carried least."""
    if most < 1:
        raise UsageError("--most is too small", "give 1 or more")
    with Store(options.get("store", DEFAULT_STORE)) as store:
        trials = store.load(run).trials
    carried = sorted((trial.result.throughput, trial.stack) for trial in trials if trial.result)
    give("".join(f"{stack} {rate:.0f}\\n" for rate, stack in carried[:most]), "run it again")


def odd(what: list[list[int]]) -> None:
    """A parameter that no command line gives."""


def compare() -> None:
    raise AssertionError("it took over a command of webdyno")
'''
NAMES = """
[webdyno.commands]
slowest = webdyno_slowest:slowest
odd = webdyno_slowest:odd
compare = webdyno_slowest:compare
lost = webdyno_nowhere:lost
"""


@pytest.fixture(autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that brings commands, of which some are broken."""
    site = tmp_path_factory.mktemp("site")
    install(site, "webdyno-slowest", PLUGIN, NAMES)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "webdyno_slowest", raising=False)


def test_the_help_names_it_and_its_package_and_imports_neither_it_nor_a_broken_one(call: Call) -> None:
    shown = call("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["slowest", "from", "webdyno-slowest"] in lines and ["lost", "from", "webdyno-slowest"] in lines
    assert sum(line[:1] == ["compare"] for line in lines) == 1
    assert "webdyno_slowest" not in sys.modules


def test_it_runs_with_its_own_options_and_those_that_it_shares(call: Call, tmp_path: Path) -> None:
    run = small_run()
    with Store(tmp_path / "mine.db") as store:
        store.update(run)
    least = min((trial.result.throughput, trial.stack) for trial in run.trials if trial.result)
    done = call("slowest", run.id[:8], "--store", "mine.db", "--most", "1")
    assert (done.returncode, done.stdout) == (0, f"{least[1]} {least[0]:.0f}\n"), done.stderr
    shown = call("slowest", "--help").stdout
    assert "Show the trials that carried least." in shown
    assert "--store FILE|URL" in shown and "--most N" in shown


def test_its_errors_are_told_as_those_of_webdyno(call: Call) -> None:
    done = call("slowest", "--most", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --most is too small\n  -> give 1 or more\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [("lost", "No module named 'webdyno_nowhere'"), ("odd", "has parameters that no command can have")],
)
def test_a_broken_one_is_told_where_it_is_asked_for_and_costs_nothing_else(call: Call, name: str, said: str) -> None:
    done = call(name)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "repair or uninstall the package that adds it" in done.stderr
    assert json.loads(call("list", "stacks", "--json").stdout)


def test_a_name_that_nobody_has_is_refused_as_before(call: Call) -> None:
    done = call("slowes")
    assert done.returncode == 2
    assert "No such command 'slowes'" in done.stderr
