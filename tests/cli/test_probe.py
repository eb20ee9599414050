"""Probes of other packages, used in a comparison of real servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.cli.measured import assert_measured
from tests.other_package import install, webdyno_with
from webdyno.model.base import SMALLEST

PLUGIN = """
import time
from webdyno.probes.probe import Probe, Watcher

class Switches(Watcher):
    def __init__(self, subject):
        self.subject = subject

    def _read(self):
        status = open(f"/proc/{self.subject.pid}/status").read()
        return {key: int(value) for key, _, value in (line.partition(":") for line in status.splitlines())
                if key.endswith("ctxt_switches")}

    def start(self):
        self.token = "password=hidden-in-it"
        self.window_s, self.switches = 0.0, {}

    def opened(self, at):
        self.at, self.before = at, self._read()

    def closed(self, at):
        self.window_s += at - self.at
        for key, value in self._read().items():
            self.switches[key] = self.switches.get(key, 0) + value - self.before[key]

    def found(self):
        return {"window_s": self.window_s, "switches": self.switches, "port": self.subject.port, "seen": self.token}

    def stop(self):
        pass

class Broken(Switches):
    def opened(self, at):
        raise OSError("no such counter")

SWITCHES = Probe("switches", "context switches of the first process", Switches)
BROKEN = Probe("broken", "nothing", Broken)
"""
TINY = "def app(environ, start):\n    start('200 OK', [('Content-Length', '2')])\n    return [b'ok']\n"
SHORT = ("--duration", "0.2s", "--warmup", "0.05s", "--blocks", "2", "--seed", "1", "-c", "2")


def plugin(folder: Path) -> Path:
    (folder / "tiny.py").write_text(TINY)
    names = "[webdyno.probes]\nswitches = webdyno_switches:SWITCHES\nbroken = webdyno_switches:BROKEN\n"
    install(folder, "webdyno-switches", PLUGIN, names)
    return folder


def test_a_probe_of_another_package_watches_stacks_and_is_told_in_every_report(in_folder: Path) -> None:
    folder = plugin(in_folder)
    stacks = ("tiny:app@waitress", "tiny:app@waitress?threads=2")
    page = folder / "report.html"
    asked = ("--probe", "switches", "--probe", "broken", "--json", "--quiet", "--html", str(page))
    done = webdyno_with(folder, "compare", *stacks, *SHORT, *asked)
    assert_measured(done)
    document: Any = json.loads(done.stdout)
    assert document["experiment"]["probes"] == ["switches", "broken"]
    trials = document["trials"]
    assert {trial["stack"] for trial in trials} == set(stacks) and len(trials) >= 6
    for trial in trials:
        assert trial["result"]["ok"] and trial["resources"]["cpu_s"] > SMALLEST
        found = trial["findings"]["switches"]
        assert found["failure"] is None
        assert found["value"]["window_s"] == pytest.approx(trial["result"]["window_s"], rel=0.2)
        assert len(found["value"]["switches"]) == 2 and found["value"]["port"] > 0
        assert found["value"]["seen"] == "password=***"
        assert trial["findings"]["broken"] == {"value": None, "failure": "OSError: no such counter"}
    html, markdown = page.read_text(), webdyno_with(folder, "report", document["id"], "--markdown").stdout
    for told in (html, markdown):
        assert "voluntary_ctxt_switches" in told and "no such counter" in told
        assert "hidden-in-it" not in told
    assert "--probe switches --probe broken" in html


def test_an_unknown_probe_is_refused_and_the_known_are_named(call: Call) -> None:
    done = call("compare", "flask", "fastapi", "--probe", "switchs", "--quiet")
    assert done.returncode == 2
    assert "--probe switchs is unknown" in done.stderr and "resources" in done.stderr


def test_probes_are_listed(call: Call) -> None:
    (own, *_) = json.loads(call("list", "probes", "--json").stdout)
    assert own["name"] == "resources"
    assert "memory of the process tree" in " ".join(call("list", "probes").stdout.split())
