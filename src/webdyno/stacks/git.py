"""A git repository: what a ref stands for, and a commit checked out beside the user's own working tree."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import MeasurementError, UsageError
from ..model.secret_rules import mask_text
from ..processes.run_to_end import Ended
from ..units import printable
from .git_program import filter_drivers, git, programs_off

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_LINES = 6
# What a pathspec may ask for.
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")
_LFS = "lfs"


def find_repository(folder: Path) -> Path:
    """The top folder of the working tree that a folder belongs to, without symbolic links.

    Raises:
        UsageError: it belongs to none, or git cannot be run or does not trust it.
    """
    found = git(folder, "rev-parse", "--show-toplevel")
    if found.code == 0:
        return Path(found.output.removesuffix("\n"))
    name = printable(str(folder))
    if "dubious ownership" in found.errors:
        remedy = f"if you trust it: git config --global --add safe.directory {name}"
        raise UsageError(f"{name} belongs to another user, so git does not use it", remedy, _said(found))
    remedy = "run it in a checkout of your app; or give two stack notations and no APP"
    raise UsageError(f"{name} is not in the working tree of a git repository", remedy, _said(found))


def find_commit(top: Path, ref: str, option: str) -> str:
    """The full hash of the commit that a ref stands for.

    Args:
        top: folder of the repository.
        ref: as the user wrote it; never taken for an option.
        option: where it was given, such as `--base`.

    Raises:
        UsageError: it is no ref, or stands for no commit.
    """
    shown = printable(ref)
    if not ref or ref.startswith("-") or not ref.isprintable():
        remedy = "give a branch, a tag, a hash or HEAD~1; a ref does not begin with -"
        raise UsageError(f"{option} {shown!r} is not a git ref", remedy)
    found = git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
    commit = found.output.strip()
    if found.code == 0 and _COMMIT.fullmatch(commit):
        return commit
    shallow = git(top, "rev-parse", "--is-shallow-repository").output.strip() == "true"
    remedy = f"see what there is with: git branch --all; fetch a missing one: git fetch origin {shown}"
    if shallow:
        remedy = "this clone is shallow: fetch its history, on GitHub by fetch-depth: 0 of actions/checkout"
    raise UsageError(f"{option} {shown!r} stands for no commit of {printable(str(top))}", remedy)


def uncommitted(top: Path) -> int:
    """How many tracked files differ from what was committed last."""
    # In a submodule only another commit counts: to look further would take the settings of each.
    asked = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty")
    listed = git(top, *asked, off=programs_off(top))
    return len(listed.output.splitlines()) if listed.code == 0 else 0


def add_worktree(top: Path, commit: str, place: Path) -> None:
    """Make an empty working tree for a commit, quickly; `fill_worktree` brings the files.

    Raises:
        MeasurementError: git cannot do it.
    """
    asked = ("worktree", "add", "--quiet", "--detach", "--no-checkout", str(place), commit)
    _must(git(top, *asked, off=programs_off(top)), commit)


def fill_worktree(place: Path, commit: str, *, trust: bool = False) -> None:
    """Check out the files of its commit.

    Args:
        place: the working tree.
        commit: what is checked out there, for messages.
        trust: run the filters of the repository, and fetch what a partial clone lacks.

    Raises:
        MeasurementError: git cannot do it.
    """
    done = git(place, "reset", "--quiet", "--hard", off=programs_off(place, filters=not trust), online=trust)
    if not trust and "not allowed" in done.errors:
        remedy = "this clone lacks some of the files: fetch them, or let git do it with --trust-git"
        raise MeasurementError(f"git cannot check out {commit[:8]}", remedy, _said(done))
    _must(done, commit)


def unfiltered(place: Path, *, trust: bool = False) -> dict[str, list[str]]:
    """The files of a working tree whose filter did not run, by its name.

    Args:
        place: the working tree.
        trust: as `fill_worktree` was told.
    """
    drivers = filter_drivers(place)
    idle = {_LFS} - drivers if trust else {_LFS} | drivers
    files = {driver: _with_filter(place, driver) for driver in sorted(idle) if _PLAIN.fullmatch(driver)}
    return {driver: names for driver, names in files.items() if names}


def remove_worktree(top: Path, place: Path) -> bool:
    """Remove a working tree and what the repository knows of it, however far it was made; False where git could not."""
    # Twice: also where it is locked, as it is while being made.
    return git(top, "worktree", "remove", "--force", "--force", str(place)).code == 0


def _with_filter(place: Path, driver: str) -> list[str]:
    listed = git(place, "ls-files", "-z", f":(attr:filter={driver})")
    return [name for name in listed.output.split("\0") if name] if listed.code == 0 else []


def _must(outcome: Ended, commit: str) -> None:
    if outcome.code != 0:
        raise MeasurementError(f"git cannot check out {commit[:8]}", "what git said is shown above", _said(outcome))


def _said(outcome: Ended) -> tuple[str, ...]:
    return tuple(mask_text(outcome.errors).splitlines()[-_LINES:])
