"""The user's own app: which interpreter, which interface, and what is said when it is broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from webdyno.errors import AppFailed, UsageError
from webdyno.model.notation import parse_stack
from webdyno.stacks.own_app import AppFacts, AppSettings, choose_python, existing_python, inspect_app

APPS = """
import functools

from webdyno_no_such_module_guard import *  # noqa


def wsgi(environ, start_response): ...
def wsgi_with_default(environ, start_response, exc_info=None): ...
async def asgi(scope, receive, send): ...
def asgi_without_async(scope, receive, send): return asgi(scope, receive, send)


class Wsgi:
    def __call__(self, environ, start_response): ...


class Asgi:
    async def __call__(self, scope, receive, send): ...


class AsgiWithDefaults:
    asgi_app = True

    def __call__(self, scope, receive=None, send=None): ...


class AnyArguments:
    def __call__(self, *args): ...


class Asgi2:
    def __call__(self, scope): ...


class Flaskish(AnyArguments):
    def wsgi_app(self): ...


def decorated(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner


wsgi_object, asgi_object, defaults, anything = Wsgi(), Asgi(), AsgiWithDefaults(), AnyArguments()
wsgi_method, partial = wsgi_object.__call__, functools.partial(asgi)
wsgi_decorated, asgi_decorated = decorated(wsgi), decorated(asgi)
one_argument, flaskish = Asgi2(), Flaskish()
sanic = type("Shop", (type("Sanic", (AnyArguments,), {"__module__": "sanic.app"}),), {})()
aiohttp = type("Application", (), {"__module__": "aiohttp.web_app"})()
def factory(): return wsgi
namespace = type("Namespace", (), {"inner": wsgi_object})
text = "not an app"
""".replace("from webdyno_no_such_module_guard import *  # noqa\n", "")


def look(folder: Path, target: str, **settings: object) -> AppFacts:
    chosen = AppSettings(app_dir=folder, **settings)  # type: ignore[arg-type]
    return inspect_app(target, Path(sys.executable), chosen)


def write(folder: Path, text: str) -> Path:
    (folder / "shop.py").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("attribute", "interface"),
    [
        ("wsgi", "wsgi"),
        ("wsgi_with_default", "wsgi"),
        ("wsgi_object", "wsgi"),
        ("wsgi_method", "wsgi"),
        ("wsgi_decorated", "wsgi"),
        ("flaskish", "wsgi"),
        ("namespace.inner", "wsgi"),
        ("asgi", "asgi"),
        ("asgi_without_async", "asgi"),
        ("asgi_object", "asgi"),
        ("asgi_decorated", "asgi"),
        ("partial", "asgi"),
        ("defaults", "asgi"),
        ("sanic", "sanic"),
        ("aiohttp", "aiohttp"),
    ],
)
def test_the_interface_is_found_out(tmp_path: Path, attribute: str, interface: str) -> None:
    facts = look(write(tmp_path, APPS), f"shop:{attribute}")
    assert facts.interface == interface
    assert facts.interpreter.version == ".".join(map(str, sys.version_info[:3]))
    assert "pytest" in facts.packages and facts.site


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        ("factory", "takes no arguments: a factory"),
        ("Wsgi", "it is a class"),
        ("one_argument", "ASGI 2"),
        ("text", "it is a str"),
        ("anything", "arguments do not tell"),
    ],
)
def test_what_is_neither_is_refused_with_the_reason(tmp_path: Path, attribute: str, words: str) -> None:
    with pytest.raises(AppFailed, match=words) as caught:
        look(write(tmp_path, APPS), f"shop:{attribute}")
    assert "?interface=" in caught.value.remedy


def test_an_interface_that_is_given_is_believed(tmp_path: Path) -> None:
    assert look(write(tmp_path, APPS), "shop:anything", interface="asgi").interface == "asgi"


def test_a_broken_import_shows_the_apps_own_last_lines_and_none_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "import json\n\ndef load():\n    return json.loads('{')\n\napp = load()\n")
    with pytest.raises(AppFailed, match="shop:app cannot be imported") as caught:
        look(tmp_path, "shop:app")
    details = "\n".join(caught.value.details)
    assert "JSONDecodeError" in caught.value.details[-1] and "shop.py" in details
    assert "inspect_app" not in details and "importlib" not in details


@pytest.mark.parametrize(
    ("text", "last", "remedy"),
    [
        ("import no_such_package", "ModuleNotFoundError", "--python"),
        ("import os\napp = os.environ['SHOP_DATABASE']", "KeyError: 'SHOP_DATABASE'", "--env"),
        ("def app(:", "SyntaxError", "mend"),
        ("import sys\nsys.exit('no configuration')", "SystemExit: no configuration", "mend"),
        ("pass", "AttributeError: module 'shop' has no attribute 'app'", "mend"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('why') from e", "ValueError: why", ""),
    ],
)
def test_each_way_to_break_ends_in_its_own_error(tmp_path: Path, text: str, last: str, remedy: str) -> None:
    with pytest.raises(AppFailed) as caught:
        look(write(tmp_path, text), "shop:app")
    assert caught.value.details[-1].startswith(last) and remedy in caught.value.remedy


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppFailed) as caught:
        look(tmp_path, "no_such_shop:app")
    assert "No module named 'no_such_shop'" in caught.value.details[-1]
    assert "--app-dir" in caught.value.remedy


def test_an_import_that_hangs_is_ended_and_shown_where(tmp_path: Path) -> None:
    write(tmp_path, "import time\n\ndef wait_for_database():\n    time.sleep(60)\n\nwait_for_database()\n")
    with pytest.raises(AppFailed, match=r"did not end within 0\.5 s") as caught:
        look(tmp_path, "shop:app", import_limit_s=0.5)
    assert any("shop.py" in line and "wait_for_database" in line for line in caught.value.details)


def test_an_import_that_kills_its_interpreter_is_reported_with_its_output(tmp_path: Path) -> None:
    write(tmp_path, "import os\nprint('about to go', flush=True)\nos._exit(7)\n")
    with pytest.raises(AppFailed, match="ended with code 7") as caught:
        look(tmp_path, "shop:app")
    assert caught.value.details == ("about to go",)


def test_what_an_import_prints_and_leaves_running_does_not_matter(tmp_path: Path) -> None:
    text = "import threading, time\nprint('{}' * 9999)\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    assert look(write(tmp_path, text + "async def app(scope, receive, send): ..."), "shop:app").interface == "asgi"


def test_the_app_sees_the_variables_given_and_not_those_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL_ONLY", "1")
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "beside.py").write_text("")
    write(
        tmp_path,
        "import os, beside\nassert 'SHELL_ONLY' not in os.environ and os.environ['GIVEN'] == 'x'\n"
        "assert os.getcwd() == os.path.dirname(__file__)\nasync def app(scope, receive, send): ...\n",
    )
    env = {"GIVEN": "x", "PYTHONPATH": str(tmp_path / "extra")}
    assert look(tmp_path, "shop:app", env=env).interface == "asgi"


def test_the_interpreter_asked_for_comes_first_then_the_one_beside_the_app_then_the_active_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, app_dir = tmp_path / "active", tmp_path / "app"
    for folder in (active, app_dir / ".venv"):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    assert choose_python(Path(sys.executable), app_dir)[0] == Path(sys.executable)
    assert choose_python(None, app_dir) == (app_dir / ".venv" / "bin" / "python", "found beside the app")
    assert choose_python(None, tmp_path) == (active / "bin" / "python", "of the active environment")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    python, why = choose_python(None, tmp_path)
    assert python == Path(sys.executable) and "--python" in why


def test_an_interpreter_that_does_not_exist_is_refused_with_the_nearest_that_does(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no interpreter /no/such/python"):
        existing_python(Path("/no/such/python"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(UsageError) as caught:
        existing_python(tmp_path)
    assert f"did you mean {tmp_path}/bin/python?" in caught.value.remedy
    assert existing_python(Path("python3")).is_absolute()


def test_a_program_that_is_no_python_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_bytes(b"\x00\x01")
    script.chmod(0o755)
    with pytest.raises(UsageError, match="cannot be run"):
        inspect_app("shop:app", script, AppSettings(app_dir=tmp_path))
    with pytest.raises(AppFailed, match="ended with code 0"):
        inspect_app("shop:app", Path("/bin/true"), AppSettings(app_dir=tmp_path))


def test_a_notation_goes_before_the_settings() -> None:
    settings = AppSettings(app_dir=Path("/a"), python=Path("/p"), env={"A": "1"})
    changed = settings.for_stack(parse_stack("shop:app?python=/q&app_dir=/b&interface=asgi"))
    assert changed == AppSettings(Path("/b"), Path("/q"), {"A": "1"}, "asgi")
    assert settings.for_stack(parse_stack("shop:app")) == settings
