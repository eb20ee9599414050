"""A workload of another package with a dependency of its own: a key-value server, from which an app reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.conftest import Call
from tests.other_package import install, webdyno_with
from webdyno.model.run import Run
from webdyno.questions.analysed import result_of
from webdyno.store.database import Store

# A line `GET key` is answered with the value; `COUNT` with how often that was; `DIE` ends it.
SERVER = """
import socketserver, sys

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            word, _, key = line.decode().strip().partition(" ")
            if word == "DIE":
                print("somebody told me to die", flush=True)
                os._exit(7)
            if word == "GET":
                counted.append(key)
            self.wfile.write(f"{len(counted) if word == 'COUNT' else values.get(key, '')}\\n".encode())

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

import os
counted, values = [], dict(pair.split("=") for pair in sys.argv[2:])
with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    print("ready", flush=True)
    server.serve_forever()
"""
PLUGIN = """
import socket, sys
from contextlib import contextmanager
from pathlib import Path

from webdyno.dependencies.dependency import Dependency, RunningDependency
from webdyno.dependencies.dependency_program import run_program
from webdyno.model.workload import Need, Request, Workload
from webdyno.processes.guard import scratch_folder
from webdyno.serving.sockets import free_port
from webdyno.stacks.entries import OneOf
from webdyno.stacks.workloads import Parameter, ServiceWorkload

class KeyValue(RunningDependency):
    def __init__(self, port, program):
        super().__init__(f"127.0.0.1:{port}", {"KEYS_PORT": str(port)}, program.argv)
        self.port, self.program = port, program

    def check(self):
        self.program.check()
        if self.ask("GET greeting") != "hello":
            raise self.program.failed("does not know its greeting")

    def calls(self):
        return int(self.ask("COUNT"))

    def ask(self, line):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(line.encode() + b"\\n")
                return connection.makefile().readline().strip()
        except OSError as error:
            raise self.program.failed(f"does not answer: {error}") from error

@contextmanager
def running(settings, place):
    port = free_port("127.0.0.1")
    values = [f"{key}={value}" for key, value in settings.items()]
    argv = [sys.executable, str(Path(__file__).with_name("key_value_server.py")), str(port), *values]
    with scratch_folder() as folder, run_program("keys", argv, place, cwd=folder) as program:
        program.wait_until(lambda: "ready" in program.output_tail() or None, 10)
        (folder / "data").write_text("to be removed")
        Path(__file__).with_name("folder").write_text(str(folder))
        yield KeyValue(port, program)
        program.stop(within_s=5)

def build(values):
    settings = {"greeting": values["greeting"], "password": "hidden-in-it"}
    return Workload(request=Request(path="/"), status=200, body=b"hello", needs=(
        Need(name="keys", settings=settings, calls=1), Need(name="upstream", settings={"delay": "constant:0"})))

KEYS = Dependency("keys", "values by key", lambda settings: "1.0", running)
GREET = ServiceWorkload("greet", "reads a greeting",
                        (Parameter("greeting", OneOf(("hello", "adieu")), "hello", "what is kept"),), build)
"""
APP = """
import os, socket

FORGETFUL, DEADLY = {forgetful}, {deadly}
answered, kept = 0, None

def ask(line):
    with socket.create_connection(("127.0.0.1", int(os.environ["KEYS_PORT"]))) as connection:
        connection.sendall(line)
        return connection.makefile("rb").readline().strip()

def app(environ, start):
    global answered, kept
    answered += 1
    os.environ["WEBDYNO_UPSTREAM"]
    if answered == DEADLY:
        ask(b"DIE\\n")
    if not (FORGETFUL and kept):
        kept = ask(b"GET greeting\\n")
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(kept)))])
    return [kept]
"""
SHORT = ("--duration", "0.1s", "--warmup", "0.05s", "--blocks", "1", "--seed", "1", "-c", "2", "--metric", "memory")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installed package that adds a workload and what it needs, and apps beside it."""
    (tmp_path / "key_value_server.py").write_text(SERVER)
    (tmp_path / "honest.py").write_text(APP.format(forgetful=False, deadly=0))
    (tmp_path / "forgetful.py").write_text(APP.format(forgetful=True, deadly=0))
    # Before it is known to be the right service, or in the load of the pilot.
    (tmp_path / "deadly_soon.py").write_text(APP.format(forgetful=False, deadly=2))
    (tmp_path / "deadly_later.py").write_text(APP.format(forgetful=False, deadly=9))
    names = "[webdyno.workloads]\ngreet = webdyno_keys:GREET\n[webdyno.dependencies]\nkeys = webdyno_keys:KEYS\n"
    install(tmp_path, "webdyno-keys", PLUGIN, names)
    return tmp_path


