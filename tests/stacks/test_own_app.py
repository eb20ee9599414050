"""The user's own app: which interpreter, which interface, and what is said when it is broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.processes.escaping import ESCAPE
from tests.serving.launch_servers import processes_of
from webdyno.errors import AppFailed, UsageError
from webdyno.model.fact import fact
from webdyno.model.notation import parse_stack
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.layout import ChosenPython
from webdyno.stacks.own_app import AppFacts, inspect_app

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
def create_app(test_config=None): return wsgi_object
def make_app(config=None, env="dev"): return asgi_object
def create_with(*, debug=False, **rest): return wsgi_object
def create_for(config): return wsgi_object
def create_pair(config, env): return wsgi_object
def create_keyword(*, config): return wsgi_object
def create_nothing(): pass
def create_factory(): return create_app
async def create_async(): return asgi_object
def broken_factory(): return {}["SHOP_DATABASE"]
def shop_app(e, s): ...
class Maker:
    def create(self, name="x"): return asgi_object
maker, partial_factory = Maker(), functools.partial(create_for, "prod")
decorated_factory = decorated(create_app)
blueprint = type("Blueprint", (), {"__module__": "flask.blueprints"})()
router = type("APIRouter", (Asgi,), {"__module__": "fastapi.routing"})()
LitestarRouter = type("Router", (), {"__module__": "litestar.router"})
litestar_router = LitestarRouter()
litestar = type("Litestar", (Asgi, LitestarRouter), {"__module__": "litestar.app"})()
import json.decoder as submodule
namespace = type("Namespace", (), {"inner": wsgi_object})
text = "not an app"
""".replace("from webdyno_no_such_module_guard import *  # noqa\n", "")


PYTHON = ChosenPython(Path(sys.executable), fact("python.asked"))


def look(folder: Path, target: str, **settings: object) -> AppFacts:
    chosen = AppSettings(cwd=folder, **settings)  # type: ignore[arg-type]
    return inspect_app(target, PYTHON, chosen)


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
        ("shop_app", "wsgi"),
        ("asgi", "asgi"),
        ("asgi_without_async", "asgi"),
        ("asgi_object", "asgi"),
        ("litestar", "asgi"),
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
        ("Wsgi", "it is a class"),
        ("one_argument", "ASGI 2"),
        ("text", "it is a str"),
        ("submodule", "it is a module"),
        ("blueprint", "it is a Blueprint of flask, a part of an app"),
        ("router", "it is an APIRouter of fastapi, a part of an app"),
        ("litestar_router", "it is a Router of litestar, a part of an app"),
        ("create_for", "must be given config"),
        ("create_pair", "must be given config, env"),
        ("create_keyword", "must be given config"),
        ("create_async", "async factory"),
        ("create_async()", "async factory"),
        ("create_nothing", "it is a factory, and of what it returns is to say: it is a NoneType"),
        ("create_nothing()", "it is a NoneType"),
        ("create_factory", "it takes no arguments: a factory"),
    ],
)
def test_what_cannot_be_an_app_is_told_as_what_it_is(tmp_path: Path, attribute: str, words: str) -> None:
    with pytest.raises(AppFailed, match=words) as caught:
        look(write(tmp_path, APPS), f"shop:{attribute}")
    assert "shop:wsgi_object" in caught.value.remedy or "shop:wsgi " in caught.value.remedy
    assert "?interface=" not in caught.value.remedy


def test_arguments_that_do_not_tell_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(AppFailed, match="arguments do not tell") as caught:
        look(write(tmp_path, APPS), "shop:anything")
    assert "?interface=wsgi" in caught.value.remedy


@pytest.mark.parametrize(
    ("written", "interface", "target"),
    [
        ("create_app", "wsgi", "create_app()"),
        ("make_app", "asgi", "make_app()"),
        ("create_with", "wsgi", "create_with()"),
        ("maker.create", "asgi", "maker.create()"),
        ("partial_factory", "wsgi", "partial_factory()"),
        ("decorated_factory", "wsgi", "decorated_factory()"),
        ("create_app()", "wsgi", "create_app()"),
        ('create_for("prod")', "wsgi", 'create_for("prod")'),
        ('create_pair({"a": 1}, env="dev")', "wsgi", 'create_pair({"a": 1}, env="dev")'),
        ("create_keyword(config=None)", "wsgi", "create_keyword(config=None)"),
        ("create_factory()", None, ""),
        ("Asgi()", "asgi", "Asgi()"),
    ],
)
def test_a_factory_is_called(tmp_path: Path, written: str, interface: str | None, target: str) -> None:
    write(tmp_path, APPS)
    if interface is None:
        with pytest.raises(AppFailed, match="a factory"):
            look(tmp_path, f"shop:{written}")
        return
    facts = look(tmp_path, f"shop:{written}")
    assert (facts.interface, facts.target) == (interface, f"shop:{target}")


