"""`webdyno init`: what it prints."""

from __future__ import annotations

from pathlib import Path

from .conftest import Call


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
