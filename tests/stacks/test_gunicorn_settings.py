"""The user's own configuration of Gunicorn: used when asked for, seen in any case, never in place of the notation."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from webdyno.errors import AppFailed, NotationError, UsageError
from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.serving.launcher import launch
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.environments import environment, this_interpreter
from webdyno.stacks.prepare import prepare

from .starting import ask

APP = """
import json, os, threading

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    seen = {
        "threaded": environ["wsgi.multithread"],
        "processes": environ["wsgi.multiprocess"],
        "set": os.environ.get("SET_BY_FILE"),
        "forked": os.environ.get("SET_BY_HOOK"),
    }
    return [json.dumps(seen).encode()]
"""
FILE = """
import os
workers = 4
threads = 8
bind = "127.0.0.1:1"
worker_class = "gthread"
max_requests = 1000
preload_app = True
raw_env = ["SET_BY_FILE=1", "PASSWORD=hunter2"]
not_a_setting = 1

def post_fork(server, worker):
    os.environ["SET_BY_HOOK"] = os.path.basename(__file__)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APP)
    (tmp_path / "gunicorn.conf.py").write_text(FILE)
    return tmp_path


def prepared(folder: Path, notation: str, **env: str) -> StackRecord:
    python = environment(("gunicorn",), this_interpreter(), lambda text: None).python
    return prepare(parse_notation(notation), AppSettings(cwd=folder, python=python, env=env))


def noted(record: StackRecord) -> str:
    return "\n".join(note.text for note in record.notes)


def seen(record: StackRecord) -> dict[str, object]:
    (answer,) = ask(record, "/")
    found: dict[str, object] = json.loads(answer.body)
    return found


def test_a_file_that_was_not_asked_for_is_not_used_and_that_is_said(shop: Path) -> None:
    record = prepared(shop, "shop:app@gunicorn")
    assert seen(record)["set"] is None
    assert "gunicorn.conf.py of the working folder was not used: ?config=gunicorn.conf.py uses it" in noted(record)
    (shop / "gunicorn.conf.py").unlink()
    assert "gunicorn.conf.py" not in noted(prepared(shop, "shop:app@gunicorn"))


@pytest.mark.parametrize("place", ["gunicorn.conf.py", "deploy/settings.py"])
def test_a_file_is_used_but_for_what_webdyno_and_the_notation_set(shop: Path, place: str) -> None:
    (shop / "deploy").mkdir()
    (shop / "gunicorn.conf.py").rename(shop / place)
    record = prepared(shop, f"shop:app@gunicorn?config={place}")
    assert seen(record) == {"threaded": False, "processes": False, "set": "1", "forked": Path(place).name}
    notes = noted(record)
    assert (
        f"{place} sets max_requests=1000, post_fork=a function, preload_app=True, raw_env=['SET_BY_FILE', 'PASSWORD']"
        in notes
    )
    assert "hunter2" not in notes
    passed = "bind='127.0.0.1:1', threads=8, worker_class='gthread', workers=4"
    assert f"{passed} of {place} have no effect: webdyno gives --bind 127.0.0.1:{{port}}" in notes
    assert "--worker-class sync, --workers 1" in notes
    assert "not_a_setting" not in notes and "was not used" not in notes


def test_what_the_notation_asks_for_is_what_runs(shop: Path) -> None:
    record = prepared(shop, "shop:app@gunicorn?workers=2&threads=3&config=gunicorn.conf.py")
    assert seen(record) == {"threaded": True, "processes": True, "set": "1", "forked": "gunicorn.conf.py"}
    assert any("--threads 3" in note and "--workers 2" in note for note in noted(record).splitlines())


def test_arguments_in_a_variable_are_seen_and_do_not_change_workers_or_threads(shop: Path) -> None:
    record = prepared(shop, "shop:app@gunicorn", GUNICORN_CMD_ARGS="-w 4 --threads 8 --preload --env SET_BY_FILE=2")
    assert seen(record) == {"threaded": False, "processes": False, "set": "2", "forked": None}
    assert "GUNICORN_CMD_ARGS sets preload_app=True, raw_env=['SET_BY_FILE']" in noted(record)
    told = "threads=8, workers=4 of GUNICORN_CMD_ARGS have no effect: webdyno gives --threads 1, --workers 1"
    assert told in noted(record)


def test_variables_of_the_shell_change_no_server(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "PYTHONOPTIMIZE", "PYTHONPATH")
    for name in names:
        monkeypatch.setenv(name, "--preload" if name == "GUNICORN_CMD_ARGS" else "4")
    record = prepared(shop, "shop:app@gunicorn")
    assert not any(name in noted(record) for name in names)
    with launch(record) as server:
        assert set(names) & server.env.keys() == {"PYTHONPATH"}
        assert "4" not in server.env["PYTHONPATH"].split(os.pathsep)


def test_nothing_is_said_of_a_server_that_does_not_read_the_file(shop: Path) -> None:
    assert "gunicorn.conf" not in noted(prepared(shop, "shop:app@waitress"))
    with pytest.raises(NotationError, match="no option 'config'"):
        prepared(shop, "shop:app@waitress?config=gunicorn.conf.py")
    with pytest.raises(NotationError, match="config is for your own app"):
        prepared(shop, "flask@gunicorn?config=gunicorn.conf.py")


def test_a_file_that_is_missing_broken_or_leaves_is_refused_with_the_reason(shop: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file .*nowhere\.py"):
        prepared(shop, "shop:app@gunicorn?config=nowhere.py")
    (shop / "gunicorn.conf.py").write_text("workers = os.cpu_count()")
    with pytest.raises(AppFailed, match="settings cannot be read") as caught:
        prepared(shop, "shop:app@gunicorn?config=gunicorn.conf.py")
    assert caught.value.details[-1] == "NameError: name 'os' is not defined"
    (shop / "gunicorn.conf.py").write_text("import os, sys\nopen(sys.argv[1], 'w').write('no json')\nos._exit(0)")
    with pytest.raises(AppFailed, match="inspection of Gunicorn's settings found cannot be used"):
        prepared(shop, "shop:app@gunicorn?config=gunicorn.conf.py")
    (shop / "gunicorn.conf.py").write_text("daemon = True")
    with pytest.raises(UsageError, match="sets daemon"):
        prepared(shop, "shop:app@gunicorn?config=gunicorn.conf.py")
    with pytest.raises(UsageError, match="GUNICORN_CMD_ARGS sets daemon"):
        prepared(shop, "shop:app@gunicorn", GUNICORN_CMD_ARGS="--daemon")
