"""Another package brings a framework with a server and an interface of its own: it is installed, started and asked."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from webdyno.errors import NotationError, UsageError
from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.model.workload import Request
from webdyno.serving.launcher import launch
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.catalogue import find_interface
from webdyno.stacks.environments import environment, this_interpreter
from webdyno.stacks.listing import list_apps, list_stacks
from webdyno.stacks.prepare import prepare

FRAMEWORK = '''
class App:
    """Neither WSGI nor ASGI: it is asked for a path, and says a text."""

    def __init__(self, greeting):
        self.greeting = greeting

    def say(self, path):
        return self.greeting + " " + path
'''
SERVER = """
import argparse, http.server, importlib

asked = argparse.ArgumentParser()
asked.add_argument("--port", type=int)
asked.add_argument("--mood")
asked.add_argument("target")
asked = asked.parse_args()
module, _, name = asked.target.partition(":")
app = getattr(importlib.import_module(module), name)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (app.say(self.path) + " " + asked.mood).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", asked.port), Handler).serve_forever()
"""
ENTRIES = """
from pathlib import Path
from webdyno.model.fact import Fact
from webdyno.stacks.entries import App, OneOf, Mode, ServerOption, Server, SpokenInterface

MOOD = ServerOption("mood", OneOf(("calm", "cross")), "how it speaks", "calm")
SLOW = Fact(key="tortuga.slow", template="tortuga takes its time")
WHEEL = "tortuga @ file://{wheel}"
INTERFACE = SpokenInterface("tortuga", server="tortuga", classes=("tortuga.App",))
APP = App("tortuga", "tortuga", Path(__file__).parent / "service", "tortuga_service:app", "tortuga", "slow", (WHEEL,))
LOST = App("lost", "lost", Path(__file__).parent / "service", "tortuga_service:app", None, "what nobody speaks")
SERVER = Server(
    "tortuga",
    "tortuga",
    "the server inside tortuga",
    (Mode("tortuga", (WHEEL,), (MOOD,), notes=(SLOW,)),),
    lambda serving: ("-m", "tortuga", "--port", "{{port}}", *serving.flags(), serving.target),
)
"""
NAMES = """
[webdyno.apps]
tortuga = webdyno_tortuga:APP
lost = webdyno_tortuga:LOST
[webdyno.servers]
tortuga = webdyno_tortuga:SERVER
[webdyno.interfaces]
tortuga = webdyno_tortuga:INTERFACE
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def package_info(name: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The framework as a package that uv installs; in a cache of its own, since its place is another one each time."""
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "cache"))
    path, info = tmp_path / "tortuga-1.0-py3-none-any.whl", "tortuga-1.0.dist-info"
    files = {
        "tortuga/__init__.py": FRAMEWORK,
        "tortuga/__main__.py": SERVER,
        f"{info}/METADATA": package_info("tortuga"),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD")))
    return path


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that brings it to webdyno, installed beside webdyno."""
    site = tmp_path / "site"
    write(
        site,
        {
            "webdyno_tortuga/__init__.py": ENTRIES.format(wheel=wheel),
            "webdyno_tortuga/service/tortuga_service.py": "import tortuga\n\napp = tortuga.App('hola')\n",
            "webdyno_tortuga/service/parts/shout.py": "def add(app):\n    app.greeting = app.greeting.upper()\n",
            "webdyno_tortuga-1.0.dist-info/METADATA": package_info("webdyno-tortuga"),
            "webdyno_tortuga-1.0.dist-info/entry_points.txt": NAMES,
        },
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "webdyno_tortuga", raising=False)


def said(record: StackRecord, path: str) -> bytes:
    with launch(record) as server:
        answer = server.wait_ready(Request(path=path)).body
        server.check_alive()
    return answer


def test_its_app_runs_on_its_server_with_its_options_and_parts() -> None:
    plain, changed = prepare(parse_notation("tortuga")), prepare(parse_notation("tortuga?mood=cross&with=shout"))
    assert (plain.interface, plain.served_as, plain.packages) == ("tortuga", "tortuga", {"tortuga": "1.0"})
    assert StackRecord.model_validate_json(changed.model_dump_json()) == changed and changed.parts == ("shout",)
    assert [note.text for note in plain.notes] == ["tortuga takes its time"]
    assert (said(plain, "/"), said(changed, "/a")) == (b"hola / calm", b"HOLA /a cross")


def test_a_users_app_of_its_class_is_known_and_served_by_its_server(tmp_path: Path, wheel: Path) -> None:
    write(tmp_path, {"shop.py": "import tortuga\n\n\nclass Shop(tortuga.App): ...\n\n\napp = Shop('hello')\n"})
    python = environment([f"tortuga @ file://{wheel}"], this_interpreter(), lambda text: None).python
    record = prepare(parse_notation("shop:app"), AppSettings(cwd=tmp_path, python=python))
    assert record.interface == "tortuga" and said(record, "/") == b"hello / calm"


def test_it_is_listed_and_refused_as_those_of_webdyno_are() -> None:
    (row,) = [row for row in list_apps() if row.name == "tortuga"]
    assert (row.interface, row.parts) == ("tortuga", ("shout",))
    with pytest.raises(NotationError, match="uvicorn serves ASGI, and tortuga is tortuga's own") as caught:
        prepare(parse_notation("tortuga@uvicorn"))
    assert caught.value.remedy == "what works: tortuga@tortuga"
    with pytest.raises(NotationError, match="tortuga serves tortuga, and flask is WSGI"):
        prepare(parse_notation("flask@tortuga"))


def test_an_app_whose_interface_nobody_brings_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="there is no interface 'lost'") as caught:
        prepare(parse_notation("lost"))
    assert "known interfaces: wsgi, asgi, sanic, aiohttp, tortuga" in caught.value.remedy
    assert find_interface("tortuga").server == "tortuga"
    with pytest.raises(UsageError):
        list_stacks()
