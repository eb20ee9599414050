"""Variables of the user's own that change a server or Python itself: seen, and said beside the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

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


def variable_notes(env: Mapping[str, str], server: Server, arguments: Sequence[str]) -> list[str]:
    """What the user's variables do to a stack beside what they say to the app.

    Args:
        env: the user's variables.
        server: what serves the app.
        arguments: its command line, which goes before its variables.
    """
    notes = []
    for name in sorted(env):
        if name == _SEED:
            notes.append(f"{name} of --env has no effect: webdyno sets one for each block, drawn from --seed")
        elif _matches(name, server.variables):
            flag = next((flag for flag in _flags(name) if flag in arguments), None)
            effect = f"has no effect on {server.name}: webdyno gives {flag}" if flag else f"changes {server.name}"
            notes.append(f"{name} of --env {effect}")
        elif _matches(name, _OF_PYTHON):
            notes.append(f"{name} of --env changes Python itself")
    return notes


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _flags(name: str) -> tuple[str, ...]:
    """How the command line spells a variable; those of click have the server's name in front."""
    option = "workers" if name == "WEB_CONCURRENCY" else name.partition("_")[2].lower().replace("_", "-")
    return f"--{option}", f"--no-{option}"
