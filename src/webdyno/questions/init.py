"""Which app is here? Written down as an experiment file, to be measured."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from ..errors import AppFailed, NotGiven, UsageError
from ..lab.interruption import Interruption
from ..model.notation import parse_notation
from ..model.run import Interface, interface_name
from ..model.secrets import Secrets
from ..model.stack import Stack
from ..private_files import replace_file
from ..processes.guard import guarding
from ..stacks.app_settings import START_TIMEOUT_S, AppSettings
from ..stacks.find_apps import Search, find_apps
from ..stacks.layout import ChosenPython, existing_folder, existing_python
from ..stacks.own_app import AppFacts, inspect_app
from ..stacks.pairs import servers_for
from ..stacks.prepare import looking_at
from ..stacks.resolve import check_names
from ..texts.catalogue import told
from ..units import printable
from .compare import app_settings, ignore
from .experiment_draft import Draft, draft_text
from .experiment_file import NAME, is_ours
from .option import checked
from .options import InitOptions

MOST_TRIED = 5
_MOST_STACKS = 2
_MOST_OTHERS = 10
_MOST_UNREAD = 5
_REMEDY = (
    "name it: --app MODULE:NAME, and its folder with --app-dir DIR; "
    "or measure a server that runs already: webdyno load URL"
)


@dataclass(frozen=True)
class InitResult:
    """What was found and written.

    Attributes:
        path: the file.
        app: import string of the app.
        what: where it was found and what made it known, in words; empty for one that was named.
        interface: what it is.
        python: the interpreter that has its packages.
        stacks: what `webdyno compare` measures now.
        refused: what was tried before it, each with the reason why it is no app.
        others: what else seems to be an app and was not tried.
        unread: files and folders that could not be read, each with the reason.
    """

    path: Path
    app: str
    what: str
    interface: Interface
    python: ChosenPython
    stacks: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Candidate:
    """What may be the app: where it is imported from, and in words what tells that it is one."""

    stack: Stack
    settings: AppSettings
    what: str
    app_dir: Path


def init(*, tell: Callable[[str], None] = ignore, **options: Unpack[InitOptions]) -> InitResult:
    """Find the app of the working folder, and write a `webdyno.toml` for it.

    Sources are read, not run; then the likeliest app is imported in its own interpreter, as its server would do, and
    the next one where that fails.

    Args:
        tell: told what is being done.
        **options: see `docs/python.md`.

    Raises:
        UsageError: a file is there already, or no app was found.
        AppFailed: none of those that were found, or not the one that was named, can be served.
        NotGiven: the file cannot be written.
    """
    asked = checked(InitOptions, options)
    folder = Path.cwd()
    if not asked["force"]:
        _refuse_another(folder)
    settings = app_settings(asked)
    secrets = Secrets(options.get("hidden"))
    for name, value in settings.env.items():
        secrets.learn(name, value)

    def say(text: str) -> None:
        tell(printable(secrets.text(text)))

    with secrets.out_of_errors(), Interruption(), guarding(say):
        search = None if asked["app"] else _searched(settings)
        candidates = _found(search, settings) if search else [_named(asked["app"] or "", settings)]
        facts, chosen, refused = _first_app(candidates, say)
    tried = dict(refused)
    others = [each for each in candidates if each is not chosen and each.stack.app not in tried][:_MOST_OTHERS]
    draft = _draft(chosen, facts, others, secrets)
    return InitResult(
        path=_write(draft_text(draft), folder / NAME),
        app=chosen.stack.app,
        what=chosen.what,
        interface=facts.interface,
        python=chosen.settings.choose_python(),
        stacks=tuple(draft.stacks),
        refused=refused,
        others=tuple(each.stack.app for each in others),
        unread=tuple((_placed(file, folder), why) for file, why in search.unread) if search else (),
    )


def _refuse_another(folder: Path) -> None:
    remedy = "change it there, or write over it with --force"
    if os.path.lexists(folder / NAME):
        raise UsageError(f"there is a {NAME} already", remedy)
    if is_ours(folder / "pyproject.toml"):
        remedy = f"change it there; with --force a {NAME} is written, which goes before it"
        raise UsageError("pyproject.toml has a table [tool.webdyno] already", remedy)


def _searched(settings: AppSettings) -> Search:
    asked = [existing_folder(settings.cwd / folder.expanduser(), "app_dir") for folder in settings.app_dirs]
    search = find_apps(asked or [settings.cwd], as_tops=bool(asked))
    if search.apps:
        return search
    places = ", ".join(map(str, asked or [settings.cwd]))
    read = f"{search.sources:,} Python file{'' if search.sources == 1 else 's'}"
    message = f"no app was found in {places}: {read} looked at" + (
        "" if search.whole else ", the nearest ones; there are more"
    )
    unread = tuple(f"cannot be read: {file}: {why}" for file, why in search.unread[:_MOST_UNREAD])
    raise UsageError(message, _REMEDY, unread)


def _found(search: Search, settings: AppSettings) -> list[_Candidate]:
    candidates = []
    for app in search.apps:
        stack = Stack(app=app.target)
        own = replace(settings, app_dirs=settings.app_dirs or (app.app_dir,)).for_stack(stack)
        what = f"in {_placed(app.file, settings.cwd)}, by {app.made_by}"
        candidates.append(_Candidate(stack, own, what, app.app_dir))
    return candidates


def _named(text: str, settings: AppSettings) -> _Candidate:
    parsed = parse_notation(text)
    if not parsed.stack.is_import_string or parsed.stack.server:
        raise UsageError(f"--app {printable(text)} is no app alone", "write it as MODULE:NAME, such as shop.main:app")
    check_names(parsed)
    own = settings.for_stack(parsed.stack)
    return _Candidate(parsed.stack, own, "", next(iter(own.app_dirs), own.cwd))


def _first_app(
    candidates: list[_Candidate], say: Callable[[str], None]
) -> tuple[AppFacts, _Candidate, tuple[tuple[str, str], ...]]:
    """The first one that a server can run."""
    failed: list[tuple[str, AppFailed]] = []
    for candidate in candidates[:MOST_TRIED]:
        python = candidate.settings.choose_python()
        say(told(looking_at(candidate.stack.app, python)))
        try:
            facts = inspect_app(candidate.stack.app, python, candidate.settings)
        except AppFailed as error:
            failed.append((candidate.stack.app, error))
        else:
            return facts, candidate, tuple((app, error.message) for app, error in failed)
    (_, first), *others = failed
    untried = [each.stack.app for each in candidates[MOST_TRIED:]]
    details = (
        *first.details,
        *(f"nor: {error.message}" for _, error in others),
        *([f"not tried: {', '.join(untried[:_MOST_OTHERS])}"] if untried else []),
    )
    raise AppFailed(first.message, first.remedy, details)


def _draft(chosen: _Candidate, facts: AppFacts, others: list[_Candidate], secrets: Secrets) -> Draft:
    settings, interface = chosen.settings, facts.interface
    served = [str(stack) for stack in servers_for(chosen.stack, interface, facts.packages)]
    name = interface_name(interface)
    article = "an" if name[0] in "Aa" else "a"
    return Draft(
        app=f"{chosen.stack.app}, {article} {name} app" + (f" ({chosen.what})" if chosen.what else ""),
        stacks=served[:_MOST_STACKS],
        spare=served[_MOST_STACKS:],
        others=[(_notation(each), each.what) for each in others],
        app_dir=[_placed(each, settings.cwd) for each in settings.app_dirs or (settings.cwd,)],
        python=_placed(existing_python(settings.python), settings.cwd) if settings.python else None,
        env=_written(settings.env, secrets),
        start_timeout_s=None if settings.start_timeout_s == START_TIMEOUT_S else settings.start_timeout_s,
    )


def _notation(candidate: _Candidate) -> str:
    """The app with the folder that it is imported from, as it can stand beside others."""
    place = ("app_dir", _placed(candidate.app_dir, candidate.settings.cwd))
    return str(candidate.stack.model_copy(update={"options": (place,)}))


def _placed(path: Path, folder: Path) -> str:
    """A path as it is written in a file of the folder."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _written(env: Mapping[str, str], secrets: Secrets) -> dict[str, str]:
    """Variables as they are written: what is secret, or comes from the environment anyway, is taken from there."""
    plain = {name for name, value in env.items() if secrets.named(name, value) == value != os.environ.get(name)}
    return {
        name: value.replace("${env.", "$${env.") if name in plain else f"${{env.{name}}}" for name, value in env.items()
    }


def _write(text: str, path: Path) -> Path:
    try:
        replace_file(text.encode(), path)
    except OSError as error:
        raise NotGiven(
            f"{printable(str(path))} cannot be written: {error.strerror or error}", "check the folder and its rights"
        ) from error
    return path
