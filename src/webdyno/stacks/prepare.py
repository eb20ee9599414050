"""From a notation to a command that can be started: resolved, looked at, its packages installed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import AppFailed, NotationError, UsageError
from ..model.fact import Fact, fact
from ..model.notation import ParsedStack
from ..model.run import StackRecord
from ..model.stack import Stack
from ..processes.run_to_end import base_environment, run
from ..texts.catalogue import as_note
from .app_settings import WRAP, AppSettings
from .catalogue import find_app
from .entries import SERVICES, SHARED, App
from .environments import Environment, Interpreter, Progress, environment, this_interpreter
from .gunicorn_settings import with_gunicorn_settings
from .layout import ChosenPython, existing_python, has_module
from .lock import canonical
from .own_app import AppFacts, inspect_app
from .resolve import Resolved, check_names, resolve
from .sources import digests
from .url_stack import check_running
from .variables import variable_notes

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def _silent(what: Fact) -> None:
    """Progress that nobody follows."""


def check(parsed: ParsedStack, settings: AppSettings | None = None) -> None:
    """Check a notation as far as it can be without installing or importing anything.

    Args:
        parsed: the notation.
        settings: of the user's own apps: a module of theirs that is named without an attribute is imported, to say what
            apps it has.

    Raises:
        NotationError: at the part that is unknown or does not fit.
        AppFailed: the name of an app is that of a module.
    """
    if parsed.stack.url is not None:
        check_running(parsed)
        return
    if parsed.stack.is_import_string:
        check_names(parsed)
        return
    try:
        resolve(parsed)
    except NotationError:
        if settings and find_app(parsed.stack.app) is None and _MODULE.fullmatch(parsed.stack.app):
            _refuse_module(parsed.stack, settings)
        raise


def _refuse_module(stack: Stack, settings: AppSettings) -> None:
    own = settings.for_stack(stack)
    if not has_module((*own.app_dirs, own.cwd), stack.app):
        return
    try:
        inspect_app(stack.app, own.choose_python(), own)
    except AppFailed as error:
        message = f"{stack.app} is a module; your own app is written MODULE:NAME"
        raise AppFailed(message, error.remedy, error.details) from error


def prepare(parsed: ParsedStack, settings: AppSettings | None = None, progress: Progress = _silent) -> StackRecord:
    """Make a stack ready to be started.

    Args:
        parsed: the notation.
        settings: of the user's own apps; reference apps take nothing from them.
        progress: told what is being done where it takes time.

    Returns:
        The stack as it will run, its command with `{port}` in place of the port.

    Raises:
        NotationError: a part of it is unknown, or does not fit.
        UsageError: its interpreter, folder or configuration file does not exist.
        AppFailed: the user's app does not import, or is no app that a server can run.
        EnvironmentFailed: its packages do not fit each other, or cannot be written.
        Offline: its packages are missing and cannot be reached.
    """
    if parsed.stack.is_import_string:
        return _own_app(parsed, settings or AppSettings(), progress)
    resolved = resolve(parsed)
    assert resolved.app is not None, "the notation names a reference app"
    return _reference_app(parsed.stack, resolved, resolved.app, progress)


def _reference_app(stack: Stack, resolved: Resolved, app: App, progress: Progress) -> StackRecord:
    asked = stack.option("python")
    interpreter = _looked_at(existing_python(Path(asked))) if asked else this_interpreter()
    needed = app.requirements or ((app.package,) if app.package else ())
    requirements = _pinned(needed, app.package, stack.app_version)
    requirements += server_requirements(stack, resolved)
    made = environment(requirements, interpreter, progress)
    folders = [app.folder, SHARED, *([WRAP] if resolved.wrapper or resolved.parts else [])]
    env = {"PYTHONPATH": os.pathsep.join(map(str, folders)), "WEBDYNO_SERVER": resolved.server.package}
    target, variables = _target(app.target, resolved)
    return StackRecord(
        stack=stack,
        notation=str(stack),
        interface=resolved.interface,
        served_as=resolved.served_as,
        argv=(str(made.python), *resolved.arguments(target)),
        env=env | variables,
        cwd=str(app.folder),
        python=made.version,
        packages=made.packages,
        locked=made.locked,
        notes=tuple(map(as_note, resolved.notes)),
        parts=tuple(resolved.parts),
        sources=digests([*app.folder.glob("*.py"), *SHARED.rglob("*.py"), *resolved.parts.values()], app.folder),
    )


def _own_app(parsed: ParsedStack, settings: AppSettings, progress: Progress) -> StackRecord:
    stack = parsed.stack
    check_names(parsed)
    asked = bool(settings.app_dirs or stack.option("app_dir"))
    settings = settings.for_stack(stack)
    python = settings.choose_python()
    progress(looking_at(stack.app, python))
    facts = inspect_app(stack.app, python, settings)
    resolved = resolve(parsed, facts.interface)
    served = _serving_environment(stack, resolved, facts, progress)
    target, variables = _target(facts.target, resolved, in_front=bool(settings.app_dirs))
    arguments = resolved.arguments(target)
    notes = (
        fact("interpreter", python=str(python.path), why=python.why),
        *([] if asked else [fact("found-in", app=stack.app, folder=str(folder)) for folder in settings.app_dirs]),
        *([fact("factory", app=stack.app, call=facts.target)] if facts.target != stack.app else []),
        *_server_note(served, facts, resolved),
        *variable_notes(settings.env, resolved.server, arguments),
        *resolved.notes,
    )
    record = StackRecord(
        stack=stack,
        notation=str(stack),
        interface=resolved.interface,
        served_as=resolved.served_as,
        argv=(str(served.python), *arguments),
        env=settings.variables() | variables,
        cwd=str(settings.cwd),
        python=served.version,
        packages=served.packages,
        locked=False,
        notes=tuple(map(as_note, notes)),
        sources=digests(map(Path, facts.files), settings.cwd),
    )
    return with_gunicorn_settings(record, settings.start_timeout_s) if resolved.server.name == "gunicorn" else record


def looking_at(app: str, python: ChosenPython) -> Fact:
    """What is said while an app is inspected."""
    if python.is_fallback:
        return fact("setting-up.app.why", app=app, python=str(python.path), why=python.why)
    return fact("setting-up.app", app=app, python=str(python.path))


def _serving_environment(stack: Stack, resolved: Resolved, facts: AppFacts, progress: Progress) -> Environment:
    """The app's own environment where it has the server, else one with the server in front of it."""
    needed = server_requirements(stack, resolved)
    if all(_has(facts.packages, requirement) for requirement in needed):
        return Environment(facts.interpreter.path, facts.interpreter.version, facts.packages, locked=False)
    front = environment(needed, facts.interpreter, progress, behind=facts.site)
    return front._replace(packages=facts.packages | front.packages)


