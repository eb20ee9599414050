"""The user's own app: what it is, in its own interpreter."""

from __future__ import annotations

import json
from typing import NamedTuple

from pydantic import BaseModel

from ..errors import AppFailed, UsageError
from ..model.run import Interface
from ..processes.guard import scratch_folder
from ..processes.run_to_end import base_environment, run
from .app_settings import AppSettings
from .catalogue import find_interface, interface_names
from .entries import SERVICES
from .environments import Interpreter
from .import_failure import import_failed, shown_tail
from .inspection_answer import read_answer, read_text
from .layout import ChosenPython

_SCRIPT = SERVICES / "inspection" / "inspect_app.py"
_SHOWN_FRAMES = 16
# Frames between the app's own and the start of the interpreter.
_NOT_THE_APPS = (str(SERVICES), "<frozen ", "importlib/__init__.py")


class _Answer(BaseModel):
    """As the script describes it."""

    python: str
    packages: dict[str, str]
    site: list[str]
    interface: str | None
    called: bool
    problem: str | None
    untold: bool
    traceback: list[str]
    apps: list[str]
    files: list[str] = []


class AppFacts(NamedTuple):
    """What the app's own interpreter says.

    Attributes:
        target: import string of the app; with the call where it is a factory that was named without one.
        interface: what the app is.
        interpreter: the interpreter and its version.
        packages: versions by normalised name.
        site: the folders that hold them.
        files: the Python files of its own that were imported.
    """

    target: str
    interface: Interface
    interpreter: Interpreter
    packages: dict[str, str]
    site: tuple[str, ...]
    files: tuple[str, ...] = ()


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
    spoken = map(find_interface, interface_names())
    classes = json.dumps({name: interface.name for interface in spoken for name in interface.classes})
    with scratch_folder() as scratch:
        answer, hang = scratch / "answer.json", scratch / "hang.txt"
        limit = settings.start_timeout_s
        command = [str(python.path), str(_SCRIPT), target, str(answer), str(hang), str(limit), classes]
        try:
            # The script ends itself in time; the limit here is for an interpreter that never came to run it.
            outcome = run(command, env=base_environment() | settings.variables(), cwd=settings.cwd, limit_s=limit + 10)
        except OSError as error:
            raise UsageError(
                f"{python.path} cannot be run: {error.strerror}", "give another one with --python PATH"
            ) from error
        if answer.exists():
            return _facts(target, python, read_answer(answer, _Answer, target), settings)
        hanging = read_text(hang, target).splitlines()
        if hanging:
            where = [line for line in hanging if not any(ours in line for ours in _NOT_THE_APPS)]
            message = f"importing {target} did not end within {limit:g} s"
            remedy = (
                f"give it more time: --start-timeout {2 * limit:g}s; or move what waits (shown above, innermost first) "
                "out of the module's top level"
            )
            raise AppFailed(message, remedy, tuple(where[:_SHOWN_FRAMES]))
        message = f"{python.path} ended with code {outcome.code} while importing {target}"
        remedy = "name the Python that has your app's packages: --python PATH"
        raise AppFailed(message, remedy, shown_tail(outcome.output.splitlines()))


def _facts(target: str, python: ChosenPython, answer: _Answer, settings: AppSettings) -> AppFacts:
    others = " or ".join(f"{target.partition(':')[0]}:{name}" for name in answer.apps)
    called = target + "()" if answer.called else target
    if answer.problem == "import":
        raise import_failed(called, python, settings, answer.traceback, others)
    interface = settings.interface or (answer.interface if answer.interface in interface_names() else None)
    if interface is None:
        remedy = f"name {others or 'an app: MODULE:NAME'}"
        if answer.untold:
            remedy += f"; or say what it is: ?interface={' or ?interface='.join(interface_names())}"
        raise AppFailed(f"{target} is no app that a server can run: {answer.problem}", remedy)
    interpreter = Interpreter(python.path, answer.python)
    return AppFacts(called, interface, interpreter, answer.packages, tuple(answer.site), tuple(answer.files))
