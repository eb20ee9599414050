"""How a project lies on disk: what it is imported from, and whose interpreter serves it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from webdyno.errors import UsageError
from webdyno.model.fact import fact
from webdyno.stacks.layout import choose_python, existing_python, has_module, import_folders, project_folders
from webdyno.texts.catalogue import told


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def venv(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder / "bin" / "python"


@pytest.fixture(autouse=True)
def _no_active_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("files", "module", "folders"),
    [
        (["src/shop/__init__.py"], "shop", ["src"]),
        (["src/shop/main.py"], "shop.main", ["src"]),
        (["src/shop.py"], "shop", ["src"]),
        (["shop.py", "src/shop.py"], "shop", []),
        # A folder of data with the package's name is no package.
        (["shop/prices.json", "src/shop/__init__.py"], "shop", ["src"]),
        (["shop/other.py", "src/shop/main.py"], "shop.main", ["src"]),
        (["src/other.py"], "shop", []),
        ([], "shop", []),
    ],
)
def test_src_is_tried_where_the_working_folder_has_no_such_module(
    tmp_path: Path, files: list[str], module: str, folders: list[str]
) -> None:
    touch(tmp_path, *files)
    assert import_folders(tmp_path, (), module) == tuple(tmp_path / folder for folder in folders)


def test_folders_that_are_asked_for_are_relative_to_the_working_folder_and_src_is_not_tried(tmp_path: Path) -> None:
    touch(tmp_path, "src/shop.py", "lib/other.py")
    assert import_folders(tmp_path, (Path("lib"), tmp_path / "src"), "shop") == (tmp_path / "lib", tmp_path / "src")
    assert import_folders(tmp_path, (Path(),), "shop") == ()
    with pytest.raises(UsageError, match="nowhere does not exist") as caught:
        import_folders(tmp_path, (Path("nowhere"),), "shop")
    assert "--app-dir DIR or ?app_dir=DIR" in caught.value.remedy


def test_a_module_is_its_source_file_or_its_package(tmp_path: Path) -> None:
    touch(tmp_path, "shop/__init__.py", "shop/main.py", "data/x.json")
    assert [has_module([tmp_path], name) for name in ("shop", "shop.main", "shop.api", "data")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_the_projects_environment_is_found_above_at_any_depth(tmp_path: Path, depth: int) -> None:
    python = venv(tmp_path / "repo" / ".venv")
    place = (tmp_path / "repo").joinpath(*map(str, range(depth)))
    place.mkdir(parents=True, exist_ok=True)
    assert choose_python(None, [place]) == (python, fact("python.project"), False)


def test_the_search_ends_at_the_top_of_the_repository(tmp_path: Path) -> None:
    venv(tmp_path / ".venv")
    touch(tmp_path, "repo/.git", "repo/api/shop.py")
    assert list(project_folders(tmp_path / "repo" / "api")) == [tmp_path / "repo" / "api", tmp_path / "repo"]
    assert choose_python(None, [tmp_path / "repo" / "api"]).is_fallback


def test_the_search_ends_at_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv(tmp_path / ".venv")
    (tmp_path / "me" / "shop").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert choose_python(None, [tmp_path / "me" / "shop"]).is_fallback


def test_the_environment_next_to_where_the_app_is_imported_from_goes_first(tmp_path: Path) -> None:
    top, service = venv(tmp_path / ".venv"), venv(tmp_path / "services" / "api" / ".venv")
    (tmp_path / "services" / "api" / "src").mkdir()
    assert choose_python(None, [tmp_path / "services" / "api" / "src", tmp_path]).path == service
    assert choose_python(None, [tmp_path / "services", tmp_path]).path == top


def test_the_one_asked_for_goes_first_then_the_projects_then_the_active_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, own = venv(tmp_path / "active"), venv(tmp_path / "app" / ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert choose_python(Path(sys.executable), [tmp_path / "app"]).path == Path(sys.executable)
    found = choose_python(None, [tmp_path / "app"])
    assert found.path == own and str(tmp_path / "active") in told(found.why)
    assert choose_python(None, [tmp_path]) == (active, fact("python.active"), False)


def test_webdynos_own_interpreter_is_taken_only_as_a_fallback_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = choose_python(None, [tmp_path])
    assert found.path == Path(sys.executable) and found.is_fallback
    assert "webdyno's own" in told(found.why) and "--python" in told(found.why)
    # In an environment that is active webdyno is one of its packages.
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert not choose_python(None, [tmp_path]).is_fallback
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "gone"))
    assert choose_python(None, [tmp_path]).is_fallback


def test_an_interpreter_that_does_not_exist_is_refused_with_the_nearest_that_does(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no interpreter /no/such/python"):
        existing_python(Path("/no/such/python"))
    venv(tmp_path / "env")
    with pytest.raises(UsageError) as caught:
        existing_python(tmp_path / "env")
    assert f"did you mean {tmp_path}/env/bin/python?" in caught.value.remedy
    assert existing_python(Path("python3")).is_absolute()
    assert os.access(existing_python(Path("python3")), os.X_OK)
