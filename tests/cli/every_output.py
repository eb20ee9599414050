"""Run every command in every form against standard outputs of every kind; prints the exit codes and what was said.

A program of its own, since it changes the process's descriptors: in a child for each case. What is measured is made up.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tests.analysis.comparison.test_explanation import TRUTHS
from tests.factories import Truth, make_run
from tests.load_runs import load_run
from webdyno.cli import compare, explain, main, runs
from webdyno.questions import doctor, gate
from webdyno.questions.analysed import result_of
from webdyno.questions.load import ask
from webdyno.report.html import page
from webdyno.store.database import Store

TWO = (Truth("flask@gunicorn", 4000, 240), Truth("flask@waitress", 4000, 240))
STACKS = ("flask@gunicorn", "flask@waitress")
COMMANDS: dict[str, tuple[str, ...]] = {
    "compare": ("compare", *STACKS, "--quiet"),
    "load": ("load", "http://127.0.0.1:9/", "--quiet"),
    "explain": ("explain", *STACKS, "--quiet"),
    "gate": ("gate", "--base", STACKS[0], "--head", STACKS[1], "--quiet"),
    "report": ("report",),
    "runs": ("runs",),
    "list": ("list", "servers"),
    "doctor": ("doctor", "--quick", "--quiet"),
}
FORMS = {
    "compare": ("", "--json", "--markdown"),
    "report": ("", "--json", "--markdown"),
    "gate": ("", "--json", "--markdown=gate.md"),
}


def closed() -> None:
    """As `>&-`."""
    os.close(1)
    sys.stdout = None  # as Python has it then


def full() -> None:
    """As `> /dev/full`."""
    _lead_to(os.open("/dev/full", os.O_WRONLY))


def unread() -> None:
    """As `| true`."""
    reading, writing = os.pipe()
    os.close(reading)
    _lead_to(writing)


def read() -> None:
    """As `> FILE`."""
    _lead_to(os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC))


def _lead_to(descriptor: int) -> None:
    os.dup2(descriptor, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False))


def outcome(arguments: tuple[str, ...], lead: Callable[[], None]) -> tuple[int, str]:
    """Exit code and standard error of one command."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        _run(arguments, lead)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), Path("err").read_text()


def _run(arguments: tuple[str, ...], lead: Callable[[], None]) -> NoReturn:
    code: object = 70
    try:
        os.dup2(os.open("err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        lead()
        sys.argv = ["webdyno", *arguments]
        main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        os._exit(code if isinstance(code, int) else 71)


def _make_up() -> None:
    # Once for all children.
    importlib.import_module("webdyno.cli.app")
    importlib.import_module("webdyno.cli.message")
    page.render = lambda *_: "page"  # drawing it takes seconds
    two = result_of(make_run(TWO, blocks=8))
    explained = result_of(make_run(TRUTHS, blocks=6, rate=None))
    # Analysed once for all: that takes far longer than to tell it.
    for module in (compare, gate):
        module.compare = lambda *_, **__: two  # type: ignore[attr-defined]
    explain.explain = lambda *_, **__: explained  # type: ignore[attr-defined]
    runs.result_of = lambda *_: two  # type: ignore[assignment, attr-defined]
    ask.measure_load = lambda *_: load_run([1_000_000] * 5000)  # type: ignore[attr-defined]
    seen = doctor.look_at_machine(0.05)  # type: ignore[attr-defined]
    doctor.look_at_machine = lambda *_: seen  # type: ignore[attr-defined]
    with Store(Path(".webdyno/results.db")) as store:
        store.begin(two.run.model_copy(update={"trials": ()}))
        store.update(two.run)


def _tell_all() -> None:
    found = []
    for name, arguments in COMMANDS.items():
        for form in FORMS.get(name, ("", "--json")):
            for lead in (read, unread, closed, full) if not form else (read, closed, full):
                found.append((name, form, lead.__name__, *outcome((*arguments, *filter(None, [form])), lead)))
                written = [file for file in ("report.html", "gate.md") if Path(file).exists()]
                for file in written:
                    Path(file).unlink()
            found.append((name, form, "only files", 0, " ".join(written)))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _make_up()
        _tell_all()
