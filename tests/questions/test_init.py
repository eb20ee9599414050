"""`webdyno.init()`: the app of a folder, found, tried and written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webdyno
from webdyno.errors import AppFailed, NotGiven, UsageError
from webdyno.model.notation import parse_stack
from webdyno.questions.environment import Filler
from webdyno.questions.experiment_draft import Draft, draft_text
from webdyno.questions.experiment_file import read_experiment
from webdyno.stacks.find_apps import find_apps

# Frameworks by their shape: what is looked at are modules, names and arguments.
WSGI = """
class {0}:
    def __init__(self, *args): ...
    def wsgi_app(self): ...
    def __call__(self, environ, start_response): ...
"""
ASGI = """
class {0}:
    def __init__(self, *args): ...
    async def __call__(self, scope, receive, send): ...
"""
DJANGO = "from django.core.{0} import get_{0}_application\napplication = get_{0}_application()"
FRAMEWORKS = {
    "flask.py": WSGI.format("Flask"),
    "bottle.py": WSGI.format("Bottle"),
    "fastapi.py": ASGI.format("FastAPI"),
    "quart.py": ASGI.format("Quart"),
    "litestar.py": ASGI.format("Litestar"),
    "starlette/__init__.py": "",
    "starlette/applications.py": ASGI.format("Starlette"),
    "falcon/__init__.py": WSGI.format("App"),
    "falcon/asgi.py": ASGI.format("App"),
    "sanic/__init__.py": "from .app import Sanic",
    "sanic/app.py": ASGI.format("Sanic"),
    "aiohttp/__init__.py": "",
    "aiohttp/web.py": "from .web_app import Application",
    "aiohttp/web_app.py": "class Application: ...",
    "django/__init__.py": "",
    "django/core/__init__.py": "",
    "django/core/wsgi.py": WSGI.format("Handler") + "def get_wsgi_application(): return Handler()",
    "django/core/asgi.py": ASGI.format("Handler") + "def get_asgi_application(): return Handler()",
}
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
MARKED = "from pathlib import Path\nPath('{0}-was-run').touch()\n"


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, where the app's interpreter has every framework."""
    written(tmp_path / "frameworks", FRAMEWORKS)
    monkeypatch.chdir(written(tmp_path / "project", {"README": ""}))
    return tmp_path / "project"


@pytest.fixture
def env(here: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(here.parent / "frameworks")}


def compared(folder: Path) -> tuple[str, ...]:
    return read_experiment(folder / "webdyno.toml").texts("compare", "stacks", Filler({}))


@pytest.mark.parametrize(
    ("files", "stacks"),
    [
        ({"app.py": FLASK}, ("app:app@gunicorn", "app:app@granian")),
        ({"app.py": "from bottle import Bottle\napp = Bottle()"}, ("app:app@gunicorn", "app:app@granian")),
        (
            {"src/shop/main.py": "from fastapi import FastAPI\napp = FastAPI()", "src/shop/__init__.py": ""},
            ("shop.main:app@uvicorn", "shop.main:app@granian"),
        ),
        (
            {"main.py": "from quart import Quart\ndef create_app(mode='x'):\n    return Quart(mode)"},
            ("main:create_app@uvicorn", "main:create_app@granian"),
        ),
        (
            {"main.py": "from starlette.applications import Starlette\napi = Starlette()"},
            ("main:api@uvicorn", "main:api@granian"),
        ),
        ({"main.py": "import litestar\napp = litestar.Litestar([])"}, ("main:app@uvicorn", "main:app@granian")),
        ({"main.py": "import falcon\napp = falcon.App()"}, ("main:app@gunicorn", "main:app@granian")),
        ({"main.py": "import falcon.asgi\napp = falcon.asgi.App()"}, ("main:app@uvicorn", "main:app@granian")),
        ({"main.py": "from sanic import Sanic\napp = Sanic('x')"}, ("main:app@sanic", "main:app@uvicorn")),
        ({"main.py": "from aiohttp import web\napp = web.Application()"}, ("main:app@aiohttp", "main:app@gunicorn")),
        (
            {
                "manage.py": "",
                "shop/__init__.py": "",
                "shop/wsgi.py": DJANGO.format("wsgi"),
                "shop/asgi.py": DJANGO.format("asgi"),
            },
            ("shop.wsgi:application@gunicorn", "shop.wsgi:application@granian"),
        ),
        ({"web.py": "async def app(scope, receive, send): ..."}, ("web:app@uvicorn", "web:app@granian")),
        ({"web.py": "def api(environ, start_response): ..."}, ("web:api@gunicorn", "web:api@granian")),
    ],
)
def test_the_app_of_every_framework_gets_servers_that_fit_it(
    here: Path, env: dict[str, str], files: dict[str, str], stacks: tuple[str, ...]
) -> None:
    written(here, files)
    assert webdyno.init(env=env).stacks == compared(here) == stacks


