"""Variables of the user's own that change a server or Python itself: seen, and said beside the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from ..model.fact import Fact, fact
from .entries import Server

# What they change is a property of the stack, and nothing in its notation tells of it.
_OF_PYTHON = (
    "LD_PRELOAD",
    "MALLOC_*",
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONMALLOC",
    "PYTHONOPTIMIZE",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONTRACEMALLOC",
    "PYTHON_*",
)
_SEED = "PYTHONHASHSEED"


def variable_notes(env: Mapping[str, str], server: Server, arguments: Sequence[str]) -> list[Fact]:
    """What the user's variables do to a stack beside what they say to the app.

    Args:
        env: the user's variables.
        server: what serves the app.
        arguments: its command line, which goes before its variables.
    """
    notes = []
    for name in sorted(env):
        if name == _SEED:
            notes.append(fact("variable.seed", name=name))
        elif _matches(name, server.variables):
            flag = next((flag for flag in _flags(name) if flag in arguments), None)
            notes.append(
                fact("variable.overridden", name=name, server=server.name, flag=flag)
                if flag
                else fact("variable.of-server", name=name, server=server.name)
            )
        elif _matches(name, _OF_PYTHON):
            notes.append(fact("variable.of-python", name=name))
    return notes


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _flags(name: str) -> tuple[str, ...]:
    """How the command line spells a variable; those of click have the server's name in front."""
    option = "workers" if name == "WEB_CONCURRENCY" else name.partition("_")[2].lower().replace("_", "-")
    return f"--{option}", f"--no-{option}"
