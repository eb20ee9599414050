"""The two sides of a gate: two stack notations, or one app at two commits, each checked out for as long as it lasts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import MeasurementError, NotationError, UsageError, WebdynoError
from ..model.fact import Fact, fact
from ..model.notation import ParsedStack, parse_notation
from ..model.note import Note
from ..model.side import Side
from ..model.stack import URL
from ..processes.guard import Guard, guarding
from ..stacks.git import (
    add_worktree,
    fill_worktree,
    find_commit,
    find_repository,
    remove_worktree,
    uncommitted,
    unfiltered,
)
from ..stacks.layout import choose_python, existing_folder, project_folders
from ..stacks.own_environment import find_requirements, make_own_environment, possible_servers
from ..stacks.prepare import check
from ..texts.catalogue import as_note
from ..units import printable
from .events import Emit, Remark, remark, setting_up
from .interruption import Interruption

Name = Literal["base", "head"]

_TWO_RUNNING = "leave APP out and give two of them: webdyno gate --base url=... --head url=..."


@dataclass(frozen=True)
class Sides:
    """What is compared.

    Attributes:
        base, head: the sides.
        python: the interpreter of a side whose notation names none; None to find one.
        notes: what the reader of the result should know about them.
    """

    base: Side
    head: Side
    python: Path | None
    notes: tuple[Note, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """`base` and `head` by notation."""
        return {side.stack: side.name for side in (self.base, self.head)}


@dataclass(frozen=True)
class Refs:
    """One app at two commits.

    Attributes:
        app: its notation, an import string.
        base, head: git refs as the user wrote them.
        cwd: where the command was given, in the user's own working tree; each side works in the same place of its
            checkout, or in the first of its `app_dirs` where the command was given outside.
        app_dirs: folders that the app is imported from, relative to it; where there are none, `src` is tried.
        python: interpreter of both sides, with their packages; None: each side has its own requirements installed.
        requirements: file of these, in the user's own working tree; None to find it.
        trust_git: check out with the filters that git's settings name, and fetch what a partial clone lacks.
    """

    app: ParsedStack
    base: str
    head: str
    cwd: Path
    app_dirs: tuple[Path, ...]
    python: Path | None
    requirements: Path | None
    trust_git: bool = False


class _Places(NamedTuple):
    """Where in a checkout things are."""

    cwd: Path
    app_dirs: tuple[Path, ...]
    requirements: Path | None


def sides_of_stacks(base: str, head: str, python: Path | None) -> Sides:
    """Two stack notations as sides.

    Raises:
        UsageError: one does not parse or names something unknown, or both are the same.
    """
    first, second = (_notation(text, option) for text, option in ((base, "--base"), (head, "--head")))
    if first == second:
        raise UsageError(f"--base and --head are the same stack {first}", "name two that differ")
    return Sides(_side("base", base, None, first), _side("head", head, None, second), python)


def _notation(text: str, option: str) -> str:
    try:
        parsed = parse_notation(text)
        check(parsed)
    except NotationError as error:
        remedy = f"{error.remedy}; or for git refs, name your app as MODULE:NAME@SERVER beside --base and --head"
        raise UsageError(f"{option}: {error.message}", remedy, error.details) from error
    return str(parsed.stack)


@contextmanager
def sides_of_refs(refs: Refs, interruption: Interruption, emit: Emit) -> Iterator[Sides]:
    """Check out an app at two commits, each with its own environment; all of it is removed at the end.

    Raises:
        UsageError: not a repository, not a commit, twice the same one, or an app that is no import string.
        MeasurementError: a side cannot be set up.
    """
    _check_app(refs.app)
    _check_refs(refs)
    app_dirs = [existing_folder(refs.cwd / folder.expanduser(), "app_dir") for folder in refs.app_dirs]
    with guarding(lambda text: emit(Remark(text=text, always=True))) as guard:
        yield from _sides(refs, app_dirs, guard, interruption, emit)


def _sides(
    refs: Refs, app_dirs: Sequence[Path], guard: Guard, interruption: Interruption, emit: Emit
) -> Iterator[Sides]:
    top = find_repository(app_dirs[0] if app_dirs else refs.cwd)
    commits: dict[Name, str] = {"base": find_commit(top, refs.base, "--base")}
    commits["head"] = find_commit(top, refs.head, "--head")
    if commits["base"] == commits["head"]:
        same = f"--base {printable(refs.base)!r} and --head {printable(refs.head)!r} are both {commits['head'][:8]}"
        raise UsageError(f"{same}: there is nothing to compare", "name two commits; the base is the older one")
    notes = _uncommitted(top, commits)
    places = _places(top, refs, app_dirs)
    with _checkouts(top, commits, guard.folder, interruption, emit, trust=refs.trust_git) as scratch:
        notes += _unfiltered([scratch / name for name in commits], emit, trust=refs.trust_git)
        pythons = {name: _environment(name, refs, scratch, places, emit) for name in commits}
        shared = refs.python
        if shared is None and None in pythons.values() and not refs.app.stack.option("python"):
            chosen = choose_python(None, [top / folder for folder in (*places.app_dirs, places.cwd)])
            shared = chosen.path
            without = tuple(name for name, python in pythons.items() if python is None)
            notes.append(fact("side.no-requirements", sides=without, python=str(shared), why=chosen.why))
        stacks = {name: _stack(refs.app, scratch / name, places, python) for name, python in pythons.items()}
        base = _side("base", refs.base, commits["base"], stacks["base"])
        head = _side("head", refs.head, commits["head"], stacks["head"])
        yield Sides(base, head, shared, tuple(map(as_note, notes)))


def _side(name: Name, asked: str, commit: str | None, stack: str) -> Side:
    return Side(name=name, asked=printable(asked), commit=commit, stack=stack)


def _check_app(app: ParsedStack) -> None:
    check(app)
    if app.stack.url is not None:
        raise UsageError(f"{app.stack} already runs, and no commit is checked out for it", _TWO_RUNNING)
    if not app.stack.is_import_string:
        remedy = "name your own app as MODULE:NAME; or leave APP out and give two stack notations"
        raise UsageError(f"{app.stack.app} is a reference app, which no commit of yours changes", remedy)
    for key, remedy in (("app_dir", "give --app-dir in place of it"), ("cwd", "give the command in that folder")):
        if app.stack.option(key):
            raise UsageError(f"{key}= is a folder outside of what is checked out", remedy)


def _check_refs(refs: Refs) -> None:
    for option, ref in (("--base", refs.base), ("--head", refs.head)):
        if ref.startswith((URL, "http://", "https://")):
            message = f"{option} is a server that already runs, and no commit of {refs.app.stack.app}"
            raise UsageError(message, _TWO_RUNNING)


def _uncommitted(top: Path, commits: dict[Name, str]) -> list[Fact]:
    changed = uncommitted(top)
    if not changed or find_commit(top, "HEAD", "--head") not in commits.values():
        return []
    return [fact("side.uncommitted", files=changed)]


def _places(top: Path, refs: Refs, app_dirs: Sequence[Path]) -> _Places:
    """Where things are in a checkout, which is where they are in the user's own working tree."""
    folders = tuple(_inside(top, folder, "--app-dir") for folder in app_dirs)
    given_inside = not folders or refs.cwd.resolve().is_relative_to(top)
    return _Places(
        cwd=_inside(top, refs.cwd, "the working folder") if given_inside else folders[0],
        app_dirs=folders,
        requirements=_inside(top, refs.requirements, "--requirements") if refs.requirements else None,
    )


