"""Options of commands: those of the questions, and how one of a command's own is written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Annotated, Any, cast, get_type_hints

import typer
from typer.models import ArgumentInfo

from ..questions.environment import Filler
from ..questions.kinds import Flag
from ..questions.option import Option, flag, options_of, read_texts


def option(group: str, metavar: str | None, text: str, *names: str) -> Any:
    """An option of the command itself, in a group of the help, which says its default in words."""
    return typer.Option(*names, rich_help_panel=group, metavar=metavar, help=text, show_default=False)


def taking(question: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a question in place of its `**options`, read but not checked yet.

    What they take from the environment is in `hidden`, where the question has that.
    """
    options = options_of(cast("Hashable", question))
    hides = "hidden" in get_type_hints(question)

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            own = {name: value for name, value in given.items() if name not in options}
            filler = Filler()
            read = read_texts(question, given, filler)
            command(**own, **read, **({"hidden": filler.used} if hides and filler.used else {}))

        signature = inspect.signature(command, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is each.KEYWORD_ONLY]
        first = [each for each in own if each.default is each.empty or _is_argument(each)]
        last = [each for each in own if each not in first]
        parameters = [*first, *(_parameter(name, each) for name, each in options.items()), *last]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorated


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
