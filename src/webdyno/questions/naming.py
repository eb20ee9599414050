"""How errors name options: as whoever asks has written them.

All that checks options names them as the command line does. What the experiment file or Python gave is renamed once,
where its errors leave: `--max-time` is `max-time in webdyno.toml` there, and `max_time` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from ..errors import Told, UsageError

P = ParamSpec("P")
R = TypeVar("R")

# Not in the midst of a word that the user gave.
_NAME = r"(?<![\w-])(--[a-z][a-z-]*[a-z])(?![\w-])"
_FLAG = re.compile(f"{_NAME}()")
# A remedy may say what to write behind it: `--start-timeout 60s`.
_FLAG_AND_VALUE = re.compile(_NAME + r"( (?:'[^']*'|[0-9A-Z@](?:[^\s,;]*[^\s,;:.])?))?")


@contextmanager
def told_as(names: Mapping[str, str], where: str = "") -> Iterator[None]:
    """Tell errors with other names of some options.

    Args:
        names: by those of the command line, such as `--max-time`.
        where: said behind each, such as ` in webdyno.toml`.
    """

    def renamed(text: str, named: re.Pattern[str]) -> str:
        def written(found: re.Match[str]) -> str:
            name = names.get(found[1])
            return found[0] if name is None else f"{name}{found[2] or ''}{where}"

        return named.sub(written, text)

    try:
        yield
    except Told as error:
        error.message, error.remedy = renamed(error.message, _FLAG), renamed(error.remedy, _FLAG_AND_VALUE)
        error.args = (error.message,)
        raise


def in_python(question: Callable[P, R]) -> Callable[P, R]:
    """The question, whose errors name options as Python writes them and say nothing that is `hidden`."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        from ..model.secrets import Secrets

        hidden = kwargs.get("hidden", {})
        if not isinstance(hidden, Mapping) or not all(isinstance(text, str) for text in hidden.values()):
            raise UsageError("hidden is no mapping of texts", "give a mapping of names to texts")
        with told_as(_of_python()), Secrets(hidden).out_of_errors():
            return question(*args, **kwargs)

    return asked


@lru_cache
def _of_python() -> Mapping[str, str]:
    """The name in Python of every flag."""
    from . import options
    from .option import flag, options_of

    questions = (
        options.CompareOptions,
        options.GateOptions,
        options.LoadOptions,
        options.DoctorOptions,
        options.InitOptions,
    )
    named = {flag(name, option): name for question in questions for name, option in options_of(question).items()}
    return {"--base": "base", "--head": "head", **named}
