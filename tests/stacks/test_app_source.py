"""What a source tells of its apps, without being run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import UsageError
from webdyno.stacks.app_source import Kind, read_source


def kinds(text: str, *, is_entry: bool = False) -> dict[str, Kind]:
    return {app.name: app.kind for app in read_source(text.encode(), is_entry=is_entry).apps}


@pytest.mark.parametrize(
    ("text", "made_by"),
    [
        ("from flask import Flask\napp = Flask(__name__)", "flask"),
        ("import flask as f\napp = f.Flask(__name__)", "flask"),
        ("from flask import *\napp = Flask(__name__)", "flask"),
        ("from fastapi import FastAPI as Api\napp: Api = Api()", "fastapi"),
        ("from fastapi import FastAPI\nfrom .parts import make\napp: FastAPI = make()", "fastapi"),
        ("from quart import Quart\nif True:\n    app = Quart('x')\nelse:\n    app = None", "quart"),
        (
            "try:\n    from starlette.applications import Starlette\nexcept ImportError: raise\napp = Starlette()",
            "starlette",
        ),
        ("from litestar import Litestar\napplication = app = Litestar([])", "litestar"),
        ("import falcon\nimport falcon.asgi\napp = falcon.asgi.App()", "falcon"),
        ("import sanic\napp = sanic.Sanic('x')", "sanic"),
        ("from aiohttp import web\napp = web.Application()", "aiohttp"),
        ("from django.core.wsgi import get_wsgi_application\napp = get_wsgi_application()", "django"),
        ("from channels.routing import ProtocolTypeRouter\napp = ProtocolTypeRouter({})", "channels"),
        ("from bottle import Bottle\napp = Bottle()", "bottle"),
        ("from pyramid.config import Configurator\napp = Configurator().make_wsgi_app()", "make_wsgi_app()"),
        ("from flask import Flask\nclass Shop(Flask): pass\napp = Shop('x')", "flask"),
        ("class Shop:\n    async def __call__(self, scope, receive, send): ...\napp = Shop()", "scope, receive, send"),
        ("from shop import create_app\napp = create_app('prod')", "create_app()"),
        ("from shop import parts\napp = parts.build_shop_api()", "build_shop_api()"),
        ("from fastapi import FastAPI\ninner = FastAPI()\napp = Cors(app=inner)", "Cors()"),
        ("from flask import Flask\ninner = Flask('x')\napp = inner", "flask"),
    ],
)
def test_an_app_of_a_module_is_known_by_what_makes_it(text: str, made_by: str) -> None:
    (app,) = (app for app in read_source(text.encode(), is_entry=False).apps if app.name == "app")
    assert (app.kind, app.made_by) == (Kind.MADE, made_by)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def make():\n    from flask import Flask\n    return Flask('x')", None),
        (
            "def create_app(config=None, *, debug=False):\n    from flask import Flask\n    return Flask('x')",
            Kind.FACTORY,
        ),
        ("from flask import Flask\ndef shop() -> Flask:\n    return parts()", Kind.FACTORY),
        ("def create_app():\n    return parts()", Kind.UNSURE),
        ("def create_app(config):\n    return parts()", Kind.NEEDS_ARGUMENTS),
        ("import flask\ndef make_shop_app(*, config):\n    return flask.Flask(config)", Kind.NEEDS_ARGUMENTS),
        ("import flask\nasync def create_app():\n    return flask.Flask('x')", None),
        ("import flask\ndef create_app():\n    flask.Flask('x').run()", None),
        ("def application(environ, start_response): ...", Kind.PROTOCOL),
        ("async def app(scope, receive, send): ...", Kind.PROTOCOL),
    ],
)
def test_functions_are_factories_or_apps_by_what_they_take_and_return(text: str, kind: Kind | None) -> None:
    assert list(kinds(text).values()) == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    "text",
    [
        "from typer import Typer\napp = Typer()",
        "from flask import Blueprint\napp = Blueprint('x', __name__)",
        "from fastapi import FastAPI\nif __name__ == '__main__':\n    app = FastAPI()",
        "from fastapi import FastAPI\nclass Holder:\n    app = FastAPI()",
        "from flask import Flask\n_app = Flask('x')",
        "def init_app(app): app.extensions = {}",
        "server = create_connection()",
        "app = 3",
    ],
)
def test_what_is_no_app_is_not_taken_for_one(text: str) -> None:
    assert kinds(text) == {}


def test_what_is_made_of_an_app_is_no_app() -> None:
    text = "from flask import Flask\napp = Flask('x')\ndb = Database(app)\napi = Api(app)\nlimits = Limits(app=app)"
    assert kinds(text) == {"app": Kind.MADE}


def test_an_entry_has_an_app_wherever_it_comes_from() -> None:
    text = "from shop import server as application"
    assert kinds(text, is_entry=True) == {"application": Kind.UNSURE}
    assert kinds(text) == {}


def test_the_modules_that_are_imported_are_told() -> None:
    text = "import shop.parts, flask\nfrom .near import x\nfrom db.models import y\napp = flask.Flask('x')"
    assert read_source(text.encode(), is_entry=False).imported == {"shop", "flask", "db"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"app = (", "line 1"),
        (b"app = 'caf\xe9'", "utf-8"),
        (b"app = \0", "null byte"),
        (b"# coding: nonsense\napp = 1", "nonsense"),
        (b"app = " + b"(" * 5000, "nested"),
        (b"app = " + b"-" * 100_000 + b"1", "nested"),
        (b"app = f" + b".a()" * 50_000, "nested"),
        (b"app = 1" + b"+1" * 50_000, "nested"),
    ],
)
def test_a_source_that_is_no_python_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_source(content, is_entry=False)
    assert said in raised.value.message or "recursion" in raised.value.message, raised.value.message


@pytest.mark.parametrize("branches", [90, 900, 1500, 2500])
def test_a_long_chain_of_branches_is_read_or_refused(branches: int) -> None:
    text = "if a:\n    app = 1\n" + "".join(
        f"elif a == {number}:\n    app = create_app()\n" for number in range(branches)
    )
    try:
        assert kinds(text) == {"app": Kind.MADE}
    except UsageError as error:
        assert branches > 500 and error.message


def test_a_source_in_another_encoding_is_read_as_it_says() -> None:
    text = "# coding: latin-1\nfrom flask import Flask\napp = Flask('café')"
    assert [app.name for app in read_source(text.encode("latin-1"), is_entry=False).apps] == ["app"]


WORDS = ("app", "=", "Flask", "(", ")", "\n", "    ", "def", "create_app", ":", "return", "from", "flask", "import",
         "class", ",", ".", "*", "if", "else", "async", "scope", "receive", "send", "'x'", "@", "é")  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.booleans())
def test_any_words_are_read_or_refused(words: list[str], is_entry: bool) -> None:
    try:
        read = read_source(" ".join(["app", *words]).encode(), is_entry=is_entry)
    except UsageError as error:
        assert error.message
    else:
        assert all(app.name.isidentifier() for app in read.apps)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read_source(b"app" + content, is_entry=True)
    except UsageError as error:
        assert error.message
