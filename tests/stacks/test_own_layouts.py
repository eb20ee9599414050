"""Factories and folders of the user's own on every server, as Gunicorn and Uvicorn take them by themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.environments import environment, this_interpreter
from webdyno.stacks.prepare import prepare

from .starting import ask

# Read relative to where the command is given, and imported from `src`.
APPS = """
import json, os
from pathlib import Path

PRICES = json.loads(Path("data/prices.json").read_text())


def body(name):
    return json.dumps({"name": name, "prices": PRICES, "file": Path(__file__).parent.name}).encode()


def create_app(name=None, *, debug=False):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body(name)]
    return app


def create_api(name=None, env="dev"):
    async def api(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body(name)})
    return api


app = create_app("plain")
"""
SANIC = """
from sanic import Sanic, json

def create_app(name="x"):
    app = Sanic(name)

    @app.get("/")
    async def index(request):
        return json({"name": name})
    return app
"""
AIOHTTP = """
from aiohttp import web

def create_app(name="x"):
    async def index(request):
        return web.json_response({"name": name})
    app = web.Application()
    app.router.add_get("/", index)
    return app
"""
WSGI = (
    "gunicorn",
    "gunicorn?workers=2",
    "gunicorn?worker_class=gthread&threads=2",
    "granian?workers=2",
    "hypercorn?workers=2",
    "waitress",
    "uvicorn?wrap=asgiref&workers=2",
    "granian?wrap=a2wsgi",
    "gunicorn?worker_class=uvicorn&wrap=asgiref",
)
ASGI = (
    "uvicorn",
    "uvicorn?workers=2",
    "granian?workers=2",
    "hypercorn?workers=2",
    "gunicorn?worker_class=uvicorn",
    "gunicorn?worker_class=asgi&workers=2",
)
PRICES = {"tea": 3}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("src", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "src" / "shop.py").write_text(APPS)
    (tmp_path / "data" / "prices.json").write_text(json.dumps(PRICES))
    return tmp_path


def prepared(folder: Path, notation: str, *packages: str, **settings: object) -> StackRecord:
    python = environment(packages or ("waitress",), this_interpreter(), lambda text: None).python
    return prepare(parse_notation(notation), AppSettings(cwd=folder, python=python, **settings))  # type: ignore[arg-type]


def answered(record: StackRecord) -> object:
    (answer,) = ask(record, "/")
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


@pytest.mark.parametrize(
    "notation",
    [f'shop:create_app("prod", debug=True)@{server}' for server in WSGI]
    + [f'shop:create_api("prod")@{server}' for server in ASGI],
)
def test_a_factory_with_arguments_is_served_by_every_server_in_its_working_folder(project: Path, notation: str) -> None:
    record = prepared(project, notation)
    assert record.cwd == str(project)
    assert answered(record) == {"name": "prod", "prices": PRICES, "file": "src"}


@pytest.mark.parametrize("notation", ["shop:create_app", "shop:create_app()", "shop:create_api", "shop:create_api()"])
def test_a_factory_may_be_named_with_or_without_its_call(project: Path, notation: str) -> None:
    record = prepared(project, notation)
    assert answered(record) == {"name": None, "prices": PRICES, "file": "src"}
    called = [note.text for note in record.notes if note.what and note.what.key == "factory"]
    assert called == ([] if notation.endswith("()") else [f"{notation} is a factory: each worker calls {notation}()"])


@pytest.mark.parametrize("notation", ['shop:create_app("other")@sanic', 'shop:create_app("other")@uvicorn?workers=2'])
def test_a_factory_of_a_sanic_app_is_served(tmp_path: Path, notation: str) -> None:
    (tmp_path / "shop.py").write_text(SANIC)
    assert answered(prepared(tmp_path, notation, "sanic")) == {"name": "other"}


@pytest.mark.parametrize("notation", ["shop:create_app@aiohttp", "shop:create_app()@gunicorn?workers=2"])
def test_a_factory_of_an_aiohttp_app_is_served(tmp_path: Path, notation: str) -> None:
    (tmp_path / "shop.py").write_text(AIOHTTP)
    assert answered(prepared(tmp_path, notation, "aiohttp")) == {"name": "x"}


@pytest.mark.parametrize("server", ["gunicorn", "granian?workers=2", "hypercorn", "waitress", "uvicorn?wrap=a2wsgi"])
def test_a_folder_that_is_asked_for_goes_before_the_working_folder_on_every_server(project: Path, server: str) -> None:
    (project / "shop.py").write_text("raise RuntimeError('the wrong shop')")
    record = prepared(project, f"shop:app@{server}", app_dirs=(Path("src"),))
    assert answered(record) == {"name": "plain", "prices": PRICES, "file": "src"}
    assert not any("was found in" in note.text for note in record.notes)


def test_a_folder_that_was_found_is_noted(project: Path) -> None:
    assert f"shop:app was found in {project}/src" in [
        note.text for note in prepared(project, "shop:app@waitress").notes
    ]


def test_modules_of_the_working_folder_and_of_further_folders_are_found(project: Path) -> None:
    (project / "lib").mkdir()
    (project / "lib" / "beside.py").write_text("")
    (project / "top.py").write_text("")
    (project / "src" / "shop.py").write_text("import beside, top\n" + APPS)
    record = prepared(project, "shop:app@gunicorn?app_dir=src:lib")
    assert answered(record) == {"name": "plain", "prices": PRICES, "file": "src"}


def test_two_checkouts_are_compared_by_their_working_folders(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "data").mkdir()
        (tmp_path / name / "src" / "shop.py").write_text(APPS)
        (tmp_path / name / "data" / "prices.json").write_text(json.dumps({"of": name}))
    records = [prepared(tmp_path, f"shop:app@waitress?cwd={name}") for name in ("old", "new")]
    assert [answered(record) for record in records] == [
        {"name": "plain", "prices": {"of": name}, "file": "src"} for name in ("old", "new")
    ]
