"""What the settings of a repository name is not run, unless that is asked for."""

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
    unfiltered,
)

ATTRIBUTES = "*.bin filter=lfs\n*.ini filter=\n*.txt filter=odd=name diff=words ident\n"


class Trapped(Repository):
    """A repository in which whatever can be set runs a program that leaves a trace."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.trace = folder.parent / "trace"
        self.trap = folder.parent / "trap"
        self.trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.trace}\nexec cat\n')
        self.trap.chmod(0o755)
        files = {"app.py": "one", "logo.bin": "L", "a.txt": "a", "a.ini": "i"}
        self.commit("first", {".gitattributes": ATTRIBUTES, **files})
        self.commit("second", {"app.py": "two", "logo.bin": "LL", "b.txt": "b"})

    def set_all(self) -> None:
        hooks = self.folder.parent / "hooks"
        hooks.mkdir()
        for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
            (hooks / hook).symlink_to(self.trap)
            inside = self.folder / ".git" / "hooks" / hook
            inside.parent.mkdir(exist_ok=True)
            inside.symlink_to(self.trap)
        included = self.folder.parent / "included"
        included.write_text(f'[filter "lfs"]\n\tprocess = {self.trap}\n')
        for name, value in {
            "core.hooksPath": hooks,
            "core.fsmonitor": self.trap,
            "core.sshCommand": self.trap,
            "core.askPass": self.trap,
            "core.gitProxy": self.trap,
            "credential.helper": self.trap,
            "diff.words.textconv": self.trap,
            "diff.external": self.trap,
            "filter.lfs.smudge": self.trap,
            "filter.lfs.clean": self.trap,
            "filter.lfs.required": "true",
            "filter.odd=name.smudge": self.trap,
            "filter.odd=name.clean": self.trap,
            "filter..smudge": self.trap,
            "filter..clean": self.trap,
            "hook..command": self.trap,
            "hook..event": "post-checkout",
            "hook.mine.command": self.trap,
            "hook.mine.event": "post-checkout",
            "includeIf.gitdir:**/worktrees/**.path": included,
        }.items():
            self.git("config", name, str(value))

    @property
    def ran(self) -> str:
        return self.trace.read_text() if self.trace.exists() else ""


@pytest.fixture
def trapped(tmp_path: Path) -> Trapped:
    made = Trapped(tmp_path / "shop")
    made.set_all()
    return made


def test_nothing_that_the_settings_name_runs_and_the_files_are_as_git_stores_them(
    trapped: Trapped, tmp_path: Path
) -> None:
    top, place = find_repository(trapped.folder), tmp_path / "place"
    commit = find_commit(top, "first", "--base")
    (trapped.folder / "a.txt").write_text("changed")
    assert uncommitted(top) == 1
    add_worktree(top, commit, place)
    fill_worktree(place, commit)
    assert {path.name for path in place.iterdir()} == {".git", ".gitattributes", "app.py", "logo.bin", "a.txt", "a.ini"}
    assert unfiltered(place) == {"": ["a.ini"], "lfs": ["logo.bin"]}
    assert remove_worktree(top, place)
    assert trapped.ran == ""


def test_where_it_is_asked_for_filters_run_and_hooks_do_not(trapped: Trapped, tmp_path: Path) -> None:
    trapped.git("config", "--unset", "includeIf.gitdir:**/worktrees/**.path")
    top, place = find_repository(trapped.folder), tmp_path / "place"
    commit = find_commit(top, "first", "--base")
    add_worktree(top, commit, place)
    fill_worktree(place, commit, trust=True)
    assert (place / "logo.bin").read_text() == "L"
    assert unfiltered(place, trust=True) == {}
    # Three filters, each without a word.
    assert trapped.ran == f"{trapped.trap} \n" * 3


def test_files_of_lfs_are_named_also_where_it_is_not_installed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop")
    commit = repository.commit("first", {".gitattributes": ATTRIBUTES, "logo.bin": "version https://git-lfs"})
    add_worktree(repository.folder, commit, tmp_path / "place")
    fill_worktree(tmp_path / "place", commit, trust=True)
    assert unfiltered(tmp_path / "place", trust=True) == {"lfs": ["logo.bin"]}


def test_what_a_partial_clone_lacks_is_fetched_only_where_it_is_asked_for(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop")
    commit = repository.commit("first", {"shop.py": "one"})
    repository.git("config", "uploadpack.allowFilter", "true")
    clone, place = tmp_path / "clone", tmp_path / "place"
    repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{repository.folder}", str(clone))
    add_worktree(clone, commit, place)
    with pytest.raises(MeasurementError) as refused:
        fill_worktree(place, commit)
    assert "--trust-git" in refused.value.remedy
    fill_worktree(place, commit, trust=True)
    assert (place / "shop.py").read_text() == "one"


def test_a_checkout_is_as_sparse_as_the_users_own_and_has_no_submodules(tmp_path: Path) -> None:
    Repository(tmp_path / "part").commit("first", {"part.py": "part"})
    repository = Repository(tmp_path / "shop")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "part"), "part")
    commit = repository.commit("first", {"src/app.py": "app", "docs/page.md": "page"})
    repository.git("sparse-checkout", "set", "src")
    repository.git("config", "submodule.recurse", "true")
    place = tmp_path / "place"
    add_worktree(repository.folder, commit, place)
    fill_worktree(place, commit)
    assert (place / "src" / "app.py").exists()
    assert not (place / "docs").exists()
    assert not any((place / "part").iterdir())
    assert remove_worktree(repository.folder, place)


def test_a_worktree_will_do_and_a_bare_repository_will_not(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop")
    commit = repository.commit("first", {"shop.py": "one"})
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    top = find_repository(tmp_path / "linked")
    add_worktree(top, commit, tmp_path / "place")
    assert remove_worktree(top, tmp_path / "place")
    repository.git("clone", "--quiet", "--bare", str(repository.folder), str(tmp_path / "bare"))
    with pytest.raises(UsageError, match="not in the working tree") as refused:
        find_repository(tmp_path / "bare")
    assert refused.value.remedy


@pytest.mark.parametrize("name", ["both", "ünïcode", "a.b/c@d", "%s", "with'quote", "$(id)"])
def test_refs_of_odd_names_stand_for_their_commits(tmp_path: Path, name: str) -> None:
    repository = Repository(tmp_path / "shop")
    commit = repository.commit("first", {"shop.py": "one"})
    (repository.folder / ".git" / "packed-refs").write_text(f"{commit} refs/heads/{name}\n{commit} refs/tags/{name}\n")
    assert find_commit(repository.folder, name, "--base") == commit
