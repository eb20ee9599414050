"""Small runs for the store's tests, and processes that die or share the store on purpose."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from tests.factories import DEFAULT_TRUTHS, Truth, make_run
from tests.load_runs import load_run
from tests.machines import QUIET
from webdyno.model.doctor_run import DoctorRun
from webdyno.model.gate_run import GateRun
from webdyno.model.load_run import LoadRun
from webdyno.model.note import Note
from webdyno.model.run import Run
from webdyno.model.side import Side
from webdyno.store.document import read_document


def small_run() -> Run:
    return make_run(DEFAULT_TRUTHS[:2], blocks=2)


def read_comparison(path: Path) -> Run:
    """The document of a comparison."""
    read = read_document(path)
    assert isinstance(read, Run)
    return read


def gate_run(blocks: int = 8) -> GateRun:
    """A regression, measured twice."""
    truths = (Truth("flask@gunicorn", 4000, 240), Truth("flask@waitress", 4000, 240 * 1.3))
    runs = tuple(
        make_run(truths, blocks=blocks, seed=seed, rate=500.0).model_copy(update={"id": f"20261121-10000{seed}-aaaa"})
        for seed in (1, 2)
    )
    base, head = (
        Side(name=name, asked=stack, commit=None, stack=stack)
        for name, stack in (("base", "flask@gunicorn"), ("head", "flask@waitress"))
    )
    return GateRun(
        id="20261121-110000-bbbb",
        judged=datetime(2026, 11, 21, 11, tzinfo=UTC),
        base=base,
        head=head,
        limits=("cpu_per_request > +5%", "memory > +10%"),
        notes=(Note(text="a note"),),
        outcome="regression",
        runs=runs,
    )


def doctor_run(blocks: int = 8) -> DoctorRun:
    """A quiet machine, on which a stack was compared with itself."""
    twins = (Truth("flask@gunicorn", 3000, 300), Truth("flask@gunicorn?workers=1", 3000, 300))
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return DoctorRun(
        id="20261121-120000-cccc",
        started=moment,
        machine="abc",
        facts=QUIET,
        comparison=make_run(twins, blocks=blocks).model_copy(update={"id": "20261121-120001-cccc"}),
    )


def kept_load() -> LoadRun:
    """A load that met one threshold and missed another."""
    return load_run([1_000_000] * 5000).model_copy(
        update={"id": "20261121-100000-dddd", "thresholds": ("p99<50ms", "throughput>1000000")}
    )


def begun(run: Run) -> Run:
    """The run as it was when it began."""
    return run.model_copy(update={"trials": (), "state": "running", "finished": None})


@contextmanager
def child(code: str, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A Python process that runs `code`, and its output; killed at the end where it has not ended by itself."""
    argv = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()
