"""What is fuzzed: how its inputs come about, and what must hold for each."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from tests.fuzz import documents, scenarios, servers

SEEDS = Path(__file__).parent / "seeds"
LONGEST_CPU_S = 10
LONGEST_S = 120


class Target(NamedTuple):
    """Something that reads what others wrote.

    Attributes:
        inputs: what to try, as bytes, so that an input that fails can be kept as a file.
        check: raises where it does otherwise than it must, or takes too long; it may write into the folder.
        examples: how many to try in one go.
    """

    inputs: Callable[[], st.SearchStrategy[bytes]]
    check: Callable[[bytes, Path], None]
    examples: int = 50


TARGETS = {
    "run": Target(documents.runs, documents.check_run),
    "load": Target(documents.loads, documents.check_load),
    "gate": Target(documents.gates, documents.check_document),
    "doctor": Target(documents.doctors, documents.check_document),
    "kept": Target(documents.kept_documents, documents.check_kept_document),
    "rows": Target(documents.rows, documents.check_rows),
    "database": Target(documents.databases, documents.check_database),
    "floor": Target(documents.floors, documents.check_floor),
    "scenario": Target(scenarios.scenarios, scenarios.check_scenario),
    "server": Target(servers.behaviours, servers.check_behaviour, 10),
}


def check(name: str, content: bytes, folder: Path) -> None:
    """Hold one input against its target, within `LONGEST_CPU_S`, and within `LONGEST_S` on a busy machine."""
    with _limited():
        TARGETS[name].check(content, folder)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def late(number: int, frame: object) -> None:
        raise AssertionError(f"it took longer than {LONGEST_CPU_S} s of the CPU, or {LONGEST_S} s in all")

    before = {number: signal.signal(number, late) for number in (signal.SIGALRM, signal.SIGPROF)}
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_CPU_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
