"""Where the user's own app lives, and what it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..model.run import Interface
from ..model.stack import Stack
from .entries import SERVICES
from .layout import ChosenPython, choose_python, existing_folder, import_folders

WRAP = SERVICES / "wrap"
# Read by `services/wrap/webdyno_load.py`.
APP_DIRS = "WEBDYNO_APP_DIRS"
START_TIMEOUT_S = 30.0


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
            interface=interface or self.interface,
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
