"""Your own app as it lies in your project: folders, factories, slow starts, and what is said where it cannot run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.repositories import Repository

from .conftest import Call, learned_bodies
from .measured import assert_measured

QUICK = ("-n", "1", "-d", "0.2s", "--warmup", "0.1s", "-c", "4", "--seed", "7", "--no-html", "-q")

CATALOGUE = """
import json
from pathlib import Path

PRICES = Path("data/prices.json").read_bytes()


def create_app(currency="EUR"):
    async def app(scope, receive, send):
        if scope["type"] == "http":
            body = PRICES + currency.encode()
            headers = [(b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
    return app


app = create_app()
"""
PROJECT = {"pyproject.toml": "", "data/prices.json": '{"tea": 3}', "src/orders/main.py": CATALOGUE}
SLOW_LIFESPAN = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await asyncio.sleep(60)
"""
SLOW_REQUEST = """
import time

def app(environ, start_response):
    time.sleep(60)
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def expected_bodies(printed: str) -> list[list[str]]:
    return [learned_bodies(record) for record in json.loads(printed)["stacks"]]


@pytest.mark.parametrize("options", [(), ("--app-dir", "src"), ("--env", "PYTHONPATH=src")])
def test_a_src_layout_is_measured_from_the_top_of_the_project(
    call: Call, in_folder: Path, options: tuple[str, ...]
) -> None:
    write(in_folder, PROJECT)
    (in_folder / ".venv" / "bin").mkdir(parents=True)
    (in_folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    done = call("compare", "orders.main:app@uvicorn", *options, *QUICK, "--json")
    assert_measured(done)
    (record,) = json.loads(done.stdout)["stacks"]
    assert record["cwd"] == str(in_folder) and learned_bodies(record) == ['{"tea": 3}EUR']
    assert f"interpreter: {in_folder}/.venv/bin/python (the project's" in record["notes"][0]["text"]


def test_factories_are_measured_with_and_without_their_call(call: Call, in_folder: Path) -> None:
    write(in_folder, PROJECT)
    stacks = ("orders.main:create_app@uvicorn", 'orders.main:create_app("a, @b?c=d&e")@granian?workers=2')
    done = call("compare", *stacks, "--python", sys.executable, *QUICK, "--json")
    assert_measured(done)
    assert expected_bodies(done.stdout) == [['{"tea": 3}EUR'], ['{"tea": 3}a, @b?c=d&e']]


@pytest.mark.parametrize(
    ("app", "server", "words"),
    [
        (SLOW_LIFESPAN, "uvicorn", "within 1 s"),
        (
            SLOW_REQUEST,
            "waitress",
            "but never answered -> see whether the app waits for something at start-up or in this",
        ),
    ],
)
def test_a_server_that_is_not_ready_in_time_is_told_whole_and_which_option_helps(
    call: Call, in_folder: Path, app: str, server: str, words: str
) -> None:
    write(in_folder, {"shop.py": app})
    limits = ("--start-timeout", "1s", "--timeout", "1s", "--python", sys.executable)
    done = call("compare", f"shop:app@{server}", *limits, *QUICK)
    assert done.returncode == 3, done.stderr
    told = " ".join(done.stdout.split())
    assert words in told and "if it only needs longer than 1 s: --start-timeout 2s" in told


def test_an_app_that_always_responds_too_late_is_told_which_option_helps(call: Call, in_folder: Path) -> None:
    served = "    time.sleep(1.5)\n    start_response('200 OK', [('Content-Length', '0')])\n    return []\n"
    write(in_folder, {"shop.py": "import time\n\ndef app(environ, start_response):\n" + served})
    late = ("--timeout", "0.5s", "--python", sys.executable)
    done = call("compare", "shop:app@waitress", *late, *QUICK)
    assert done.returncode == 3, done.stderr
    told = " ".join(done.stdout.split())
    assert "no response in time, such as no answer within 0.5 s" in told
    assert "if it only needs longer than 0.5 s: --timeout 1s" in told


def test_a_longer_start_timeout_is_enough_for_a_slow_start(call: Call, in_folder: Path) -> None:
    write(in_folder, {"shop.py": "import time\ntime.sleep(1.5)\n" + CATALOGUE, **PROJECT})
    short, long = (
        call("compare", "shop:app@uvicorn", "--start-timeout", limit, "--python", sys.executable, *QUICK)
        for limit in ("1s", "60s")
    )
    assert short.returncode == 2 and "--start-timeout 2s" in short.stderr
    assert_measured(long)


def test_each_side_of_a_gate_reads_its_own_files_from_where_the_command_was_given(call: Call, in_folder: Path) -> None:
    repository = Repository(in_folder / "shop")
    sources = {name: text for name, text in PROJECT.items() if name != "pyproject.toml"}
    repository.commit("old", dict(sources))
    repository.commit("new", {"data/prices.json": '{"tea": 3, "cup": 5}'})
    sides = ("--base", "old", "--head", "new", "--python", sys.executable)
    quick = [option for option in QUICK if option != "--no-html"]
    done = call("gate", "orders.main:app@uvicorn", *sides, *quick, "--json", cwd=repository.folder)
    assert_measured(done)
    runs = json.loads(done.stdout)["runs"]
    bodies = [learned_bodies(record) for record in runs[0]["stacks"]]
    assert bodies == [['{"tea": 3}EUR'], ['{"tea": 3, "cup": 5}EUR']]


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        ("shop@gunicorn", "shop is a module; your own app is written MODULE:NAME -> name shop:app or shop:create_app"),
        ("shop:main@gunicorn", "name shop:app or shop:create_app"),
        ("shop:price@gunicorn", "it is an int"),
        ("shop:create_for@gunicorn", "must be given config"),
        ("shop:create_app(@gunicorn", "not closed"),
        ("shop:create_app(config)@gunicorn", "must be literals"),
        ("shop:broken()@gunicorn", "--env NAME=VALUE"),
        ("shop:app@gunicorn?config=nowhere.py", "there is no file"),
        ("shop:app@gunicorn?cwd=nowhere", "nowhere does not exist"),
        ("shop:app@gunicorn?app_dir=nowhere", "nowhere does not exist"),
    ],
)
def test_what_cannot_run_is_told_as_what_it_is(call: Call, in_folder: Path, stack: str, words: str) -> None:
    text = (
        "def app(environ, start_response): ...\ndef create_app(): return app\ndef create_for(config): ...\nprice = 3\n"
    )
    write(in_folder, {"shop.py": text + "def broken(): return {}['SHOP_URL']\n"})
    for command in ("compare", "serve"):
        done = call(command, stack, "--python", sys.executable)
        assert done.returncode == 2
        assert words in " ".join(done.stderr.split()), done.stderr


@pytest.mark.parametrize("command", [("compare", "shop:app"), ("serve", "shop:app")])
@pytest.mark.parametrize("limit", ["0s", "2h", "soon"])
def test_a_start_timeout_that_cannot_be_is_refused(call: Call, command: tuple[str, ...], limit: str) -> None:
    done = call(*command, "--start-timeout", limit)
    assert done.returncode == 2 and "--start-timeout" in done.stderr


def test_webdynos_own_interpreter_is_never_taken_silently(
    call: Call, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("HOME", str(in_folder))
    write(in_folder, {"shop.py": "import no_such_package\n"})
    done = call("compare", "shop:app@gunicorn")
    assert done.returncode == 2
    assert "webdyno's own interpreter, which has no no_such_package" in done.stderr
    assert "--python PATH" in done.stderr