def test_only_what_was_chosen_is_run(here: Path, env: dict[str, str]) -> None:
    written(here, {f"{name}.py": MARKED.format(name) + FLASK for name in ("main", "other", "zoo")})
    result = webdyno.init(env=env)
    assert result.app == "main:app" and result.others == ("other:app", "zoo:app")
    assert sorted(path.name for path in here.glob("*-was-run")) == ["main-was-run"]
    assert '#     "other:app?app_dir=."  (in other.py, by flask)' in (here / "webdyno.toml").read_text()


def test_one_that_cannot_be_served_makes_way_for_the_next_and_that_is_told(here: Path, env: dict[str, str]) -> None:
    written(here, {"main.py": "import no_such_package\n" + FLASK, "zoo.py": FLASK})
    result = webdyno.init(env=env)
    assert (result.app, result.others) == ("zoo:app", ())
    assert [app for app, _ in result.refused] == ["main:app"]
    assert "main:app cannot be imported" in result.refused[0][1]


def test_where_none_can_be_served_the_first_one_says_why(here: Path, env: dict[str, str]) -> None:
    factory = "from flask import Flask\ndef create_app(config):\n    return Flask(config)"
    written(here, {"main.py": FLASK + "import os; os.environ['DATABASE_URL']", "zoo.py": factory})
    with pytest.raises(AppFailed) as raised:
        webdyno.init(env=env)
    assert "main:app cannot be imported" in raised.value.message
    assert "env NAME=VALUE" in raised.value.remedy
    assert raised.value.details[-1].startswith("nor: zoo:create_app is no app")
    assert not (here / "webdyno.toml").exists()


def test_where_nothing_is_found_it_is_told_where_was_looked_and_what_to_do(here: Path) -> None:
    written(here, {"main.py": "print('hello')", "broken.py": "app = ("})
    with pytest.raises(UsageError) as raised:
        webdyno.init()
    assert raised.value.message == f"no app was found in {here}: 2 Python files looked at"
    assert "app MODULE:NAME" in raised.value.remedy
    assert raised.value.details == (f"cannot be read: {here}/broken.py: line 1: '(' was never closed",)


def test_an_app_can_be_named_and_only_that_is_looked_at(here: Path, env: dict[str, str]) -> None:
    factory = "from flask import Flask\ndef create_app(config):\n    return Flask(config)"
    written(here, {"main.py": MARKED.format("main") + FLASK, "backend/shop.py": factory})
    result = webdyno.init(app='shop:create_app("prod")', app_dir="backend", env=env)
    assert compared(here) == result.stacks == ('shop:create_app("prod")@gunicorn', 'shop:create_app("prod")@granian')
    assert read_experiment(here / "webdyno.toml").table["app-dir"] == "backend"
    assert not (here / "main-was-run").exists()


