"""Contrasts: measured stacks that differ in one part only, so that a difference can be said to come from that part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from ...model.stack import Stack
from ..statistics.estimates import geometric_estimate
from .analysis import Contrast, StackSummary
from .verdicts import Comparison, ratios

_NAMES = {
    "wrap": "wrapper",
    "python": "Python interpreter",
    "app_dir": "app's folder",
    "cwd": "working folder",
    "interface": "interface",
    "handler": "handler",
    "with": "added parts",
}
_AND = " and "
# The parts that are not settings of a server.
PARTS = ("app", "app's version", "server", "server's version", *_NAMES.values())


def difference(one: Stack, other: Stack) -> str | None:
    """The one part in which two stacks differ, as a sentence names it; None where it is none or several.

    An app brings its version, a server its version and its settings: another server with settings of its own is one
    difference. Several settings of the same server are named together. A server left to the default is unknown here
    and never claimed to be another.
    """
    if one.server != other.server and None in (one.server, other.server):
        return None
    first, second = _parts(one), _parts(other)
    differing = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    settings = {name for name in differing if name in one.server_options or name in other.server_options}
    parts = sorted(differing - settings)
    if "app" in parts:
        parts = [name for name in parts if name != "app's version"]
    if "server" in parts:
        parts = [name for name in parts if name != "server's version"]
    elif settings:
        parts.append(_AND.join(sorted(settings)))
    return parts[0] if len(parts) == 1 else None


def shares(part: str, one: Stack, other: Stack) -> bool:
    """Whether two stacks have the part that `difference` named in common, with all that belongs to it.

    A server is its name, its version and all its settings; an app its name and its version.
    """
    first, second = _parts(one), _parts(other)
    if part in _NAMES.values():
        return first[part] == second[part]
    if part in ("app", "app's version"):
        return (one.app, one.app_version) == (other.app, other.app_version)
    return (one.server, one.server_version, one.server_options) == (
        other.server,
        other.server_version,
        other.server_options,
    )


def contrasts(ranked: Sequence[StackSummary], stacks: Mapping[str, Stack]) -> tuple[Contrast, ...]:
    """All pairs of ranked stacks that differ in one part, the one that carries more first.

    Args:
        ranked: valid stacks, highest throughput first.
        stacks: the parsed stack of each notation.
    """
    found = []
    for more, less in combinations(ranked, 2):
        part = difference(stacks[more.notation], stacks[less.notation])
        ratio = geometric_estimate(ratios(Comparison("throughput", more, less)))
        if part and ratio:
            found.append(Contrast(part=part, stack=more.notation, against=less.notation, ratio=ratio))
    return tuple(found)


def _parts(stack: Stack) -> dict[str, str | None]:
    named = (stack.app, stack.app_version, stack.server, stack.server_version, *map(stack.option, _NAMES))
    return stack.server_options | dict(zip(PARTS, named, strict=True))
