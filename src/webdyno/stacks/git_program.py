"""git, as a program that runs no other: no hook, no filter, nothing that settings name; and that uses no network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError
from ..processes.output_file import KEPT_BYTES
from ..processes.run_to_end import Ended, run

# Hooks, the watcher of files and whoever brings objects from elsewhere are programs that settings name; the last two
# settings keep git from more of them in submodules, and from remarks that nobody asked for.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "advice.detachedHead": "false",
}
# Nothing asks for a password, and messages can be read.
_VARIABLES = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_OFF = {"smudge": "", "clean": "", "process": "", "required": "false"}
# A name may be empty.
_FILTER = re.compile(r"filter\.(?P<driver>.*)\.(smudge|clean|process|required)", re.I | re.S)
_HOOK = re.compile(r"hook\.(?P<name>.*)\.(command|event)", re.I | re.S)


def git(folder: Path, *arguments: str, off: Iterable[tuple[str, str]] = (), online: bool = False) -> Ended:
    """Run git in a folder.

    Args:
        folder: where, which alone decides on the repository.
        arguments: of git.
        off: settings in place of the repository's, as `programs_off` finds them.
        online: let it fetch objects of which a partial clone has none.

    Raises:
        UsageError: git is not installed.
    """
    # Without what a hook or another tool has set (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE).
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    given = {name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")}
    settings = {name: value for name, value in _SETTINGS.items() if not (online and name == "protocol.allow")}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    values = {}
    for number, (name, value) in enumerate(off):
        # Not by -c: a name may have an equals sign.
        values[f"WEBDYNO_OFF_{number}"] = value
        options.append(f"--config-env={name}=WEBDYNO_OFF_{number}")
    try:
        env = own | given | _VARIABLES | values
        return run(["git", *options, *arguments], env=env, cwd=folder, errors_apart=True)
    except FileNotFoundError as error:
        raise UsageError("git cannot be run: it is not installed", "install git, or give stack notations") from error


def filter_drivers(folder: Path) -> set[str]:
    """The filters (gitattributes(5)) that the settings of a repository and its user hold a program for."""
    return {found["driver"] for name in _set(folder) if (found := _FILTER.fullmatch(name))}


def programs_off(folder: Path, *, filters: bool = True) -> list[tuple[str, str]]:
    """The settings under which git runs neither hooks, of any kind, nor filters.

    Args:
        folder: in the repository.
        filters: False to let these run.
    """
    hooks = {found["name"] for name in _set(folder) if (found := _HOOK.fullmatch(name))}
    off = [(f"hook.{name}.enabled", "false") for name in sorted(hooks)]
    if filters:
        drivers = sorted(filter_drivers(folder))
        off += [(f"filter.{driver}.{key}", value) for driver in drivers for key, value in _OFF.items()]
    return off


def _set(folder: Path) -> list[str]:
    listed = git(folder, "config", "--null", "--name-only", "--get-regexp", r"^(filter|hook)\.")
    if len(listed.output.encode()) >= KEPT_BYTES:
        # Of which only the end is known.
        raise UsageError("git has too many settings of filters and hooks", "see them with: git config --list")
    return listed.output.split("\0")
