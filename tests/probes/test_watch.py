"""All probes of one trial: started and stopped together."""

from __future__ import annotations

import os
import threading
import time

import pytest

from tests.probes.test_aside import ENOUGH_S, Scripted
from webdyno.probes.aside import Aside
from webdyno.probes.probe import Probe, Subject
from webdyno.probes.watch import Probes


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_a_probe_that_cannot_be_started_stops_those_that_were(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Aside.start
    started: list[Aside] = []

    def start_one(aside: Aside) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        start(aside)
        started.append(aside)

    monkeypatch.setattr(Aside, "start", start_one)
    asked = {name: Probe(name, "", lambda subject: Scripted([], lambda step: None)) for name in ("first", "second")}
    with pytest.raises(RuntimeError), Probes(Subject(os.getpid(), "127.0.0.1", 80), asked):
        pass
    started[0].finding(time.monotonic() + ENOUGH_S)
    assert not threads() & {"monitor", "probe first", "probe second"}
