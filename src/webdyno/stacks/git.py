"""git, as a program: what a ref stands for, and a commit checked out beside the user's own working tree."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import MeasurementError, UsageError
from ..units import printable
from .processes import Outcome, run

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_LINES = 6
# No hook of the repository runs, nothing asks for a password, and messages can be read.
_SETTINGS = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
_VARIABLES = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def find_repository(folder: Path) -> Path:
    """The top folder of the working tree that a folder belongs to, without symbolic links.

    Raises:
        UsageError: it belongs to none, or git cannot be run.
    """
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.code != 0:
        remedy = "run it in a checkout of your app; or give two stack notations and no APP"
        raise UsageError(
            f"{printable(str(folder))} is not in the working tree of a git repository", remedy, _said(found)
        )
    return Path(found.output.removesuffix("\n"))


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
    found = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
    commit = found.output.strip()
    if found.code == 0 and _COMMIT.fullmatch(commit):
        return commit
    shallow = _git(top, "rev-parse", "--is-shallow-repository").output.strip() == "true"
    remedy = f"see what there is with: git branch --all; fetch a missing one: git fetch origin {shown}"
    if shallow:
        remedy = "this clone is shallow: fetch its history, on GitHub by fetch-depth: 0 of actions/checkout"
    raise UsageError(f"{option} {shown!r} stands for no commit of {printable(str(top))}", remedy)


def uncommitted(top: Path) -> int:
    """How many tracked files differ from what was committed last."""
    listed = _git(top, "status", "--porcelain", "--untracked-files=no")
    return len(listed.output.splitlines()) if listed.code == 0 else 0


def add_worktree(top: Path, commit: str, place: Path) -> None:
    """Make an empty working tree for a commit, quickly; `fill_worktree` brings the files.

    Raises:
        MeasurementError: git cannot do it.
    """
    _must(_git(top, "worktree", "add", "--quiet", "--detach", "--no-checkout", str(place), commit), commit)


def fill_worktree(place: Path, commit: str) -> None:
    """Check out the files of its commit.

    Raises:
        MeasurementError: git cannot do it.
    """
    _must(_git(place, "reset", "--quiet", "--hard"), commit)


def remove_worktree(top: Path, place: Path) -> bool:
    """Remove a working tree and what the repository knows of it, however far it was made; False where git could not."""
    # Twice: also where it is locked, as it is while being made.
    return _git(top, "worktree", "remove", "--force", "--force", str(place)).code == 0


def _must(outcome: Outcome, commit: str) -> None:
    if outcome.code != 0:
        raise MeasurementError(f"git cannot check out {commit[:8]}", "what git said is shown above", _said(outcome))


def _said(outcome: Outcome) -> tuple[str, ...]:
    return tuple(outcome.output.splitlines()[-_LINES:])


def _git(folder: Path, *arguments: str) -> Outcome:
    # Without what a hook or another tool has set (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE): the folder decides.
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")}
    try:
        return run(["git", *_SETTINGS, *arguments], env=own | settings | _VARIABLES, cwd=folder)
    except FileNotFoundError as error:
        raise UsageError("git cannot be run: it is not installed", "install git, or give stack notations") from error
