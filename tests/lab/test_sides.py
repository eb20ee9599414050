"""Base and head of a gate: checked out at their commits, each with its own packages, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.repositories import Repository
from webdyno.errors import Interrupted, MeasurementError, UsageError
from webdyno.lab.events import Event, Remark, SettingUp
from webdyno.lab.interruption import Interruption
from webdyno.lab.sides import Refs, Sides, sides_of_refs, sides_of_stacks
from webdyno.model.fact import Fact, fact
from webdyno.model.notation import parse_notation, parse_stack
from webdyno.stacks.own_environment import find_requirements, make_own_environment, possible_servers

APP = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'%s']\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "shop")
    made.commit("old", {"src/shop.py": APP % "old"})
    made.commit("new", {"src/shop.py": APP % "new"})
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return made


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    with Interruption() as entered:
        yield entered


def ignore(event: Event) -> None:
    pass


def refs(repository: Repository, base: str = "old", head: str = "new", **changed: object) -> Refs:
    given: dict[str, object] = {"cwd": repository.folder, "app_dirs": (), "python": None, "requirements": None}
    app = parse_notation(str(changed.pop("app", "shop:app@gunicorn?threads=2")))
    return Refs(app, base, head, **{**given, **changed})  # type: ignore[arg-type]


def is_clean(repository: Repository) -> bool:
    return len(repository.checkouts()) == 1 and not list((repository.folder.parent / "scratch").iterdir())


def folder(sides: Sides, name: str, key: str = "cwd") -> Path:
    place = parse_stack({"base": sides.base, "head": sides.head}[name].stack).option(key)
    assert place
    return Path(place)


def test_each_side_is_the_app_at_its_commit(repository: Repository, interruption: Interruption) -> None:
    (repository.folder / "src" / "shop.py").write_text("not committed")
    with sides_of_refs(refs(repository), interruption, ignore) as sides:
        assert (folder(sides, "base") / "src" / "shop.py").read_text() == APP % "old"
        assert (folder(sides, "head") / "src" / "shop.py").read_text() == APP % "new"
        assert sides.head.text == f"new ({repository.git('rev-parse', 'new')[:8]})"
        assert parse_stack(sides.base.stack).option("threads") == "2"
        assert sides.python
        assert any("1 file has changes that are not committed" in note.text for note in sides.notes)
        assert any("no requirements.txt" in note.text for note in sides.notes)
    assert is_clean(repository)


def test_an_interpreter_that_is_named_serves_both_sides_and_nothing_is_installed(
    repository: Repository, interruption: Interruption
) -> None:
    repository.commit("listed", {"requirements.txt": "no-such-package==1\n"})
    asked = refs(repository, head="listed", app="shop:app@gunicorn?python=python3")
    with sides_of_refs(asked, interruption, ignore) as sides:
        assert [parse_stack(side.stack).option("python") for side in (sides.base, sides.head)] == ["python3"] * 2
        assert (sides.python, sides.notes) == (None, ())
    with sides_of_refs(refs(repository, head="listed", python=Path("python3")), interruption, ignore) as sides:
        assert sides.python == Path("python3")
        assert sides.notes == ()


def test_files_that_a_filter_would_have_written_are_told_at_once_and_with_the_result(
    repository: Repository, interruption: Interruption
) -> None:
    repository.commit("stored", {".gitattributes": "*.bin filter=lfs\n", "model.bin": "version https://git-lfs"})
    seen: list[Event] = []
    with sides_of_refs(refs(repository, head="stored"), interruption, seen.append) as sides:
        (note,) = (note for note in sides.notes if "filter" in note.text)
    assert note.what == fact("side.filter", driver="lfs", file="model.bin", remedy=fact("side.filter.trust"))
    assert [event.text for event in seen if isinstance(event, Remark)] == [note.text]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_behind(
    repository: Repository, interruption: Interruption, number: signal.Signals
) -> None:
    with pytest.raises(Interrupted), sides_of_refs(refs(repository), interruption, ignore):
        os.kill(os.getpid(), number)
    assert is_clean(repository)


@pytest.mark.parametrize("at", ["base", "head"])
def test_a_signal_while_checking_out_leaves_nothing_behind(
    repository: Repository, interruption: Interruption, at: str
) -> None:
    def kill(event: Event) -> None:
        if isinstance(event, SettingUp) and event.stack == at:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted), sides_of_refs(refs(repository), interruption, kill):
        pass
    assert is_clean(repository)


def test_a_signal_while_packages_are_installed_is_no_fault_of_the_side(
    repository: Repository, interruption: Interruption, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> Path:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("it went on")

    monkeypatch.setattr("webdyno.lab.sides.make_own_environment", killed)
    repository.commit("listed", {"requirements.txt": "flask\n"})
    with pytest.raises(Interrupted), sides_of_refs(refs(repository, head="listed"), interruption, ignore):
        pass
    assert is_clean(repository)


def test_an_error_inside_leaves_nothing_behind(repository: Repository, interruption: Interruption) -> None:
    with pytest.raises(RuntimeError), sides_of_refs(refs(repository), interruption, ignore):
        raise RuntimeError
    assert is_clean(repository)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"head": "old"}, "nothing to compare"),
        ({"base": "gone"}, "--base 'gone' stands for no commit"),
        ({"head": "--help"}, "--head '--help' is not a git ref"),
        ({"app": "flask@gunicorn"}, "reference app"),
        ({"app": "shop:app?app_dir=src"}, "--app-dir"),
        ({"app": "shop:app?cwd=src"}, "give the command in that folder"),
        ({"cwd": Path("/")}, "not in the working tree"),
        ({"app_dirs": (Path("src"), Path("/etc"))}, "--app-dir /etc is not in the repository"),
        ({"app_dirs": (Path("nowhere"),)}, "nowhere does not exist"),
        ({"requirements": Path("/etc/passwd")}, "not in the repository"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_checked_out(
    repository: Repository, interruption: Interruption, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError) as raised, sides_of_refs(refs(repository, **changed), interruption, ignore):  # type: ignore[arg-type]
        pass
    assert words in f"{raised.value.message} {raised.value.remedy}"
    assert raised.value.remedy
    assert is_clean(repository)


def test_a_folder_that_a_commit_lacks_is_told_with_the_side(repository: Repository, interruption: Interruption) -> None:
    repository.commit("moved", {"api/shop.py": APP % "moved"})
    words = r"base \(old\) cannot be measured: there is no folder api"
    for place in ({"cwd": repository.folder / "api"}, {"app_dirs": (Path("api"),)}):
        asked = refs(repository, head="moved", **place)
        with pytest.raises(MeasurementError, match=words), sides_of_refs(asked, interruption, ignore):
            pass
        assert is_clean(repository)


def test_each_side_works_where_the_command_was_given_and_is_imported_from_its_own_folders(
    repository: Repository, interruption: Interruption
) -> None:
    repository.commit("deep", {"services/api/data.json": "{}", "services/lib/x.py": ""})
    repository.commit("deeper", {"services/api/data.json": "[]"})
    cwd = repository.folder / "services" / "api"
    asked = refs(repository, base="deep", head="deeper", cwd=cwd, app_dirs=(Path("../lib"), repository.folder / "src"))
    with sides_of_refs(asked, interruption, ignore) as sides:
        top = folder(sides, "base").parents[1]
        assert folder(sides, "base") == top / "services" / "api"
        app_dirs = parse_stack(sides.base.stack).option("app_dir")
        assert app_dirs == f"{top}/services/lib:{top}/src"
        assert (folder(sides, "head") / "data.json").read_text() == "[]"


def test_given_outside_of_the_repository_a_side_works_where_it_is_imported_from(
    repository: Repository, interruption: Interruption
) -> None:
    asked = refs(repository, cwd=repository.folder.parent, app_dirs=(Path("shop/src"),))
    with sides_of_refs(asked, interruption, ignore) as sides:
        assert (folder(sides, "base") / "shop.py").read_text() == APP % "old"
        assert folder(sides, "base") == folder(sides, "base", "app_dir")


def test_requirements_are_those_nearest_to_where_the_app_is_imported_from(
    repository: Repository, interruption: Interruption, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Path] = []

    def made(requirements: Path, servers: object, place: Path, progress: object) -> Path:
        found.append(requirements)
        return place

    monkeypatch.setattr("webdyno.lab.sides.make_own_environment", made)
    repository.commit("top", {"requirements.txt": "", "services/api/src/shop.py": ""})
    repository.commit("service", {"services/api/requirements.txt": ""})
    asked = refs(repository, base="top", head="service", app_dirs=(Path("services/api/src"),))
    with sides_of_refs(asked, interruption, ignore) as sides:
        base, head = folder(sides, "base"), folder(sides, "head")
    assert found == [base / "requirements.txt", head / "services" / "api" / "requirements.txt"]


def test_the_same_stack_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="same stack"):
        sides_of_stacks("flask@gunicorn", "flask@gunicorn", None)


def test_a_ref_without_an_app_is_told_how_to_name_it() -> None:
    with pytest.raises(UsageError) as raised:
        sides_of_stacks("flask@gunicorn", "main", None)
    assert "name your app as MODULE:NAME@SERVER" in raised.value.remedy


def wheel(version: str) -> bytes:
    """A package `price` of nothing but its version."""
    content, info = BytesIO(), f"price-{version}.dist-info"
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("price.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: price\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return content.getvalue()


def test_an_environment_holds_what_the_requirements_of_a_checkout_name(tmp_path: Path) -> None:
    (tmp_path / "app" / "vendor").mkdir(parents=True)
    (tmp_path / "app" / "vendor" / "price-1.5-py3-none-any.whl").write_bytes(wheel("1.5"))
    (tmp_path / "requirements.txt").write_text("--no-index\n./app/vendor/price-1.5-py3-none-any.whl\n")
    found = find_requirements(tmp_path / "app", tmp_path)
    assert found == tmp_path / "requirements.txt"
    said: list[Fact] = []
    python = make_own_environment(found, [], tmp_path / "env", said.append)
    command = [str(python), "-I", "-c", "import price; print(price.VERSION)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "1.5\n"
    assert said[0].figures["packages"] == "requirements.txt"


def test_a_project_counts_where_it_says_what_it_needs(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.ruff]\n")
    assert find_requirements(tmp_path) is None
    project.write_text("[project]\nname = 'shop'\nversion = '1'\n")
    assert find_requirements(tmp_path) == project
    (tmp_path / "requirements.txt").touch()
    assert find_requirements(tmp_path) == tmp_path / "requirements.txt"


@pytest.mark.parametrize(
    ("notation", "packages"),
    [
        ("shop:app@uvicorn==0.30.0", ["uvicorn[standard]==0.30.0"]),
        ("shop:app@waitress", ["waitress"]),
        ("shop:app@uvicorn?wrap=a2wsgi", ["a2wsgi", "uvicorn[standard]"]),
    ],
)
def test_the_servers_that_the_notation_may_need_are_known_before_the_app_is_imported(
    notation: str, packages: list[str]
) -> None:
    assert possible_servers(parse_notation(notation)) == packages