def _inside(top: Path, path: Path, option: str) -> Path:
    """The place of a file or folder inside the repository."""
    whole = path.expanduser().resolve()
    if not whole.is_relative_to(top):
        remedy = f"name a place inside {printable(str(top))}"
        raise UsageError(f"{option} {printable(str(path))} is not in the repository", remedy)
    return whole.relative_to(top)


@contextmanager
def _checkouts(
    top: Path, commits: dict[Name, str], folder: Path, interruption: Interruption, emit: Emit, *, trust: bool
) -> Iterator[Path]:
    """`base` and `head` in a folder; they are removed, and forgotten by the repository, on every way out."""
    scratch = folder / "gate"
    try:
        for name, commit in commits.items():
            emit(setting_up(name, fact("setting-up.checkout", commit=commit[:8])))
            with interruption.shield():
                add_worktree(top, commit, scratch / name)
            fill_worktree(scratch / name, commit, trust=trust)
        yield scratch
    finally:
        with interruption.shield():
            removed = [remove_worktree(top, scratch / name) for name in commits if (scratch / name).exists()]
            shutil.rmtree(scratch, ignore_errors=True)
            if not all(removed):
                emit(remark(fact("side.still-listed")))


def _unfiltered(places: Sequence[Path], emit: Emit, *, trust: bool) -> list[Fact]:
    """What is said of files that are as git stores them; at once as well, for without them an app may not start."""
    found: dict[str, list[str]] = {}
    for place in places:
        found |= unfiltered(place, trust=trust)
    remedy = fact("side.filter.install" if trust else "side.filter.trust")
    notes = [
        fact("side.filter", driver=driver or fact("side.filter.unnamed"), file=printable(names[-1]), remedy=remedy)
        for driver, names in found.items()
    ]
    for note in notes:
        emit(remark(note))
    return notes


def _environment(name: Name, refs: Refs, scratch: Path, places: _Places, emit: Emit) -> Path | None:
    """The interpreter of an environment with the requirements of a side; None where it has none of its own."""
    place, folders = scratch / name, (*places.app_dirs, places.cwd)
    try:
        for folder in folders:
            if not (place / folder).is_dir():
                remedy = "commit it, or give another --app-dir"
                raise MeasurementError(f"there is no folder {printable(str(folder))}", remedy)
        if refs.python or refs.app.stack.option("python"):
            return None
        if places.requirements and not (place / places.requirements).is_file():
            remedy = "commit it, or leave out --requirements"
            raise MeasurementError(f"there is no file {printable(str(places.requirements))}", remedy)
        above = (up for folder in folders for up in project_folders(place / folder))
        found = place / places.requirements if places.requirements else find_requirements(*above)
        if found is None:
            return None
        servers = possible_servers(refs.app)
        return make_own_environment(found, servers, scratch / f"env-{name}", lambda what: emit(setting_up(name, what)))
    except WebdynoError as error:
        raise not_set_up(name, refs.base if name == "base" else refs.head, error) from error


def not_set_up(name: str, asked: str, error: WebdynoError) -> MeasurementError:
    """What says that one side cannot be measured: after the options were right, that is no wrong use."""
    message = f"{name} ({printable(asked)}) cannot be measured: {error.message}"
    return MeasurementError(message, error.remedy, error.details)


def _stack(app: ParsedStack, place: Path, places: _Places, python: Path | None) -> str:
    added = {"cwd": str(place / places.cwd)}
    if places.app_dirs:
        added["app_dir"] = os.pathsep.join(str(place / folder) for folder in places.app_dirs)
    if python:
        added["python"] = str(python)
    return str(app.stack.model_copy(update={"options": (*app.stack.options, *added.items())}))
