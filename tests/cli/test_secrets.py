"""Planted secrets: through commands and formats, in what is printed, written, stored, and shown of every process."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest

from tests.planted import planted
from tests.repositories import Repository

from .conftest import Done
from .measured import assert_measured

# Each by the way that it goes in, under a name that tells nothing of it where its look has to do.
PLANTED = {
    "TOKEN": "planted-bearer-token",
    "KEY": "planted-header-key",
    "APIKEY": "planted-variable",
    "DATABASE_URL": "postgres://app:planted-userinfo@db/shop",
    "QUERY": "planted-query",
    "WORD": "planted-body-word",
    "COOKIE": "planted-cookie",
    "FOLDER": "planted-folder",
}
ROW = "planted-data-row"
LITERAL = "planted-in-scenario"

ECHOED = count()

LEAKY = """
import os, sys, json, time
ANSWERS = iter(range(10**9))
answered = 0.0

async def app(scope, receive, send):
    global answered
    if scope["type"] != "http":
        return
    body = (await receive()).get("body", b"").decode()
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    said = [headers, scope["query_string"].decode(), body, os.environ["APIKEY"], os.environ["DATABASE_URL"]]
    number = next(ANSWERS)
    # Under load only: what comes before it has to be right.
    busy, answered = time.monotonic() - answered < 0.05, time.monotonic()
    status = 500 if busy and number > 20 and number % 3 == 0 or scope["path"] == "/broken" else 200
    if status == 500:
        print("refused:", *said, headers.get("authorization"), file=sys.stderr, flush=True)
    answer = json.dumps({"echo": said[number % 5], "all": said}).encode()
    head = [(b"content-length", b"%d" % len(answer)), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": answer})
"""
SCENARIO = f"""
[data.users]
file = "users.csv"

[defaults]
headers = {{ X-Api-Key = "${{env.KEY}}", Cookie = "session=${{env.COOKIE}}" }}

[[flow]]
name = "all"
[[flow.step]]
path = "/?token=${{env.QUERY}}"
method = "POST"
json = {{ user = "${{users.name}}", password = "${{users.password}}", secret = "{LITERAL}" }}
expect = {{ json = {{ missing = 1 }} }}
"""
QUICK = ("-n", "1", "-d", "0.2s", "--warmup", "0.1s", "-c", "4")
GIVEN: tuple[str, ...] = (
    "--header",
    "@headers",
    "--env",
    "@dotenv",
    "--env",
    "DATABASE_URL",
    "--path",
    "/?q=${env.QUERY}",
)
GIVEN += ("--method", "POST", "--body", '{"password": "${env.WORD}"}', "--status", "200")


class Echo(BaseHTTPRequestHandler):
    """Sends back what it was asked, and under load fails now and then with the same."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        broken = self.path.startswith("/broken") or next(ECHOED) % 7 == 6
        body = json.dumps({"path": self.path, "all": dict(self.headers.items())}).encode()
        self.send_response(302 if broken else 200)
        self.send_header("Location", f"http://elsewhere.test{self.path}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def echoing() -> Iterator[str]:
    """The notation of a server that already runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"url=http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Place:
    """A folder with an app, its own state folder, and the commands that are run there."""

    def __init__(self, folder: Path, *, temporary: Path) -> None:
        self.folder = folder
        self.said = ""
        self.env = os.environ | PLANTED | {"XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(temporary)}
        self.command = [sys.executable, "-m", "webdyno"]
        (folder / "leaky.py").write_text(LEAKY)
        (folder / "headers").write_text(
            f"# theirs\nAuthorization: Bearer {PLANTED['TOKEN']}\nX-Api-Key: {PLANTED['KEY']}\n"
            f"Cookie: session={PLANTED['COOKIE']}\n"
        )
        (folder / "dotenv").write_text(f"APIKEY={PLANTED['APIKEY']}\nMODE=bench\nWEB_CONCURRENCY=1\n")
        (folder / "users.csv").write_text(f"name,password\nann,{ROW}\n")
        (folder / "shop.toml").write_text(SCENARIO)
        self.ours = {path.name for path in folder.iterdir()}

    def run(self, *arguments: str, **env: str) -> Done:
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.said += done.stdout + done.stderr
        return Done(done.returncode, done.stdout, done.stderr, self.folder)

    def leaks(self) -> list[str]:
        """Where a secret is found: in what was printed, any file, any table of a database."""
        places = {"what was printed": self.said}
        for path in self.folder.rglob("*"):
            if path.is_file() and ".git" not in path.parts and "__pycache__" not in path.parts:
                if path.relative_to(self.folder).parts[0] not in self.ours:
                    places[path.name] = path.read_bytes().decode("utf-8", "replace")
                if path.suffix == ".db":
                    with sqlite3.connect(path) as database:
                        places |= {f"dump of {path.name}": "\n".join(database.iterdump())}
        return [f"{secret} in {place}" for place, text in places.items() for secret in planted(text)]


@contextmanager
def watched_processes() -> Iterator[set[str]]:
    """The secrets seen on the command line of any process that began meanwhile."""
    seen, over = set[str](), threading.Event()
    # To read them all each time would keep a core busy.
    others = set(Path("/proc").iterdir())

    def watch() -> None:
        while not over.wait(0.02):
            for process in set(Path("/proc").iterdir()) - others:
                try:
                    seen.update(planted((process / "cmdline").read_bytes().decode("utf-8", "replace")))
                except OSError:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder, temporary = tmp_path / "shop", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    return Place(folder, temporary=temporary)


def test_a_comparison_leaks_nothing_in_any_format(place: Place) -> None:
    with watched_processes() as shown:
        done = place.run("compare", "leaky:app@uvicorn", *GIVEN, *QUICK, "--html", "a.html", "--json")
        assert done.returncode == 3, done.stderr
        assert '"failure_samples":' in done.stdout and "refused:" in done.stdout, "the server's log is part of it"
        (place.folder / "kept.json").write_text(done.stdout)
        for form in ("--json", "--markdown", "--html=b.html"):
            assert place.run("report", form).returncode == 0
            assert place.run("report", "kept.json", form).returncode == 0
        assert place.run("runs").returncode == 0
    assert shown == set()
    assert place.leaks() == []
    page = (place.folder / "b.html").read_text()
    assert "MODE=bench" in page and "WEB_CONCURRENCY=1" in page and "postgres://app:***@db/shop" in page
    assert "${env.QUERY}" in page
    # A run that cannot be stored.
    (place.folder / "full").mkdir()
    assert place.run("compare", "leaky:app@uvicorn", *GIVEN, *QUICK, "--store", "/dev/full/x").returncode == 2
    assert place.leaks() == []


def test_servers_that_already_run_leak_nothing(place: Place) -> None:
    path = "/x?token=${env.QUERY}&q=${env.WORD}"
    with echoing() as one, echoing() as other, watched_processes() as shown:
        (place.folder / "webdyno.toml").write_text(
            f'stacks = ["{one}", "{other}"]\nheader = "@headers"\npath = "{path}"\nduration = "0.2s"\nblocks = 1\n'
        )
        done = place.run("compare", *QUICK, "--html", "a.html", "--json")
        assert '"failure_samples":' in done.stdout and "status 302" in done.stdout, done.stderr
        (place.folder / "kept.json").write_text(done.stdout)
        done = place.run("gate", "--base", one, "--head", other, *QUICK, "--markdown", "gate.md", "--json")
        assert '"analysis":' in done.stdout, done.stderr
        for wrong in ("/broken", "/broken?token=${env.QUERY}"):
            assert "302" in place.run("compare", one, "--path", wrong, *QUICK, "--html", "c.html").stdout
        for form in ("--json", "--markdown", "--html=b.html"):
            assert place.run("report", form).returncode == 0
            assert place.run("report", "kept.json", form).returncode == 0
        assert "url=http://" in place.run("runs").stdout
    assert shown == set()
    assert place.leaks() == []
    assert "${env.QUERY}" in (place.folder / "b.html").read_text()


def test_an_app_that_does_not_start_and_a_gate_leak_nothing(place: Place, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit("base", {"leaky.py": LEAKY})
    failing = (
        'import os\nraise RuntimeError(f\'cannot reach {os.environ["DATABASE_URL"]} with {os.environ["APIKEY"]}\')'
    )
    repository.commit("head", {"leaky.py": failing})
    summary = place.folder / "summary.md"
    with watched_processes() as shown:
        for name in ("headers", "dotenv"):
            (repository.folder / name).write_text((place.folder / name).read_text())
        place.folder, work = repository.folder, place.folder
        options = ("--python", sys.executable, "--markdown", str(work / "gate.md"), *GIVEN, *QUICK)
        arguments = ("gate", "leaky:app@uvicorn", "--base", "base", "--head", "head", *options)
        done = place.run(*arguments, GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 3, done.stderr
        assert "cannot reach postgres://app:***@db/shop with ***" in done.stderr
        assert place.run("compare", "leaky:app@uvicorn", *GIVEN, *QUICK).returncode == 2
        place.folder = work
    assert shown == set()
    assert summary.read_text() and (work / "gate.md").read_text()
    assert place.leaks() == []


def test_explain_and_doctor_leak_nothing(place: Place) -> None:
    (place.folder / PLANTED["FOLDER"]).mkdir()
    kept = ("--store", "${env.FOLDER}/results.db")
    index = {
        "UV_INDEX_URL": "https://ann:planted-index@127.0.0.1:1/simple",
        "WEBDYNO_CACHE": str(place.folder / "none"),
    }
    stacks = ("bare-asgi@uvicorn", "bare-asgi@granian")
    with watched_processes() as shown:
        explained = place.run("explain", *stacks, *QUICK, *kept)
        assert_measured(explained, kept=Path(PLANTED["FOLDER"], "results.db"))
        assert place.run("doctor", "--quick", *kept).returncode == 0
        for form in ((), ("--json",), ("--markdown",)):
            assert place.run("report", *form, *kept).returncode == 0
        assert place.run("runs", *kept).returncode == 0
        for command in (("explain", *stacks), ("doctor", "--json")):
            done = place.run(*command, *kept, **index)
            assert done.returncode == 3 and "cannot be reached" in done.stderr
        # Nobody measures where the lock is a folder.
        (place.folder / PLANTED["FOLDER"] / "lock").unlink()
        (place.folder / PLANTED["FOLDER"] / "lock").mkdir()
        for refused in (("explain", *stacks), ("doctor",)):
            done = place.run(*refused, *kept)
            assert done.returncode == 2 and "${env.FOLDER}/lock cannot be made" in done.stderr
    assert shown == set()
    assert place.leaks() == []


def test_a_load_and_the_server_that_is_served_by_hand_leak_nothing(place: Place) -> None:
    command = [*place.command, "serve", "leaky:app@uvicorn", "--env", "@dotenv", "--env", "DATABASE_URL"]
    unbuffered = place.env | {"PYTHONUNBUFFERED": "1"}
    short = ("-d", "0.3s", "--warmup", "0.1s", "-c", "2")
    with (
        watched_processes() as shown,
        subprocess.Popen(command, cwd=place.folder, env=unbuffered, stdout=subprocess.PIPE, text=True) as served,
    ):
        assert served.stdout
        try:
            lines = iter(served.stdout.readline, "")
            url = next(line.split()[1] for line in lines if line.startswith("  url "))
            one = f"{url}/?token=${{env.QUERY}}&q=${{env.WORD}}"
            asked = ("--header", "@headers", "--body", '{"password": "${env.WORD}"}', "--method", "POST")
            done = place.run("load", one, *asked, *short, "--json", "--plot", "plot.svg")
            assert '"detail"' in done.stdout, done.stderr
            (place.folder / "load.json").write_text(done.stdout)
            assert "${env.QUERY}" in place.run("load", one, *asked, *short, "--compare", "load.json").stdout
            refused = place.run("load", f"{url}/broken?key=${{env.QUERY}}", *asked, *short)
            assert refused.returncode == 3 and "answered with status 500" in refused.stderr
            failed = place.run("load", url, "--scenario", "shop.toml", *short)
            assert failed.returncode == 3 and "failed when it was tried" in failed.stderr
            place.run("load", url, "--bearer", "${env.TOKEN}", "--scenario", "shop.toml", *short)
        finally:
            served.terminate()
            assert planted(served.stdout.read()) == set()
    assert shown == set()
    # Nobody told `load` of the server's own variable, which the server sends without a name or a look.
    assert {leak for leak in place.leaks() if not leak.startswith("planted-variable")} == set()
