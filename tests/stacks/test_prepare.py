"""From a notation to a command that starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from webdyno.errors import NotationError, UsageError
from webdyno.model.fact import Fact
from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.stacks.app_settings import AppSettings
from webdyno.stacks.environments import Environment, environment, this_interpreter
from webdyno.stacks.prepare import check, prepare

from .starting import ask

FLASK_APP = """
import os
from flask import Flask

app = Flask(__name__)
app.config["GREETING"] = os.environ.get("GREETING", "hello")


class Shop:
    inner = app


@app.get("/")
def index():
    return {"greeting": app.config["GREETING"]}
"""


def record_of(text: str, folder: Path, **settings: object) -> StackRecord:
    return prepare(parse_notation(text), AppSettings(cwd=folder, **settings))  # type: ignore[arg-type]


def users_environment(*packages: str) -> Environment:
    """An environment such as a user has: it knows nothing of webdyno."""
    return environment(packages, this_interpreter(), lambda text: None)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(FLASK_APP)
    return tmp_path


def greeting(record: StackRecord) -> str:
    (answer,) = ask(record, "/")
    assert answer.status == 200
    return str(json.loads(answer.body)["greeting"])


def test_a_reference_stack_becomes_a_command_on_its_locked_environment() -> None:
    parsed = parse_notation("flask@gunicorn?worker_class=gthread&threads=8")
    record = prepare(parsed)
    assert record.stack == parsed.stack and record.notation == parsed.text
    assert (record.interface, record.served_as, record.locked) == ("wsgi", "wsgi", True)
    assert record.argv[1:3] == ("-m", "gunicorn") and "127.0.0.1:{port}" in record.argv
    assert Path(record.cwd).is_dir() and record.env["PYTHONPATH"].split(":")[0] == record.cwd
    assert {"flask", "gunicorn"} <= set(record.packages) and "uvicorn" not in record.packages
    assert StackRecord.model_validate_json(record.model_dump_json()) == record


def test_added_parts_stand_in_the_record_and_a_stack_without_them_has_nothing_of_them() -> None:
    plain, record = (prepare(parse_notation(f"fastapi@uvicorn{query}")) for query in ("", "?with=gzip,cors"))
    assert record.parts == ("gzip", "cors") and record.argv[-1] == "webdyno_target:app"
    assert [Path(file).stem for file in record.env["WEBDYNO_PARTS"].split(":")] == ["gzip", "cors"]
    assert plain.parts == () and plain.argv[-1] == "fastapi_service:app"
    assert plain.env.keys() == {"PYTHONPATH", "WEBDYNO_SERVER"} and "wrap" not in plain.env["PYTHONPATH"]


def test_stacks_that_need_the_same_packages_share_one_environment() -> None:
    texts = ["flask@gunicorn", "flask@gunicorn?worker_class=gthread&threads=8", "flask@gunicorn?workers=2"]
    assert len({prepare(parse_notation(text)).argv[0] for text in texts}) == 1


def test_a_pinned_stack_runs_the_versions_asked_for() -> None:
    record = prepare(parse_notation("flask==3.0.2@gunicorn==22.0.0"))
    assert not record.locked
    assert (record.packages["flask"], record.packages["gunicorn"]) == ("3.0.2", "22.0.0")
    assert json.loads(ask(record, "/")[0].body) == {"message": "Hello, World!"}


def test_a_reference_app_runs_on_the_interpreter_asked_for() -> None:
    python = users_environment("waitress").python
    record = prepare(parse_notation(f"bare-wsgi@waitress?python={python}"))
    assert record == prepare(parse_notation("bare-wsgi@waitress")).model_copy(
        update={"stack": record.stack, "notation": record.notation}
    ), "an environment made from the same Python is the same one"
    with pytest.raises(UsageError, match=r"no Python 3\.11 or newer"):
        prepare(parse_notation("bare-wsgi@waitress?python=/bin/echo"))
    with pytest.raises(UsageError, match="there is no interpreter"):
        prepare(parse_notation("bare-wsgi@waitress?python=/no/such"))


def test_an_app_whose_environment_has_the_server_runs_in_it(shop: Path) -> None:
    user = users_environment("flask", "gunicorn")
    record = record_of("shop:app@gunicorn", shop, python=user.python, env={"GREETING": "hallo"})
    assert record.argv[0] == str(user.python)
    assert record.packages["gunicorn"] == user.packages["gunicorn"]
    assert record.cwd == str(shop) and not record.locked
    assert "as asked" in record.notes[0].text
    assert greeting(record) == "hallo"


@pytest.mark.parametrize("server", ["granian", "uvicorn?wrap=asgiref", "waitress"])
def test_a_missing_server_is_put_in_front_of_the_apps_own_packages(shop: Path, server: str) -> None:
    user = users_environment("flask", "gunicorn")
    joint = "&" if "?" in server else "?"
    record = record_of(f"shop:app@{server}{joint}python={user.python}", shop)
    assert record.argv[0] != str(user.python)
    assert any("in front of the app's own packages" in note.text for note in record.notes)
    assert record.packages["flask"] == user.packages["flask"]
    assert greeting(record) == "hello"


def test_another_version_of_the_server_is_put_in_front_and_the_difference_is_noted(shop: Path) -> None:
    user = users_environment("flask", "gunicorn")
    record = record_of("shop:app@gunicorn==22.0.0", shop, python=user.python)
    assert record.packages["gunicorn"] == "22.0.0"
    assert any(f"gunicorn 22.0.0 in place of {user.packages['gunicorn']}" in note.text for note in record.notes)
    assert greeting(record) == "hello"


def test_packages_that_an_app_has_installed_as_editable_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "cache"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "pricelist.py").write_text("PRICE = '3'")
    site = next(tmp_path.glob(".venv/lib/python*/site-packages"))
    (site / "_pricelist.pth").write_text(str(tmp_path / "library"))
    (tmp_path / "shop.py").write_text(
        "import json, pricelist\n\ndef app(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Type', 'application/json')])\n"
        "    return [json.dumps({'greeting': pricelist.PRICE}).encode()]\n"
    )
    record = record_of("shop:app@waitress", tmp_path)
    assert "(the project's" in record.notes[0].text
    assert greeting(record) == "3"


@pytest.mark.parametrize("server", ["gunicorn", "granian", "hypercorn"])
def test_an_attribute_of_an_attribute_is_served_by_every_server(shop: Path, server: str) -> None:
    user = users_environment("flask", "gunicorn")
    assert greeting(record_of(f"shop:Shop.inner@{server}", shop, python=user.python)) == "hello"


def test_a_gunicorn_configuration_beside_the_app_is_not_read(shop: Path) -> None:
    (shop / "gunicorn.conf.py").write_text("raise SystemExit('read')")
    user = users_environment("flask", "gunicorn")
    assert greeting(record_of("shop:app@gunicorn", shop, python=user.python)) == "hello"


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"folder .*nowhere does not exist"):
        record_of("shop:app@gunicorn", tmp_path / "nowhere")


def test_a_pair_that_does_not_fit_an_own_app_is_refused_after_looking_at_it(shop: Path) -> None:
    user = users_environment("flask", "gunicorn")
    with pytest.raises(NotationError, match="uvicorn serves ASGI, and shop:app is WSGI") as caught:
        record_of("shop:app@uvicorn", shop, python=user.python)
    assert "shop:app@uvicorn?wrap=asgiref" in caught.value.remedy


@pytest.mark.parametrize("text", ["flsk", "flask@uvicorn", "shop:app@gunicrn", "flask@gunicorn?workers=x"])
def test_what_can_be_known_at_once_is_checked_at_once(text: str) -> None:
    with pytest.raises(NotationError):
        check(parse_notation(text))
    check(parse_notation("shop:app@gunicorn"))


def test_progress_tells_what_takes_time(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = users_environment("flask", "gunicorn")
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "cache"))
    said: list[Fact] = []
    settings = AppSettings(cwd=shop, python=user.python)
    prepare(parse_notation("shop:app@waitress"), settings, said.append)
    assert [what.key for what in said] == ["setting-up.app", "setting-up.installing"]
