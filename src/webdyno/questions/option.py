"""An option: declared once, whoever gives it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypeVar, cast, get_type_hints

from ..errors import UsageError
from .environment import Filler
from .kinds import OptionKind, refused

Options = TypeVar("Options")


@dataclass(frozen=True)
class Option:
    """How an option is read and told of.

    Attributes:
        kind: what it takes.
        help: what it means; says the default where that is more than a value.
        default: the value where it is not given.
        singular: its name on the command line, where it is repeated and in Python it holds several.
        short: its letter on the command line.
        group: under which it stands in the help.
    """

    kind: OptionKind[Any]
    help: str
    default: object = None
    singular: str = ""
    short: str = ""
    group: str = "Options"


def flag(name: str, option: Option) -> str:
    """Its name on the command line: `--max-time` of `max_time`."""
    return "--" + (option.singular or name).replace("_", "-")


@lru_cache
def options_of(question: Hashable) -> Mapping[str, Option]:
    """The options that a question takes: the annotations of a typed dictionary that have an `Option`."""
    hints = get_type_hints(question, include_extras=True)
    found = ((name, getattr(hint, "__metadata__", ())) for name, hint in hints.items())
    return {name: option for name, metadata in found for option in metadata if isinstance(option, Option)}


def checked(question: type[Options], given: Mapping[str, object]) -> Options:
    """What was given, each value checked, and the defaults of the others.

    Raises:
        UsageError: a value is of another type or out of its range, or the question has no such option.
    """
    options = options_of(cast("Hashable", question))
    known = options.keys() | get_type_hints(question)
    for name in given.keys() - known:
        (near, *_) = (*get_close_matches(name, known, 1, cutoff=0.75), "")
        remedy = f"did you mean {near}?" if near else f"one of: {', '.join(sorted(known))}"
        raise UsageError(f"there is no option {name}", remedy)
    read = dict(given)
    for name, option in options.items():
        value = given.get(name)
        if value is not None:
            read[name] = option.kind.check(value, flag(name, option))
        elif name not in given or not option.kind.takes_none:
            read[name] = option.default
    return cast("Options", read)


def read_texts(
    question: type[Options], given: Mapping[str, str | Sequence[str] | bool | None], filler: Filler
) -> Options:
    """What was given as text, read but not checked yet; None, False and empty lists are not given.

    Raises:
        UsageError: a text cannot be read.
    """
    read: dict[str, object] = {}
    for name, option in options_of(cast("Hashable", question)).items():
        text = given.get(name)
        if isinstance(text, bool):
            read |= {name: True} if text else {}
        elif text is not None and not isinstance(text, str):
            read |= {name: option.kind.read(text, flag(name, option), filler)} if text else {}
        elif text is not None:
            read[name] = option.kind.read([text], flag(name, option), filler)
    return cast("Options", read)


def check_texts(remedy: str, **arguments: object) -> None:
    """See that what Python gives for arguments is text.

    Raises:
        UsageError: one is something else.
    """
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise refused(name, repr(value), remedy)