@pytest.mark.parametrize("app", ["flask", "shop.main", "shop:app@gunicorn"])
def test_what_is_named_must_be_an_app_alone(here: Path, app: str) -> None:
    with pytest.raises(UsageError, match=r"app .* is no app alone"):
        webdyno.init(app=app)


@pytest.mark.parametrize("name", ["webdyno.toml", "pyproject.toml"])
def test_a_file_that_is_there_is_written_over_only_when_asked(here: Path, env: dict[str, str], name: str) -> None:
    before = "[tool.webdyno]\nconnections = 4\n" if name == "pyproject.toml" else "connections = 4\n"
    written(here, {name: before, "main.py": MARKED.format("main") + FLASK})
    with pytest.raises(UsageError, match="already") as raised:
        webdyno.init(env=env)
    assert "force" in raised.value.remedy
    assert (here / name).read_text() == before and not (here / "main-was-run").exists()
    webdyno.init(env=env, force=True)
    assert compared(here) == ("main:app@gunicorn", "main:app@granian")


def test_a_link_that_leads_nowhere_is_a_file_that_is_there(here: Path) -> None:
    (here / "webdyno.toml").symlink_to(here.parent / "nowhere")
    with pytest.raises(UsageError, match="already"):
        webdyno.init()


def test_a_folder_that_takes_no_file_is_told(here: Path, env: dict[str, str]) -> None:
    written(here, {"main.py": FLASK, "webdyno.toml/x": ""})
    with pytest.raises(NotGiven, match=r"webdyno\.toml cannot be written"):
        webdyno.init(env=env, force=True)
    assert list(here.glob(".webdyno*")) == [] and (here / "webdyno.toml" / "x").exists()


def test_what_the_app_was_given_is_written_but_no_secret(
    here: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARED", "as here")
    given = {**env, "MODE": "bench", "API_TOKEN": "violet-7-violet", "SHARED": "as here", "ODD": "${env.X}\x7f'\""}
    written(here, {"main.py": FLASK})
    webdyno.init(env=given, start_timeout=12)
    text = (here / "webdyno.toml").read_text()
    assert "violet-7" not in text
    there = {"API_TOKEN": "violet-7-violet", "SHARED": "as here"}
    options = read_experiment(here / "webdyno.toml").options("compare", Filler(there))
    assert (options["env"], options["start_timeout"], options["app_dir"]) == (given, 12, (here,))


def test_every_comment_that_is_a_key_can_be_taken_in(here: Path, env: dict[str, str]) -> None:
    written(here, {"main.py": FLASK})
    webdyno.init(env=env)
    text = re.sub(r"^( *)# (?=[\w-]+ = |\[|\")", r"\1", (here / "webdyno.toml").read_text(), flags=re.MULTILINE)
    (here / "webdyno.toml").write_text(text)
    file = read_experiment(here / "webdyno.toml")
    assert len(file.texts("compare", "stacks", Filler({}))) == 4
    assert file.options("compare", Filler({"TOKEN": "x"}))["max_time"] == 150
    assert file.options("gate", Filler({"TOKEN": "x"}))["fail_if"] == ("cpu_per_request > +5%",)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(
    st.lists(TEXTS, min_size=1, max_size=3),
    st.lists(TEXTS, max_size=2),
    TEXTS,
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, stacks: list[str], folders: list[str], told: str, env: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("written") / "webdyno.toml"
    draft = Draft(told, stacks, [told], [(told, told)], folders, told, env, 3.5)
    path.write_text(draft_text(draft), newline="")
    table = read_experiment(path).table
    assert (table["stacks"], table["python"], table["start-timeout"]) == (stacks, told, 3.5)
    assert table.get("env", {}) == env
    assert table.get("app-dir", []) == (folders[0] if len(folders) == 1 else folders)


def test_every_app_that_is_found_is_a_notation(here: Path) -> None:
    written(here, {"a/b/main.py": FLASK, "über.py": FLASK, "class.py": FLASK})
    for app in find_apps([here]).apps:
        assert parse_stack(app.target).app == app.target
