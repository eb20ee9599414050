"""A signal at any moment of storing ends the run: it is never lost, and never taken for a fault of the store."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.store.samples import begun, small_run
from webdyno.lab.events import Event, Remark
from webdyno.lab.interruption import Interruption
from webdyno.lab.session import Session
from webdyno.model.fact import fact
from webdyno.store.database import Store

# So many moments are tried of each kind of write, spread evenly over all its lines of Python, SQLAlchemy's among them.
MOMENTS = 60


class Lines:
    """Counts the lines that run, and sends this process a signal before one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.seen = 0
        self.sent = False
        self._at = at

    @contextmanager
    def counted(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.seen += 1
            if self.seen == self._at:
                self.sent = True
                signal.raise_signal(signal.SIGINT)
        return self._trace


def carried_out(path: Path, kind: str, lines: Lines) -> tuple[Session, list[Event]]:
    """A run of two trials, of which one step is the one that lines are counted of."""
    whole, seen = small_run(), list[Event]()
    run = begun(whole)
    with Interruption() as interruption, Store(path) as store:
        session = Session(run, store, seen.append, interruption)
        with session.recording():
            session.save(whole.trials[0])
            with lines.counted():
                if kind == "save":
                    session.save(whole.trials[1])
                elif kind == "change":
                    session.change(setup_s=7.0)
                elif kind == "note":
                    session.note(fact("no-usable-stack"))
            session.save(whole.trials[2])
        return session, seen


@pytest.mark.parametrize("kind", ["save", "change", "note"])
def test_a_signal_at_any_moment_of_storing_ends_the_run(tmp_path: Path, kind: str) -> None:
    lines = Lines()
    carried_out(tmp_path / "whole.db", kind, lines)
    assert lines.seen > 10 * MOMENTS
    # Collecting garbage adds lines now and then, so that the last ones are not always reached.
    for moment in range(1, round(0.98 * lines.seen), lines.seen // MOMENTS):
        path, signalled = tmp_path / f"{moment}.db", Lines(at=moment)
        session, seen = carried_out(path, kind, signalled)
        assert signalled.sent
        assert session.run.state == "interrupted", f"line {moment} of {lines.seen}"
        told = [event.text for event in seen if isinstance(event, Remark)]
        assert not any("cannot be stored" in text for text in told), told
        with Store(path) as store:
            assert store.load() == session.run
