"""`--driver`: another load tool under `load` and `compare`, wrk's stand-in and one from another package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.loadgen import fake_wrk
from tests.loadgen.server import ScriptedServer, good
from tests.other_package import install

PLUGIN = """
import http.client, time
from webdyno.loadgen.driver import Driver, Generator, ignore
from webdyno.loadgen.job import WindowClosed, WindowOpened
from webdyno.model.trial import DriverRecord, LoadFigures

class Plain(Generator):
    def start(self): pass
    def close(self): pass
    def run(self, job, on_event=ignore):
        connection = http.client.HTTPConnection(job.host, job.port, timeout=5)
        began, ok = time.monotonic(), 0
        on_event(WindowOpened(at=began))
        while time.monotonic() < began + job.window.duration_s:
            connection.request("GET", job.request.path)
            connection.getresponse().read()
            ok += 1
        connection.close()
        window_s = time.monotonic() - began
        on_event(WindowClosed(at=began + window_s))
        driver = DriverRecord(name="plain", version="7", checked="nothing")
        return LoadFigures(driver=driver, window_s=window_s, scheduled=ok, ok=ok, completed=ok)

DRIVER = Driver("plain", "one request after the other", frozenset(), lambda: "7", lambda seat: Plain())
"""
TINY = "def app(environ, start):\n    start('200 OK', [('Content-Length', '2')])\n    return [b'ok']\n"
MACHINE = {"steal", "throttled", "core-shared"}
UNTOLD = {"responses-unchecked", "generator-unwatched", "times-untold", "driver-untold"}
SHORT = ("--duration", "0.2s", "--warmup", "0.05s", "--blocks", "2", "--seed", "1", "--json", "--no-html", "--quiet")


@pytest.fixture
def url() -> Iterator[str]:
    with ScriptedServer(good) as server:
        yield f"http://127.0.0.1:{server.port}/"


def ran(*arguments: str, cwd: Path, **env: str) -> tuple[Any, subprocess.CompletedProcess[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "webdyno", *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done


def webdyno(*arguments: str, cwd: Path, **env: str) -> Any:
    document, done = ran(*arguments, cwd=cwd, **env)
    analysis = document["analysis"]
    reasons = [*analysis["reasons"], *(reason for stack in analysis.get("stacks", ()) for reason in stack["reasons"])]
    invalid = {reason["name"] for reason in reasons if reason["severity"] == "invalid"}
    # What others do to this machine is no fault of a load tool's.
    assert done.returncode == 0 or (done.returncode == 3 and invalid and invalid <= MACHINE), (invalid, done.stderr)
    return document


def plugin(folder: Path) -> Path:
    install(folder, "webdyno-plain", PLUGIN, "[webdyno.drivers]\nplain = webdyno_plain:DRIVER\n")
    return folder


def test_a_load_tool_of_another_package_loads_a_server(url: str, in_folder: Path) -> None:
    arguments = ("load", url, "--driver", "plain", "-c", "1", "-d", "0.2s", "--json", "-q")
    document = webdyno(*arguments, cwd=in_folder, PYTHONPATH=str(plugin(in_folder)))
    assert document["result"]["ok"] > 0
    assert document["result"]["driver"]["name"] == "plain"
    assert document["result"]["engine"] is None and document["result"]["reconnects"] is None
    assert document["analysis"]["latency"]["p50"] is None
    assert {reason["name"] for reason in document["analysis"]["reasons"]} - MACHINE == UNTOLD


def test_a_load_tool_of_another_package_compares_stacks(in_folder: Path) -> None:
    (in_folder / "tiny.py").write_text(TINY)
    arguments = ("compare", "tiny:app@waitress", "tiny:app@waitress?threads=2", "--driver", "plain", "-c", "1", *SHORT)
    document = webdyno(*arguments, cwd=in_folder, PYTHONPATH=str(plugin(in_folder)))
    assert document["experiment"]["driver"] == "plain"
    assert "no-open-load" in [note["what"]["key"] for note in document["notes"]]
    assert {trial["phase"] for trial in document["trials"]} == {"pilot", "saturation"}
    assert all(trial["result"]["ok"] and trial["resources"]["cpu_s"] for trial in document["trials"])
    for stack in document["analysis"]["stacks"]:
        assert stack["response"] is None
        assert {reason["name"] for reason in stack["reasons"]} >= UNTOLD


def measured_by(run: Any) -> set[str]:
    """The load tools by which the trials of a run were measured, all of which have answers."""
    assert run["trials"] and all(trial["result"]["ok"] for trial in run["trials"])
    return {trial["result"]["driver"]["name"] for trial in run["trials"]}


def test_a_load_tool_of_another_package_decides_a_gate_and_explains(in_folder: Path) -> None:
    path, short = str(plugin(in_folder)), [one for one in SHORT if one != "--no-html"]
    sides = ("--base", "bare-wsgi@waitress", "--head", "bare-wsgi@waitress?threads=2")
    # What it comes to, the machine decides; what it is measured by, is asked for.
    document, _ = ran("gate", *sides, "--driver", "plain", "-c", "1", *short, cwd=in_folder, PYTHONPATH=path)
    assert [measured_by(run) for run in document["runs"]] == [{"plain"}] * len(document["runs"])
    pair = ("bare-wsgi@waitress", "bare-wsgi@gunicorn")
    document, _ = ran("explain", *pair, "--driver", "plain", "-c", "1", *short, cwd=in_folder, PYTHONPATH=path)
    assert measured_by(document) == {"plain"}


def test_wrk_loads_a_server(url: str, in_folder: Path) -> None:
    seen = fake_wrk.install(in_folder)
    path = f"{in_folder}{os.pathsep}{os.environ['PATH']}"
    arguments = ("load", url, "--driver", "wrk", "-d", "0.2s", "--warmup", "0s", "-c", "4", "--bearer", "s3cret")
    document = webdyno(*arguments, "--json", "-q", cwd=in_folder, PATH=path)
    assert document["result"]["ok"] == 136
    assert document["result"]["driver"]["command"][0] == "wrk"
    assert document["analysis"]["latency"]["p50"] == pytest.approx(20.4, rel=0.02)
    assert {reason["name"] for reason in document["analysis"]["reasons"]} >= {"responses-unchecked", "driver-untold"}
    assert "s3cret" in seen.read_text() and "s3cret" not in json.dumps(document)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("load", "http://127.0.0.1:1/", "-r", "10"), "open load with poisson arrivals"),
        (("load", "http://127.0.0.1:1/", "--expect-body", "ok"), "checking the body of each response"),
        (("load", "http://127.0.0.1:1/", "--status", "404"), "checking each response for the status"),
        (("load", "https://127.0.0.1:1/"), "https"),
        (("load", "http://127.0.0.1:1/", "--processes", "2"), "several generator processes"),
        (("compare", "flask", "fastapi", "--rate", "100"), "open load with poisson arrivals"),
        (("compare", "flask", "fastapi", "--metric", "p99"), "open load with poisson arrivals"),
        (("compare", "flask", "fastapi", "--duet"), "loading two stacks at the same time"),
        (("compare", "flask", "fastapi", "--path", "/", "--expect-json", "a=1"), "checking the body of each response"),
        (("compare", "flask", "fastapi", "--path", "/", "--status", "200"), "checking each response for the status"),
        (("compare", "starlette", "fastapi", "--workload", "websocket"), "WebSockets"),
        (("compare", "flask", "fastapi", "--timeout", "0.5s"), "time-outs in fractions of a second"),
        (("gate", "a:app", "--base", "x", "--head", "y", "--fail-if", "p99>+5%"), "open load with poisson arrivals"),
        (("gate", "a:app", "--base", "x", "--head", "y", "--rate", "9"), "open load with poisson arrivals"),
        (("gate", "a:app", "--base", "x", "--head", "y", "--duet"), "loading two stacks at the same time"),
    ],
)
def test_what_wrk_cannot_do_is_refused_and_the_tool_that_can_is_named(
    call: Call, arguments: tuple[str, ...], said: str
) -> None:
    done = call(*arguments, "--driver", "wrk")
    assert done.returncode == 2
    error = " ".join(done.stderr.split())
    assert f"--driver wrk cannot do this: {said}" in error
    assert "give another --driver: own" in error


def test_a_load_tool_that_is_not_installed_is_told_before_anything_is_set_up(
    call: Call, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(in_folder))
    done = call("compare", "flask", "fastapi", "--driver", "wrk", "--quiet", "--no-html")
    assert done.returncode == 2
    assert "wrk is not installed" in done.stderr and "apt-get install wrk" in done.stderr


def test_each_load_tool_is_listed_with_what_it_can(call: Call) -> None:
    listed = {row["name"]: row for row in json.loads(call("list", "drivers", "--json").stdout)}
    assert "poisson" in listed["own"]["abilities"] and listed["wrk"]["abilities"] == []
    assert "closed load of one request; open load with" in " ".join(call("list", "drivers").stdout.split())
