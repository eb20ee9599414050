"""How a project lies on disk: its working folder, the folders it is imported from, its interpreter."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError
from ..model.fact import Fact, fact


class ChosenPython(NamedTuple):
    """An interpreter for an app.

    Attributes:
        path: its program.
        why: how it came to be chosen.
        is_fallback: it is the one that runs webdyno, since the app has none that could be found.
    """

    path: Path
    why: Fact
    is_fallback: bool = False


def existing_folder(path: Path, option: str) -> Path:
    """The absolute folder.

    Args:
        path: as given.
        option: what gave it, such as `app_dir`.

    Raises:
        UsageError: it does not exist.
    """
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        remedy = f"give it with --{option.replace('_', '-')} DIR or ?{option}=DIR"
        if option == "cwd":
            remedy = "give another ?cwd=DIR, or leave it out for the folder where the command is given"
        raise UsageError(f"the app's folder {folder} does not exist", remedy)
    return folder


def import_folders(cwd: Path, app_dirs: Sequence[Path], module: str) -> tuple[Path, ...]:
    """The folders that a module is imported from before the working folder.

    Args:
        cwd: the working folder, absolute.
        app_dirs: those that were asked for, relative to it; where there are none, `src` is tried.
        module: dotted name of the app's module.

    Raises:
        UsageError: one that was asked for does not exist.
    """
    if app_dirs:
        folders = tuple(existing_folder(cwd / folder.expanduser(), "app_dir") for folder in app_dirs)
        return () if folders == (cwd,) else folders
    source = cwd / "src"
    return (source,) if not has_module([cwd], module) and has_module([source], module) else ()


def has_module(folders: Sequence[Path], module: str) -> bool:
    """Whether one of the folders has the source of a module, given by its dotted name."""
    places = [folder.joinpath(*module.split(".")) for folder in folders]
    return any(place.with_name(place.name + ".py").is_file() or (place / "__init__.py").is_file() for place in places)


def project_folders(start: Path) -> Iterator[Path]:
    """A folder and those above it, up to the top of its repository; without one, up to the home folder or the root."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - does not raise where there is no home
    for folder in (start, *start.parents):
        yield folder
        if folder == home or (folder / ".git").exists():
            return


def existing_python(path: Path) -> Path:
    """The absolute path of an interpreter that was named by a path, or by a name to be found on PATH.

    Links are kept: an environment's interpreter is one, and would lose its packages.

    Raises:
        UsageError: there is no such program.
    """
    named = path.expanduser()
    found = shutil.which(str(named))
    if found:
        return Path(found).absolute()
    inside = named / "bin" / "python"
    hint = f"did you mean {inside}? " if inside.exists() else ""
    remedy = f"{hint}give the path of a python program, such as .venv/bin/python"
    raise UsageError(f"there is no interpreter {named}", remedy)


def choose_python(asked: Path | None, starts: Sequence[Path]) -> ChosenPython:
    """The interpreter for an app: the one asked for, its project's `.venv`, the active environment's, or our own.

    Args:
        asked: named by the user.
        starts: folders from which `.venv` is looked for upwards, as uv does.

    Raises:
        UsageError: the one asked for does not exist.
    """
    if asked is not None:
        return ChosenPython(existing_python(asked), fact("python.asked"))
    active = os.environ.get("VIRTUAL_ENV")
    for folder in (folder for start in starts for folder in project_folders(start)):
        python = folder / ".venv" / "bin" / "python"
        if python.exists():
            others = active and Path(active).resolve() != (folder / ".venv").resolve()
            why = fact("python.project-not-active", active=active) if active and others else fact("python.project")
            return ChosenPython(python, why)
    if active and (Path(active) / "bin" / "python").exists():
        return ChosenPython(Path(active) / "bin" / "python", fact("python.active"))
    return ChosenPython(Path(sys.executable), fact("python.own"), is_fallback=True)
