"""Which apps a project seems to have, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from webdyno.stacks import find_apps as looking
from webdyno.stacks.catalogue import APPS, find_app
from webdyno.stacks.find_apps import LARGEST_SOURCE, Search, find_apps

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FACTORY = "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n"
DJANGO = "from django.core.{0} import get_{0}_application\napplication = get_{0}_application()\n"
MADE_BY = {
    "bare-wsgi": "environ, start_response",
    "bare-asgi": "scope, receive, send",
    # It answers lifespan, which Django does not.
    "django": "scope, receive, send",
    "falcon": "configured()",
    "falcon-asgi": "configured()",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def targets(search: Search, top: Path) -> list[tuple[str, str]]:
    return [(app.target, str(app.app_dir.relative_to(top))) for app in search.apps]


@pytest.mark.parametrize("name", APPS)
def test_the_app_of_every_framework_of_the_catalogue_is_found(name: str) -> None:
    app = find_app(name)
    assert app
    found = {each.target: each.made_by for each in find_apps([app.folder], as_tops=True).apps}
    assert found[app.target] == MADE_BY.get(name, app.package)


@pytest.mark.parametrize(
    ("files", "target", "app_dir"),
    [
        (("main.py",), "main:app", "."),
        (("shop/main.py", "shop/__init__.py"), "shop.main:app", "."),
        (("shop/main.py",), "shop.main:app", "."),
        (("shop/__init__.py",), "shop:app", "."),
        (("src/shop/main.py", "src/shop/__init__.py", "pyproject.toml"), "shop.main:app", "src"),
        (("backend/app/main.py", "backend/requirements.txt"), "app.main:app", "backend"),
        (("backend/src/shop.py", "backend/pyproject.toml"), "shop:app", "backend/src"),
        (("my-shop/main.py",), "main:app", "my-shop"),
        (("api/main.py", "api/flask.py"), "main:app", "api"),
        (("site/shop/wsgi.py", "site/manage.py", "site/shop/__init__.py"), "shop.wsgi:app", "site"),
    ],
)
def test_a_module_is_named_from_the_folder_that_it_is_imported_from(
    tmp_path: Path, files: tuple[str, ...], target: str, app_dir: str
) -> None:
    written(tmp_path, {**dict.fromkeys(files, ""), files[0]: FLASK})
    assert targets(find_apps([tmp_path]), tmp_path) == [(target, app_dir)]


def test_with_folders_that_are_asked_for_all_is_named_from_them(tmp_path: Path) -> None:
    written(tmp_path, {"a/my/main.py": FLASK, "a/my/requirements.txt": "", "b/app.py": FLASK, "main.py": FLASK})
    found = find_apps([tmp_path / "a", tmp_path / "b"], as_tops=True)
    assert targets(found, tmp_path) == [("app:app", "b"), ("my.main:app", "a")]


def test_the_likeliest_app_comes_first(tmp_path: Path) -> None:
    files = {
        "tools/deep/mock.py": FLASK,
        "zoo.py": FLASK.replace("app =", "zoo ="),
        "factory.py": FACTORY,
        "needs.py": FACTORY.replace("()", "(config)", 1),
        "server.py": "async def app(scope, receive, send): ...",
        "wsgi.py": "from zoo import zoo as application",
        "main.py": FLASK + "api = Flask('v2')\n",
    }
    assert [app.target for app in find_apps([written(tmp_path, files)]).apps] == [
        "main:app",
        "main:api",
        "tools.deep.mock:app",
        "zoo:zoo",
        "factory:create_app",
        "server:app",
        "wsgi:application",
        "needs:create_app",
    ]


def test_of_a_django_project_wsgi_goes_before_asgi(tmp_path: Path) -> None:
    files = {"manage.py": "", "shop/__init__.py": ""}
    files |= {f"shop/{name}.py": DJANGO.format(name) for name in ("asgi", "wsgi")}
    found = find_apps([written(tmp_path, files)])
    assert [app.target for app in found.apps] == ["shop.wsgi:application", "shop.asgi:application"]


@pytest.mark.parametrize(
    "place",
    [
        ".hidden/main.py",
        ".main.py",
        "tests/main.py",
        "test_main.py",
        "main_test.py",
        "conftest.py",
        "node_modules/x/main.py",
        "venv/lib/main.py",
        "venv/lib/python3/site-packages/main.py",
        "my-main.py",
        "main.txt",
        "build/main.py",
    ],
)
def test_what_is_not_of_the_project_is_not_read(tmp_path: Path, place: str) -> None:
    written(tmp_path, {place: FLASK, "venv/pyvenv.cfg": ""})
    assert find_apps([tmp_path]) == Search((), 0, (), True)


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    written(tmp_path, {"shop/main.py": FLASK})
    (tmp_path / "shop" / "again").symlink_to(tmp_path)
    (tmp_path / "main.py").symlink_to("main.py")
    os.mkfifo(tmp_path / "pipe.py")
    found = find_apps([tmp_path])
    assert (targets(found, tmp_path), found.sources) == ([("shop.main:app", ".")], 1)


def test_what_cannot_be_read_is_told_and_the_rest_is_found(tmp_path: Path) -> None:
    written(tmp_path, {"main.py": FLASK, "broken.py": "app = (", "huge.py": f"app = '{'x' * LARGEST_SOURCE}'"})
    (tmp_path / "latin.py").write_bytes(b"app = '\xe9'")
    found = find_apps([tmp_path])
    assert targets(found, tmp_path) == [("main:app", ".")]
    assert [path.name for path, _ in found.unread] == ["broken.py", "huge.py", "latin.py"]
    assert "larger than 1.00 MB" in found.unread[1][1]


@pytest.mark.parametrize(("bound", "most"), [("MOST_SOURCES", 3), ("MOST_ENTRIES", 5), ("MOST_BYTES", 60)])
def test_no_more_is_looked_at_than_agreed_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    written(tmp_path, {f"deep/part{number}.py": FLASK for number in range(9)} | {"main.py": FLASK})
    monkeypatch.setattr(looking, bound, most)
    found = find_apps([tmp_path])
    assert 0 < found.sources < 9 and not found.whole
    assert found.apps[0].target == "main:app"


def test_a_folder_that_is_too_deep_is_not_entered(tmp_path: Path) -> None:
    written(tmp_path, {"/".join(["deep"] * 40) + "/main.py": FLASK})
    assert find_apps([tmp_path]) == Search((), 0, (), False)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    assert find_apps([tmp_path / "gone"]).unread == ((tmp_path / "gone", "No such file or directory"),)