def stored(folder: Path) -> Run:
    with Store(folder / ".webdyno" / "results.db") as store:
        return store.load()


def is_gone(folder: Path) -> bool:
    """Nothing of the dependency is left: neither a process nor its folder."""
    program = str(folder / "key_value_server.py")
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    made = folder / "folder"
    return not any(program in command for command in commands) and not (
        made.exists() and Path(made.read_text()).exists()
    )


def test_it_is_started_counted_told_recorded_and_stopped(folder: Path) -> None:
    page = folder / "report.html"
    stacks = ("honest:app@waitress", "forgetful:app@waitress")
    done = webdyno_with(folder, "compare", *stacks, "--workload", "greet", *SHORT, "--json", "-q", "--html", str(page))
    document: Any = json.loads(done.stdout)
    keys, upstream = document["dependencies"]
    assert (keys["name"], keys["version"], upstream["name"]) == ("keys", "1.0", "upstream")
    assert keys["settings"] == {"greeting": "hello", "password": "***"}
    assert keys["env"] == {"KEYS_PORT": keys["address"].partition(":")[2]}
    assert keys["argv"][1] == str(folder / "key_value_server.py") and keys["cpus"] is not None
    honest = [trial for trial in document["trials"] if trial["stack"].startswith("honest")]
    assert len(honest) == 2
    for trial in honest:
        assert not trial["failure"]
        assert trial["calls"]["keys"] >= trial["result"]["answered"] > 0
        assert trial["calls"]["upstream"] == 0
    (forgetful,) = [trial for trial in document["trials"] if trial["stack"].startswith("forgetful")]
    assert "calls of the keys, but it had" in forgetful["failure"]["text"]
    assert is_gone(folder)
    html, markdown = page.read_text(), result_of(stored(folder)).told("markdown")
    for told in (html, markdown):
        assert "beside the stacks: keys" in told.replace("\\", "") and "hidden-in-it" not in told + done.stdout
    assert "--workload greet" in html


@pytest.mark.parametrize("app", ["deadly_soon", "deadly_later"])
def test_one_that_dies_under_way_ends_the_run_and_no_stack_is_blamed(folder: Path, app: str) -> None:
    done = webdyno_with(folder, "compare", f"{app}:app@waitress", "--workload", "greet", *SHORT, "--no-html")
    assert done.returncode == 3
    said = " ".join(done.stderr.split())
    assert "the dependency keys exited with code 7" in said and "somebody told me to die" in said
    assert is_gone(folder)
    run = stored(folder)
    assert run.state == "failed"
    assert not [trial for trial in run.trials if trial.failure]
    (note,) = [note.text for note in run.notes if "keys" in note.text]
    assert "somebody told me to die" in note


def test_it_is_gone_after_an_interruption(folder: Path) -> None:
    endless = ("--workload", "greet", "--duration", "0.5s", "--blocks", "1000", "--no-html")
    command = [sys.executable, "-m", "webdyno", "compare", "honest:app@waitress", *endless]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "block 1" not in (line := process.stderr.readline()):
            assert line
        assert not is_gone(folder)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert is_gone(folder)


def test_one_that_does_not_do_what_it_is_there_for_is_told_before_anything_is_measured(folder: Path) -> None:
    done = webdyno_with(folder, "compare", "honest:app@waitress", "--workload", "greet?greeting=adieu", *SHORT, "-q")
    assert done.returncode == 3
    assert "the dependency keys does not know its greeting" in " ".join(done.stderr.split())
    assert is_gone(folder)


def test_a_variable_that_it_sets_itself_is_refused(folder: Path) -> None:
    given = ("--workload", "greet", "--env", "KEYS_PORT=1")
    done = webdyno_with(folder, "compare", "honest:app@waitress", *given, *SHORT, "-q")
    assert done.returncode == 2
    assert "--env KEYS_PORT is what the dependency keys tells every stack" in " ".join(done.stderr.split())
    assert is_gone(folder)


def test_dependencies_are_listed(folder: Path, call: Call) -> None:
    rows = json.loads(webdyno_with(folder, "list", "dependencies", "--json").stdout)
    assert [row["name"] for row in rows] == ["upstream", "keys"]
    assert "counts its calls" in call("list", "dependencies").stdout
