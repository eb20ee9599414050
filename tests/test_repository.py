"""Promises that hold for the whole repository."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "webdyno"
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), SOURCES / "services" / "requirements.txt"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def tracked() -> list[Path]:
    """The files that git knows."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def places(pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern stands in tracked text files."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_locked_package_has_an_exact_version_and_hashes(lock: Path) -> None:
    logical = lock.read_text().replace("\\\n", " ")
    lines = [line.strip() for line in logical.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(
            r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^\s;]+( ;[^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+$", line
        )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_lock_file_says_where_packages_come_from(lock: Path) -> None:
    assert not re.search(r"://|^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", lock.read_text(), re.M)


def test_no_tracked_file_names_a_package_registry() -> None:
    # In pieces, so that this file does not name them itself.
    hosts = (
        r"pypi\." + "org",
        "python" + "hosted",
        r"conda\." + "anaconda",
        r"registry\." + "npmjs",
        "arti" + "factory",
    )
    assert places(re.compile("|".join(hosts), re.IGNORECASE)) == []


def test_no_tracked_file_holds_the_path_of_a_checkout() -> None:
    homes = "|".join(("ho" + "me", "Us" + "ers", "ro" + "ot", "wo" + "rk"))
    assert places(re.compile(rf"(?<![\w./~])/({homes})/[\w.]")) == []


def test_the_changelog_has_an_unreleased_section_with_entries() -> None:
    section = re.search(r"^## \[?Unreleased\]?.*?$(.*?)(?=^## |\Z)", CHANGELOG, re.M | re.S)
    assert section
    assert re.search(r"^### (Added|Changed|Deprecated|Removed|Fixed|Security)\n+- ", section[1], re.M)


def test_every_module_says_what_it_is() -> None:
    modules = sorted(SOURCES.rglob("*.py"))
    assert len(modules) > 50
    assert [path for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert uv, "uv is a dependency"
    # uv brings its own build backend along, so nothing is fetched.
    subprocess.run(
        [uv, "build", "--quiet", "--wheel", "--offline", "--no-config", "--out-dir", tmp_path, ROOT],
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("webdyno/") and not name.endswith("/")}
    wanted = {str(path.relative_to(SOURCES.parent)) for path in tracked() if path.is_relative_to(SOURCES)}
    assert wanted - packed == set()
    assert {"webdyno/py.typed", "webdyno/services/requirements.txt"} <= packed
    assert not [name for name in packed if "__pycache__" in name or name.endswith(".pyc")]


def test_starting_the_command_line_imports_nothing_heavy() -> None:
    heavy = {"jinja2", "numpy", "pydantic", "sqlalchemy", "vl_convert"}
    code = "import sys, webdyno, webdyno.cli.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "webdyno.cli.app" in loaded.split()
    assert heavy & set(loaded.split()) == set()
