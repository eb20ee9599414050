"""Reading the lock file."""

from __future__ import annotations

from pathlib import Path

import pytest

from webdyno.stacks.lock import canonical, default_version, locked_pins, pinned

TEXT = """\
flask==3.1.3 \\
    --hash=sha256:aa
    # via -r src/requirements.in
quart==0.22.0 ; python_full_version < '3.13' \\
    --hash=sha256:bb
quart==0.23.1 ; python_full_version >= '3.13' \\
    --hash=sha256:cc
Uvicorn_Worker==0.4.0 \\
    --hash=sha256:dd
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text(TEXT)
    return path


def test_versions_and_markers_are_read(lock: Path) -> None:
    pins = locked_pins(lock)
    assert list(pins) == ["flask", "quart", "uvicorn-worker"]
    assert default_version("Flask", pins) == "3.1.3"
    assert default_version("quart", pins) == "0.22.0 or 0.23.1"
    assert default_version("django", pins) is None


def test_requirements_get_every_locked_version_with_its_marker(lock: Path) -> None:
    assert pinned(["flask[async]", "quart"], locked_pins(lock)) == [
        "flask[async]==3.1.3",
        "quart==0.22.0 ; python_full_version < '3.13'",
        "quart==0.23.1 ; python_full_version >= '3.13'",
    ]


@pytest.mark.parametrize("requirement", ["flask==3.0.0", "django"])
def test_a_version_of_its_own_or_an_unlocked_package_sets_the_lock_aside(lock: Path, requirement: str) -> None:
    assert pinned(["quart", requirement], locked_pins(lock)) is None


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("uvicorn[standard]==0.30", "uvicorn"), ("Uvicorn_Worker", "uvicorn-worker"), ("a.b>=2", "a-b")],
)
def test_names_are_normalised(requirement: str, name: str) -> None:
    assert canonical(requirement) == name
