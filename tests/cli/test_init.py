"""`webdyno init`: what it prints, and that what it writes is measured."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Call, Run
from .measured import assert_measured

QUICK = ("-n", "1", "-d", "0.2s", "--warmup", "0.1s", "-c", "4", "--seed", "7", "--no-html")
API = """
async def _api(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


def create_app(name="shop"):
    return _api
"""
BROKEN = "import no_such_package\nfrom flask import Flask\napp = Flask(__name__)\n"


def test_what_is_written_is_measured_without_further_words(webdyno: Run, in_folder: Path) -> None:
    (in_folder / "src" / "shop").mkdir(parents=True)
    (in_folder / "src" / "shop" / "__init__.py").touch()
    (in_folder / "src" / "shop" / "main.py").write_text(API)
    (in_folder / "src" / "broken.py").write_text(BROKEN)
    done = webdyno("init")
    assert done.returncode == 0, done.stderr
    first, _, stacks, refused, *_, last = done.stdout.splitlines()
    assert first == "shop.main:create_app is the app: ASGI (in src/shop/main.py, by its name)"
    assert stacks.split(maxsplit=1)[1] == "shop.main:create_app@uvicorn, shop.main:create_app@granian"
    assert refused.split()[:3] == ["no", "app", "broken:app"]
    assert last == "next: webdyno compare"
    measured = webdyno("compare", *QUICK, "--json")
    assert_measured(measured)
    assert "webdyno.toml: stacks, app-dir" in measured.stderr.replace("\n", " ")
    document = json.loads(measured.stdout)
    assert document["experiment"]["stacks"] == [
        "shop.main:create_app@uvicorn",
        "shop.main:create_app@granian",
    ]
    assert {trial["stack"] for trial in document["trials"]} == set(document["experiment"]["stacks"])


def test_where_there_is_no_app_it_is_wrong_use_and_nothing_is_written(call: Call, in_folder: Path) -> None:
    done = call("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"no app was found in {in_folder}: 0 Python files looked at" in done.stderr
    assert "--app MODULE:NAME" in done.stderr
    assert list(in_folder.iterdir()) == []


def test_a_file_that_is_there_stays_and_the_remedy_is_told(call: Call, in_folder: Path) -> None:
    (in_folder / "webdyno.toml").write_text("nonsense")
    done = call("init")
    assert done.returncode == 2
    assert "there is a webdyno.toml already" in done.stderr and "--force" in done.stderr
    assert (in_folder / "webdyno.toml").read_text() == "nonsense"