def _server_note(served: Environment, facts: AppFacts, resolved: Resolved) -> tuple[Fact, ...]:
    if served.python == facts.interpreter.path:
        return ()
    name = resolved.server.package
    version = served.packages.get(canonical(name), "")
    replaced = tuple(
        fact("package-replaced", package=package, version=version, own=facts.packages[package])
        for package, version in sorted(served.packages.items())
        if facts.packages.get(package, version) != version
    )
    if replaced:
        return (fact("server-in-front.replacing", server=name, version=version, replaced=replaced),)
    return (fact("server-in-front", server=name, version=version),)


def server_requirements(stack: Stack, resolved: Resolved) -> list[str]:
    """The packages of its server and wrapper, with the version that the notation pins."""
    wrapper = (resolved.wrapper.package,) if resolved.wrapper else ()
    return [*_pinned(resolved.mode.packages, resolved.server.package, stack.server_version), *wrapper]


def _pinned(packages: tuple[str, ...], which: str | None, version: str | None) -> list[str]:
    """The requirements, with the version at the package that the notation pins."""
    return [
        f"{package}=={version}" if version and which and canonical(package) == canonical(which) else package
        for package in packages
    ]


def _has(packages: dict[str, str], requirement: str) -> bool:
    found = packages.get(canonical(requirement))
    _, pinned, version = requirement.partition("==")
    return found is not None and (not pinned or found == version)


def _target(app: str, resolved: Resolved, *, in_front: bool = False) -> tuple[str, dict[str, str]]:
    """The import string that the server is given, and the variables that it needs.

    Args:
        app: that of the app.
        resolved: the stack; its parts are added to the app.
        in_front: the app is imported from folders that go before the working folder.
    """
    variables = {"WEBDYNO_TARGET": app}
    if resolved.parts:
        variables["WEBDYNO_PARTS"] = os.pathsep.join(map(str, resolved.parts.values()))
    if resolved.wrapper:
        return resolved.wrapper.target, variables
    if in_front or resolved.parts or not app.partition(":")[2].isidentifier():
        # Not every server reads an attribute of an attribute, or a call.
        return "webdyno_target:app", variables
    return app, {}


def _looked_at(python: Path) -> Interpreter:
    """Ask an interpreter for its version.

    Raises:
        UsageError: it does not run, or is older than the lock file.
    """
    remedy = "give the path of another python program"
    try:
        question = "import platform; print(platform.python_version())"
        outcome = run([str(python), "-I", "-c", question], env=base_environment(), cwd=SERVICES, limit_s=20)
    except OSError as error:
        raise UsageError(f"{python} cannot be run: {error.strerror}", remedy) from error
    interpreter = Interpreter(python, outcome.output.strip())
    if outcome.code != 0 or not interpreter.has_lock:
        raise UsageError(f"{python} is no Python 3.11 or newer", remedy)
    return interpreter
