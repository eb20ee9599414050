"""An environment for a checkout of the user's own app, from the requirements that are written there."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..bounded_file import read_bounded
from ..errors import EnvironmentFailed, NotationError, UsageError
from ..model.fact import fact
from ..model.notation import ParsedStack
from ..model.run import Interface
from .environments import Progress, this_interpreter
from .prepare import server_requirements
from .resolve import resolve
from .uv_tool import call_uv

LISTED, PROJECT = "requirements.txt", "pyproject.toml"
_LARGEST_PROJECT = 4_000_000


def find_requirements(*folders: Path) -> Path | None:
    """The file that lists what an app needs, in the first of the folders that has one; None where there is none.

    `requirements.txt` goes before `pyproject.toml`, which counts only with a `[project]` table.

    Raises:
        EnvironmentFailed: a `pyproject.toml` cannot be read.
    """
    for folder in folders:
        if (folder / LISTED).is_file():
            return folder / LISTED
        if (folder / PROJECT).is_file() and _has_project(folder / PROJECT):
            return folder / PROJECT
    return None


def _has_project(path: Path) -> bool:
    try:
        return "project" in tomllib.loads(read_bounded(path, _LARGEST_PROJECT).decode())
    except RecursionError as error:
        raise EnvironmentFailed(f"{path} cannot be read: it is nested too deeply", "correct the file") from error
    except (UsageError, ValueError) as error:
        raise EnvironmentFailed(f"{path} cannot be read: {error}", "correct the file") from error


def make_own_environment(requirements: Path, servers: Sequence[str], place: Path, progress: Progress) -> Path:
    """Make an environment with an app's requirements and the servers that it lacks, resolved together.

    Args:
        requirements: a file that pip reads, or a `pyproject.toml`.
        servers: further packages.
        place: where it is made; must not exist.
        progress: told what is being done.

    Returns:
        Its interpreter, of the Python that runs webdyno.

    Raises:
        EnvironmentFailed: the packages do not fit each other, or cannot be written.
        Offline: they cannot be reached.
    """
    interpreter, python = this_interpreter(), place / "bin" / "python"
    progress(fact("setting-up.installing", packages=requirements.name, version=interpreter.version))

    def uv(*arguments: str) -> None:
        # As pip reads it, run where the file is; what the project says to uv (its index) holds as well.
        call_uv(arguments, env=os.environ, what=requirements.name, cwd=requirements.parent)

    uv("venv", "--python", str(interpreter.path), "--no-project", str(place))
    install = ("pip", "install", "--compile-bytecode", "--python", str(python))
    uv(*install, "--requirement", str(requirements), *servers)
    return python


def possible_servers(parsed: ParsedStack) -> list[str]:
    """The packages that serve an own app, whichever interface it turns out to have."""
    found: set[str] = set()
    interfaces: tuple[Interface, ...] = ("wsgi", "asgi")
    # The servers of the others are their frameworks, which the app's own requirements name.
    for interface in interfaces:
        with suppress(NotationError):
            found.update(server_requirements(parsed.stack, resolve(parsed, interface)))
    return sorted(found)
