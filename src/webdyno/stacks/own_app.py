"""The user's own app: where it lives, what it is given, and what it is in its own interpreter."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, get_args

from ..errors import AppFailed, UsageError
from ..model.run import Interface
from ..model.stack import Stack
from .entries import SERVICES
from .environments import Interpreter
from .import_failure import import_failed, shown_tail
from .layout import ChosenPython, choose_python, existing_folder, import_folders
from .processes import base_environment, run

WRAP = SERVICES / "wrap"
# Read by `services/wrap/webdyno_load.py`.
APP_DIRS = "WEBDYNO_APP_DIRS"
START_TIMEOUT_S = 30.0
LONGEST_START_S = 3600.0
_SCRIPT = SERVICES / "inspection" / "inspect_app.py"
_SHOWN_FRAMES = 16


@dataclass(frozen=True)
class AppSettings:
    """What the user's own apps need; a stack's `cwd=`, `app_dir=`, `python=` and `interface=` go before.

    Attributes:
        cwd: the working folder: where the command was given.
        app_dirs: folders that import strings are imported from, before the working folder; relative ones lie in it.
            Where there are none, `src` is tried.
        python: the interpreter that has the app's packages; None to find one.
        env: environment variables for the app; those of the shell are not passed on.
        interface: what the app is; None to find out.
        start_timeout_s: seconds within which the app must have been imported.
    """

    cwd: Path = field(default_factory=Path.cwd)
    app_dirs: tuple[Path, ...] = ()
    python: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    interface: Interface | None = None
    start_timeout_s: float = START_TIMEOUT_S

    def for_stack(self, stack: Stack) -> AppSettings:
        """These settings with what the stack's notation says in place of them.

        Raises:
            UsageError: a folder does not exist.
        """
        cwd, app_dir, python, interface = (stack.option(key) for key in ("cwd", "app_dir", "python", "interface"))
        working = existing_folder(self.cwd / Path(cwd or "").expanduser(), "cwd")
        app_dirs = tuple(map(Path, app_dir.split(os.pathsep))) if app_dir else self.app_dirs
        return replace(
            self,
            cwd=working,
            app_dirs=import_folders(working, app_dirs, stack.app.partition(":")[0]),
            python=Path(python) if python else self.python,
            interface=next((known for known in get_args(Interface) if known == interface), self.interface),
        )

    def choose_python(self) -> ChosenPython:
        """The interpreter: of settings that are a stack's own.

        Raises:
            UsageError: the one asked for does not exist.
        """
        return choose_python(self.python, (*self.app_dirs, self.cwd))

    def variables(self) -> dict[str, str]:
        """What the app is given: the user's variables, and where it is imported from."""
        path = [*map(str, (*self.app_dirs, self.cwd, WRAP)), *filter(None, [self.env.get("PYTHONPATH")])]
        found = {**self.env, "PYTHONPATH": os.pathsep.join(path)}
        return found | {APP_DIRS: os.pathsep.join(map(str, self.app_dirs))} if self.app_dirs else found


def checked_start_timeout(seconds: float) -> float:
    """The seconds.

    Raises:
        UsageError: they are not more than 0, or more than an hour.
    """
    if not 0 < seconds <= LONGEST_START_S:
        raise UsageError(f"--start-timeout {seconds:g}s cannot be used", "give more than 0s and at most 1h")
    return seconds


class AppFacts(NamedTuple):
    """What the app's own interpreter says.

    Attributes:
        target: import string of the app; with the call where it is a factory that was named without one.
        interface: what the app is.
        interpreter: the interpreter and its version.
        packages: versions by normalised name.
        site: the folders that hold them.
    """

    target: str
    interface: Interface
    interpreter: Interpreter
    packages: dict[str, str]
    site: tuple[str, ...]


def inspect_app(target: str, python: ChosenPython, settings: AppSettings) -> AppFacts:
    """Import the app in its own interpreter, and say what it is.

    A factory that needs no arguments is called, once, as its server would do.

    Args:
        target: its import string; only a module's name where its apps are wanted.
        python: the interpreter.
        settings: the stack's own.

    Raises:
        AppFailed: it does not import, not in time, or is no app that a server can run.
        UsageError: the interpreter does not run.
    """
    with tempfile.TemporaryDirectory(prefix="webdyno-") as scratch:
        answer, hang = Path(scratch, "answer.json"), Path(scratch, "hang.txt")
        limit = settings.start_timeout_s
        command = [str(python.path), str(_SCRIPT), target, str(answer), str(hang), str(limit)]
        try:
            # The script ends itself in time; the limit here is for an interpreter that never came to run it.
            outcome = run(command, env=base_environment() | settings.variables(), cwd=settings.cwd, limit_s=limit + 10)
        except OSError as error:
            raise UsageError(
                f"{python.path} cannot be run: {error.strerror}", "give another one with --python PATH"
            ) from error
        if answer.exists():
            return _facts(target, python, json.loads(answer.read_text()), settings)
        hanging = hang.read_text().splitlines() if hang.exists() else []
        if hanging:
            where = [line for line in hanging if str(SERVICES) not in line and "<frozen " not in line]
            message = f"importing {target} did not end within {limit:g} s"
            remedy = (
                f"give it more time: --start-timeout {2 * limit:g}s; or move what waits (shown above, innermost first) "
                "out of the module's top level"
            )
            raise AppFailed(message, remedy, tuple(where[:_SHOWN_FRAMES]))
        message = f"{python.path} ended with code {outcome.code} while importing {target}"
        remedy = "name the Python that has your app's packages: --python PATH"
        raise AppFailed(message, remedy, shown_tail(outcome.output.splitlines()))


def _facts(target: str, python: ChosenPython, answer: dict[str, object], settings: AppSettings) -> AppFacts:
    problem, found, apps = answer["problem"], answer["interface"], answer["apps"]
    assert isinstance(apps, list), "the script writes a list"
    module = target.partition(":")[0]
    others = " or ".join(f"{module}:{name}" for name in apps)
    if problem == "import":
        traceback = answer["traceback"]
        assert isinstance(traceback, list), "the script writes a list"
        raise import_failed(target, python, settings.cwd, settings.app_dirs, traceback, others)
    interface = settings.interface or next((known for known in get_args(Interface) if known == found), None)
    if interface is None:
        remedy = f"name {others or 'an app: MODULE:NAME'}"
        if answer["untold"]:
            remedy += f"; or say what it is: ?interface={' or ?interface='.join(get_args(Interface))}"
        raise AppFailed(f"{target} is no app that a server can run: {problem}", remedy)
    packages, site = answer["packages"], answer["site"]
    assert isinstance(packages, dict) and isinstance(site, list), "the script writes them"
    called = target + "()" if answer["called"] else target
    return AppFacts(called, interface, Interpreter(python.path, str(answer["python"])), packages, tuple(site))
