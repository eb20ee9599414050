"""Refs are resolved, never obeyed; what is checked out is removed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repositories import Repository
from webdyno.errors import MeasurementError, UsageError
from webdyno.stacks.git import (
    add_worktree,
    fill_worktree,
    find_commit,
    find_repository,
    remove_worktree,
    uncommitted,
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "shop")
    made.commit("first", {"shop.py": "one", "src/app.py": "app"})
    made.commit("second", {"shop.py": "two"})
    return made


def test_the_repository_is_found_from_inside(repository: Repository) -> None:
    assert find_repository(repository.folder / "src") == repository.folder.resolve()


def test_what_another_tool_has_set_does_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(Repository(tmp_path / "other").folder / ".git"))
    assert find_repository(repository.folder) == repository.folder.resolve()


def test_a_folder_outside_of_any_repository_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="not in the working tree of a git repository"):
        find_repository(tmp_path)


def test_without_git_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="not installed"):
        find_repository(tmp_path)


def test_every_way_to_name_a_commit_gives_its_hash(repository: Repository) -> None:
    first, second = (repository.git("rev-parse", tag).strip() for tag in ("first", "second"))
    for ref, commit in (("main", second), ("first", first), ("HEAD~1", first), (second[:8], second), ("@", second)):
        assert find_commit(repository.folder, ref, "--base") == commit


@pytest.mark.parametrize(
    "ref",
    ["", "-h", "--all", "--output=stolen", "-c", "gone", "main gone", "main..first", "^main", "HEAD:shop.py", "a\nb"],
)
def test_what_is_no_commit_is_refused_and_nothing_is_obeyed(repository: Repository, ref: str) -> None:
    before = sorted(repository.folder.rglob("*"))
    with pytest.raises(UsageError, match="--head") as raised:
        find_commit(repository.folder, ref, "--head")
    assert raised.value.message.isprintable()
    assert raised.value.remedy
    assert sorted(repository.folder.rglob("*")) == before


def test_in_a_shallow_clone_the_remedy_is_to_fetch_the_history(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.folder}", str(tmp_path / "clone"))
    with pytest.raises(UsageError) as raised:
        find_commit(tmp_path / "clone", "HEAD~1", "--base")
    assert "fetch-depth: 0" in raised.value.remedy


def test_only_tracked_files_count_as_uncommitted(repository: Repository) -> None:
    (repository.folder / "notes.txt").write_text("mine")
    assert uncommitted(repository.folder) == 0
    (repository.folder / "shop.py").write_text("three")
    assert uncommitted(repository.folder) == 1


def test_a_commit_is_checked_out_and_removed_without_touching_the_users_own(
    repository: Repository, tmp_path: Path
) -> None:
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    place = tmp_path / "place"
    commit = find_commit(repository.folder, "first", "--base")
    add_worktree(repository.folder, commit, place)
    fill_worktree(place, commit)
    assert (place / "shop.py").read_text() == "one"
    assert (repository.folder / "shop.py").read_text() == "two"
    assert not (tmp_path / "hooked").exists()
    (place / "shop.py").write_text("left by the app")
    assert remove_worktree(repository.folder, place)
    assert not place.exists()
    assert len(repository.checkouts()) == 1


def test_a_half_made_checkout_is_removed_too(repository: Repository, tmp_path: Path) -> None:
    place = tmp_path / "place"
    add_worktree(repository.folder, find_commit(repository.folder, "first", "--base"), place)
    repository.git("worktree", "lock", str(place))
    assert remove_worktree(repository.folder, place)
    assert len(repository.checkouts()) == 1


def test_what_git_cannot_do_is_told_in_its_words(repository: Repository) -> None:
    commit = find_commit(repository.folder, "first", "--base")
    with pytest.raises(MeasurementError, match=commit[:8]) as raised:
        add_worktree(repository.folder, commit, repository.folder / "shop.py" / "place")
    assert "fatal" in "".join(raised.value.details)