@pytest.mark.parametrize("written", ["counted", "counted()"])
def test_a_factory_is_called_once_and_an_app_never(tmp_path: Path, written: str) -> None:
    write(
        tmp_path,
        "import pathlib\n\ndef called(name):\n    with open(name, 'a') as file: file.write('x')\n\n"
        "def counted(config=None):\n    called('factory')\n    return app\n\n"
        "def app(environ, start_response): called('app')\n\n"
        "class Any:\n    def __call__(self, *arguments): called('app')\n\nanything = Any()\n",
    )
    look(tmp_path, f"shop:{written}")
    look(tmp_path, "shop:app")
    with pytest.raises(AppFailed):
        look(tmp_path, "shop:anything")
    assert (tmp_path / "factory").read_text() == "x"
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("written", ["broken_factory", "broken_factory()"])
def test_a_factory_that_raises_is_told_with_its_own_traceback(tmp_path: Path, written: str) -> None:
    with pytest.raises(AppFailed, match="or its call raises") as caught:
        look(write(tmp_path, APPS), f"shop:{written}")
    assert caught.value.details[-1] == "KeyError: 'SHOP_DATABASE'" and "--env" in caught.value.remedy
    assert "webdyno_load" not in "".join(caught.value.details)


def test_a_module_is_told_with_the_apps_that_it_has(tmp_path: Path) -> None:
    text = (
        "from json import loads\n\ndef helper(a, b): ...\ndef create_app(): return app\ndef app(environ, start): ...\n"
    )
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").write_text(text)
    (tmp_path / "shop" / "__init__.py").touch()
    with pytest.raises(AppFailed, match="it is a module") as caught:
        look(tmp_path, "shop.main")
    assert caught.value.remedy == "name shop.main:create_app"
    with pytest.raises(AppFailed, match="cannot be imported") as caught:
        look(tmp_path, "shop.main:application")
    assert caught.value.remedy == "name shop.main:create_app"


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
        ("class EnvError(Exception): ...\nraise EnvError('SHOP_URL not set')", "shop.EnvError", "--env"),
        ("raise RuntimeError('set the environment variable SHOP_URL')", "RuntimeError", "--env"),
        ("raise ValueError('1 validation error for Item\\nprice\\n  must be > 0')", "  must be > 0", "mend"),
        (
            "class ValidationError(ValueError): ...\nraise ValidationError('1 validation error for Settings\\n"
            "database_url\\n  Field required [type=missing]\\n    For further information')",
            "    For further information",
            "--env",
        ),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('why') from e", "ValueError: why", ""),
    ],
)
def test_each_way_to_break_ends_in_its_own_error(tmp_path: Path, text: str, last: str, remedy: str) -> None:
    with pytest.raises(AppFailed) as caught:
        look(write(tmp_path, text), "shop:app")
    assert caught.value.details[-1].startswith(last) and remedy in caught.value.remedy


def test_a_missing_module_is_named_with_the_folders_that_lack_it(tmp_path: Path) -> None:
    with pytest.raises(AppFailed) as caught:
        look(tmp_path, "no_such_shop.main:app")
    assert "No module named 'no_such_shop'" in caught.value.details[-1]
    assert f"no_such_shop is not in {tmp_path} or {tmp_path}/src" in caught.value.remedy
    assert "--app-dir" in caught.value.remedy


def test_packages_that_webdynos_own_interpreter_lacks_are_an_error_that_says_so(tmp_path: Path) -> None:
    fallback = ChosenPython(Path(sys.executable), fact("python.own"), is_fallback=True)
    with pytest.raises(AppFailed, match="webdyno's own interpreter, which has no no_such_package") as caught:
        inspect_app("shop:app", fallback, AppSettings(cwd=write(tmp_path, "import no_such_package")))
    assert "--python PATH" in caught.value.remedy and str(tmp_path) in caught.value.remedy


def test_a_file_that_is_read_relative_to_another_folder_names_the_working_folder(tmp_path: Path) -> None:
    with pytest.raises(AppFailed) as caught:
        look(write(tmp_path, "app = open('data/prices.json')"), "shop:app")
    assert f"working folder, {tmp_path}" in caught.value.remedy


