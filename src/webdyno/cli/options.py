"""Options of commands: those of the questions, and how one of a command's own is written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import nullcontext
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, cast, get_type_hints

import typer
from typer.models import ArgumentInfo

from ..questions.environment import Filler
from ..questions.experiment_file import (
    ARGUMENTS,
    NAME,
    QUESTIONS,
    ExperimentFile,
    find_experiment,
    key_of,
    read_experiment,
)
from ..questions.kinds import Flag
from ..questions.option import Option, flag, options_of, read_texts
from ..questions.options import OF_CONTINUED, OF_STARTED
from ..units import printable
from .output import say


def option(group: str, metavar: str | None, text: str, *names: str) -> Any:
    """An option of the command itself, in a group of the help, which says its default in words."""
    return typer.Option(*names, rich_help_panel=group, metavar=metavar, help=text, show_default=False)


def taking(question: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a question in place of its `**options`, read but not checked yet.

    What the command line does not give is taken from the experiment file, arguments of the command as well. What the
    options take from the environment is in `hidden`, where the question has that.
    """
    options = options_of(cast("Hashable", question))
    hides = "hidden" in get_type_hints(question)

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        name = command.__name__
        from_file = name in QUESTIONS

        @wraps(command)
        def run(**given: Any) -> None:
            own = {each: value for each, value in given.items() if each not in options}
            filler = Filler()
            read = dict(read_texts(question, given, filler))
            file = _experiment(own.pop("config"), no_config=own.pop("no_config")) if from_file else None
            taken = {} if file is None else _taken(name, file, own, read, filler)
            own |= {each: taken[each] for each in own.keys() & taken.keys()}
            read |= {each: value for each, value in taken.items() if each not in own}
            with nullcontext() if file is None else file.naming(name, taken):
                command(**own, **read, **({"hidden": filler.used} if hides and filler.used else {}))

        parameters = [*_parameters(command, options), *(_CONFIG if from_file else [])]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorated


def _experiment(path: Path | None, *, no_config: bool) -> ExperimentFile | None:
    if path is not None:
        return read_experiment(path)
    return None if no_config else find_experiment(Path.cwd())


def _taken(
    name: str, file: ExperimentFile, own: Mapping[str, Any], read: Mapping[str, object], filler: Filler
) -> dict[str, object]:
    """What the command line does not give: nothing else is wanted of the file, nor of the environment for it."""
    going_on = bool(own.get("continue_"))
    arguments = () if going_on else ARGUMENTS.get(name, ())
    unheard = {"app", *OF_STARTED} if _names_running(own[each] for each in arguments if own[each]) else set()
    texts = {each: file.texts(name, each, filler) for each in arguments if not own[each] and each not in unheard}
    named = {each: list(found) if each == "stacks" else found[0] for each, found in texts.items() if found}
    if going_on:
        unheard |= options_of(cast("Hashable", QUESTIONS[name])).keys() - OF_CONTINUED
    taken = {**named, **file.options(name, filler, besides=read.keys() | unheard)}
    if taken and not own["quiet"]:
        options = options_of(cast("Hashable", QUESTIONS[name]))
        keys = (key_of(each, options[each]) if each in options else each for each in taken)
        say(f"from {printable(str(file.path))}: {', '.join(keys)}")
    return taken


def _names_running(given: Iterable[str | list[str]]) -> bool:
    """Whether the command line names nothing but servers that already run: what a file says of apps is not theirs."""
    # Not before, so that `--help` answers at once.
    from ..model.stack import URL

    texts = [text for each in given for text in ([each] if isinstance(each, str) else each)]
    return bool(texts) and all(text.startswith(URL) for text in texts)


def _parameters(command: Callable[..., None], options: Mapping[str, Option]) -> list[inspect.Parameter]:
    """Arguments and what must be given come first in the help, then the options of the question."""
    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.kind is each.KEYWORD_ONLY]
    first = [each for each in own if each.name in ("base", "head") or _is_argument(each)]
    last = [each for each in own if each not in first]
    return [*first, *(_parameter(name, each) for name, each in options.items()), *last]


def _is_argument(parameter: inspect.Parameter) -> bool:
    return any(isinstance(each, ArgumentInfo) for each in getattr(parameter.annotation, "__metadata__", ()))


def _parameter(name: str, option: Option) -> inspect.Parameter:
    names = [flag(name, option), *([f"-{option.short}"] if option.short else [])]
    told = (
        option.help
        if option.default in (None, False)
        else f"{option.help} [default: {option.kind.shown(option.default)}]"
    )
    is_flag = isinstance(option.kind, Flag)
    info = typer.Option(
        *names,
        rich_help_panel=option.group,
        metavar=None if is_flag else option.kind.metavar,
        help=told,
        show_default=False,
    )
    plain: Any = bool if is_flag else (list[str] if option.kind.repeated else str) | None
    default = False if is_flag else None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[plain, info])


_CONFIG = [
    inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            Path | None,
            option("Options", "FILE", f"Take options from this file. [default: {NAME} here or in a folder above]"),
        ],
    ),
    inspect.Parameter(
        "no_config",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[bool, option("Options", None, "Take options from no file.", "--no-config")],
    ),
]
