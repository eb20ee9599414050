"""The user's own app: which interpreter serves it, and what it is there."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, get_args

from ..errors import AppFailed, UsageError
from ..model.run import Interface
from ..model.stack import Stack
from .entries import SERVICES
from .environments import Interpreter
from .processes import base_environment, run

_SCRIPT = SERVICES / "inspection" / "inspect_app.py"
_SHOWN_LINES = 16


@dataclass(frozen=True)
class AppSettings:
    """What the user's own apps need; a stack's own `python=`, `app_dir=` and `interface=` go before.

    Attributes:
        app_dir: folder from which the import string is imported; the app's working folder.
        python: the interpreter that has the app's packages; None to find one.
        env: environment variables for the app; those of the shell are not passed on.
        interface: what the app is; None to find out.
        import_limit_s: seconds within which the app must have been imported.
    """

    app_dir: Path = field(default_factory=Path.cwd)
    python: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    interface: Interface | None = None
    import_limit_s: float = 30.0

    def for_stack(self, stack: Stack) -> AppSettings:
        """These settings with what the stack's notation says in place of them."""
        python, app_dir, interface = (stack.option(key) for key in ("python", "app_dir", "interface"))
        return AppSettings(
            app_dir=Path(app_dir) if app_dir else self.app_dir,
            python=Path(python) if python else self.python,
            env=self.env,
            interface=next((known for known in get_args(Interface) if known == interface), self.interface),
            import_limit_s=self.import_limit_s,
        )


class AppFacts(NamedTuple):
    """What the app's own interpreter says.

    Attributes:
        interface: what the app is.
        interpreter: the interpreter and its version.
        packages: versions by normalised name.
        site: the folders that hold them.
    """

    interface: Interface
    interpreter: Interpreter
    packages: dict[str, str]
    site: tuple[str, ...]


def existing_folder(path: Path) -> Path:
    """The absolute folder.

    Raises:
        UsageError: it does not exist.
    """
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        raise UsageError(f"the app's folder {folder} does not exist", "give it with --app-dir DIR or ?app_dir=DIR")
    return folder


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


def choose_python(asked: Path | None, app_dir: Path) -> tuple[Path, str]:
    """The interpreter for an app, and how it came to be chosen.

    Raises:
        UsageError: the one asked for does not exist.
    """
    if asked is not None:
        return existing_python(asked), "as asked"
    beside = app_dir / ".venv" / "bin" / "python"
    if beside.exists():
        return beside, "found beside the app"
    active = os.environ.get("VIRTUAL_ENV")
    if active and Path(active).resolve() != Path(sys.prefix).resolve():
        python = Path(active) / "bin" / "python"
        if python.exists():
            return python, "of the active environment"
    return Path(sys.executable), "the one that runs webdyno, as no other is known: choose with --python PATH"


def inspect_app(target: str, python: Path, settings: AppSettings) -> AppFacts:
    """Import the app in its own interpreter, and say what it is.

    Args:
        target: its import string.
        python: the interpreter.
        settings: with `app_dir` an existing folder.

    Raises:
        AppFailed: it does not import, not in time, or is neither WSGI nor ASGI.
        UsageError: the interpreter does not run.
    """
    with tempfile.TemporaryDirectory(prefix="webdyno-") as scratch:
        answer, hang = Path(scratch, "answer.json"), Path(scratch, "hang.txt")
        limit = settings.import_limit_s
        command = [str(python), str(_SCRIPT), target, str(answer), str(hang), str(limit)]
        try:
            # The script ends itself in time; the limit here is for an interpreter that never came to run it.
            outcome = run(
                command, env=base_environment() | own_variables(settings), cwd=settings.app_dir, limit_s=limit + 10
            )
        except OSError as error:
            raise UsageError(
                f"{python} cannot be run: {error.strerror}", "give another one with --python PATH"
            ) from error
        if answer.exists():
            return _facts(target, python, json.loads(answer.read_text()), settings)
        hanging = hang.read_text().splitlines() if hang.exists() else []
        if hanging:
            where = [line for line in hanging if str(_SCRIPT) not in line and "<frozen " not in line]
            message = f"importing {target} did not end within {limit:g} s"
            remedy = "move what waits (shown above, innermost first) out of the module's top level"
            raise AppFailed(message, remedy, tuple(where[:_SHOWN_LINES]))
        message = f"{python} ended with code {outcome.code} while importing {target}"
        raise AppFailed(
            message, "name the Python that has your app's packages: --python PATH", _tail(outcome.output.splitlines())
        )


def own_variables(settings: AppSettings, *folders: Path) -> dict[str, str]:
    """The variables that the app is given: the user's, and a path that begins with its folder.

    Args:
        settings: with `app_dir` an existing folder.
        folders: further folders for the path.
    """
    path = [str(settings.app_dir), *map(str, folders), *filter(None, [settings.env.get("PYTHONPATH")])]
    return {**settings.env, "PYTHONPATH": os.pathsep.join(path)}


def _facts(target: str, python: Path, answer: dict[str, object], settings: AppSettings) -> AppFacts:
    problem, found = answer["problem"], answer["interface"]
    if problem == "import":
        traceback = answer["traceback"]
        assert isinstance(traceback, list), "the script writes a list"
        raise _import_failed(target, python, [str(line) for line in traceback])
    interface = settings.interface or next((known for known in get_args(Interface) if known == found), None)
    if interface is None:
        remedy = f"name a WSGI or ASGI app, or say what it is: ?interface={' or ?interface='.join(get_args(Interface))}"
        raise AppFailed(f"{target} is neither a WSGI nor an ASGI app: {problem}", remedy)
    packages, site = answer["packages"], answer["site"]
    assert isinstance(packages, dict) and isinstance(site, list), "the script writes them"
    return AppFacts(interface, Interpreter(python, str(answer["python"])), packages, tuple(site))


def _import_failed(target: str, python: Path, traceback: list[str]) -> AppFailed:
    last = traceback[-1] if traceback else ""
    remedy = "mend what its own traceback shows, or name another MODULE:NAME"
    if last.startswith("ModuleNotFoundError"):
        remedy = f"it was imported with {python}: choose another with --python PATH, its folder with --app-dir DIR"
    elif last.startswith("KeyError"):
        remedy = "variables of your shell are not passed on: give those it needs with --env NAME=VALUE"
    return AppFailed(f"{target} cannot be imported", remedy, _tail(traceback))


def _tail(lines: list[str]) -> tuple[str, ...]:
    told = [line[:300] for line in lines if line.strip(" ^~")]
    return tuple(told[-_SHOWN_LINES:])