def test_an_env_file_that_nobody_reads_is_pointed_at(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SHOP_DATABASE=x")
    with pytest.raises(AppFailed) as caught:
        look(write(tmp_path, "import os\napp = os.environ['SHOP_DATABASE']"), "shop:app")
    assert f"webdyno does not read {tmp_path}/.env" in caught.value.remedy


def test_an_import_that_hangs_is_ended_and_shown_where(tmp_path: Path) -> None:
    write(tmp_path, "import time\n\ndef wait_for_database():\n    time.sleep(60)\n\nwait_for_database()\n")
    with pytest.raises(AppFailed, match=r"did not end within 0\.5 s") as caught:
        look(tmp_path, "shop:app", start_timeout_s=0.5)
    assert "--start-timeout 1s" in caught.value.remedy
    assert any("shop.py" in line and "wait_for_database" in line for line in caught.value.details)
    assert not any("importlib" in line or "webdyno" in line for line in caught.value.details)


def test_an_import_that_kills_its_interpreter_is_reported_with_its_output(tmp_path: Path) -> None:
    write(tmp_path, "import os\nprint('about to go', flush=True)\nos._exit(7)\n")
    with pytest.raises(AppFailed, match="ended with code 7") as caught:
        look(tmp_path, "shop:app")
    assert caught.value.details == ("about to go",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("answer.write_text('no json')", "Expecting value"),
        ("answer.write_text('[]')", "another shape"),
        ("answer.write_text('{}')", "another shape"),
        ("answer.write_text('[' * 100_000)", "nested too deeply"),
        ("answer.write_bytes(b'\\xff')", "not UTF-8"),
        ("answer.write_bytes(bytes(4_000_001))", "larger than 4.00 MB"),
        ("os.mkfifo(answer)", "not a regular file"),
        ("answer.symlink_to('/dev/zero')", "not a regular file"),
        ("hang.unlink(); os.mkfifo(hang)", "not a regular file"),
        ("hang.unlink(); hang.symlink_to('/dev/zero')", "not a regular file"),
    ],
)
def test_an_answer_that_the_app_wrote_itself_is_refused(tmp_path: Path, text: str, why: str) -> None:
    names = "import os, pathlib, sys\nanswer, hang = map(pathlib.Path, sys.argv[2:4])\n"
    write(tmp_path, f"{names}{text}\nos._exit(0)\n")
    with pytest.raises(AppFailed, match=f"inspection of shop:app found cannot be used: .*{why}"):
        look(tmp_path, "shop:app")


def test_of_an_endless_message_only_a_part_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "raise Exception('\\ud800\\U0001f600' * 5_000_000)")
    with pytest.raises(AppFailed, match="cannot be imported") as caught:
        look(tmp_path, "shop:app")
    assert caught.value.details[-1].startswith("Exception: \\ud800")


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


def test_a_program_that_is_no_python_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_bytes(b"\x00\x01")
    script.chmod(0o755)
    with pytest.raises(UsageError, match="cannot be run"):
        inspect_app("shop:app", PYTHON._replace(path=script), AppSettings(cwd=tmp_path))
    with pytest.raises(AppFailed, match="ended with code 0"):
        inspect_app("shop:app", PYTHON._replace(path=Path("/bin/true")), AppSettings(cwd=tmp_path))


def test_a_notation_goes_before_the_settings(tmp_path: Path) -> None:
    for name in ("old/lib", "new/lib", "new/more"):
        (tmp_path / name).mkdir(parents=True)
    settings = AppSettings(cwd=tmp_path, app_dirs=(Path("old"),), python=Path("/p"), env={"A": "1"})
    changed = settings.for_stack(parse_stack("shop:app?python=/q&cwd=new&app_dir=lib:more&interface=asgi"))
    new = tmp_path / "new"
    assert changed == AppSettings(new, (new / "lib", new / "more"), Path("/q"), {"A": "1"}, "asgi")
    same = settings.for_stack(parse_stack("shop:app"))
    assert (same.cwd, same.app_dirs, same.python) == (tmp_path, (tmp_path / "old",), Path("/p"))
    with pytest.raises(UsageError, match="nowhere does not exist"):
        settings.for_stack(parse_stack("shop:app?cwd=nowhere"))


def test_what_an_app_detaches_when_it_is_imported_ends_with_its_inspection(tmp_path: Path) -> None:
    (tmp_path / "detaching.py").write_text(
        ESCAPE + "import pathlib\nescape()\npathlib.Path('was_here').touch()\ndef app(environ, start_response): ...\n"
    )
    facts = inspect_app("detaching:app", PYTHON, AppSettings(cwd=tmp_path))
    assert facts.interface == "wsgi"
    assert (tmp_path / "was_here").exists()
    assert processes_of(tmp_path) == []
