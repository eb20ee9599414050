"""What is kept is its owner's alone: every file and folder that the store makes, from the first byte on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.samples import begun, small_run
from webdyno.errors import StoreError, UsageError
from webdyno.private_files import make_folder, open_private
from webdyno.store.database import Store
from webdyno.store.document import write_document
from webdyno.store.rescue_file import write_aside
from webdyno.store.run_lock import run_lock


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """The widest umask, the usual one and one that would lock us out ourselves."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_whatever_the_umask_is_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "results"
    seen: dict[str, int] = {}
    with run_lock(folder), Store(folder / "results.db") as store:
        store.begin(begun(small_run()))
        with store._transaction(write=True) as connection:
            # A journal is there while something is written.
            connection.exec_driver_sql("DELETE FROM webdyno_runs")
            seen = {path.name: mode(path) for path in folder.iterdir()}
    write_document("page", folder / "report.html")
    seen |= {path.name: mode(path) for path in folder.iterdir()}
    assert {name for name in seen if name.endswith("-journal")} and len(seen) == 5, seen
    assert set(seen.values()) == {0o600}, {name: oct(found) for name, found in seen.items()}
    assert (mode(tmp_path / "made"), mode(folder)) == (0o700, 0o700)


def test_files_that_were_open_to_others_are_closed_to_them(tmp_path: Path) -> None:
    for name in ("results.db", "lock", "report.html"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o664)
    tmp_path.chmod(0o755)
    with run_lock(tmp_path), Store(tmp_path / "results.db") as store:
        assert store.list() == []
    write_document("page", tmp_path / "report.html")
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
    assert mode(tmp_path) == 0o755, "a folder that was there is the user's own affair"


def test_closing_a_file_to_others_gives_its_owner_no_new_rights(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.touch()
    path.chmod(0o444)
    os.close(open_private(path, os.O_RDONLY))
    assert mode(path) == 0o400


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "lock").symlink_to(victim)
    with pytest.raises(UsageError, match="lock cannot be made"), run_lock(tmp_path):
        pass
    assert victim.read_text() == "precious"


def test_a_folder_is_not_made_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file" / "below")


@pytest.mark.usefixtures("umask")
def test_what_cannot_be_stored_goes_into_the_users_own_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    one, other = write_aside("{}", "run-1"), write_aside("{}", "run-1")
    assert one != other, "a name that can be foreseen could be taken beforehand"
    assert one.parent == tmp_path / "state" / "webdyno"
    assert one.name.startswith("run-1-") and one.read_text() == "{}"
    assert (mode(one), mode(one.parent), mode(tmp_path / "state")) == (0o600, 0o700, 0o700)


def test_the_state_folder_is_in_the_home_where_the_environment_names_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    # The specification has relative ones ignored.
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert write_aside("{}", "run-1").parent == tmp_path / ".local" / "state" / "webdyno"


def test_a_state_folder_that_others_planted_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary, elsewhere = tmp_path / "tmp", tmp_path / "elsewhere"
    temporary.mkdir()
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for name in ("linked", "open"):
        state = tmp_path / name
        state.mkdir()
        monkeypatch.setenv("XDG_STATE_HOME", str(state))
        if name == "linked":
            (state / "webdyno").symlink_to(elsewhere)
        else:
            (state / "webdyno").mkdir()
            (state / "webdyno").chmod(0o777)
        written = write_aside("{}", "run-1")
        assert written.is_relative_to(temporary)
        assert (mode(written), mode(written.parent)) == (0o600, 0o700)
    assert list(elsewhere.iterdir()) == []


def test_where_nothing_takes_it_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(StoreError, match="cannot be written elsewhere: No such file"):
        write_aside("{}", "run-1")
