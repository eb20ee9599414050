"""Contrasts: measured stacks that differ in one part only, so that a difference can be said to come from that part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from ...model.fact import Fact, fact
from ...model.stack import Stack
from ..statistics.estimates import geometric_estimate
from .analysis import Contrast, StackSummary
from .verdicts import Comparison, ratios

_KEYS = ("wrap", "python", "app_dir", "cwd", "interface", "handler", "with")
# The parts that are not settings of a server.
PARTS = ("app", "app_version", "server", "server_version", *_KEYS)


def difference(one: Stack, other: Stack) -> tuple[str, ...]:
    """The one part in which two stacks differ, by its name; empty where it is none or several.

    An app brings its version, a server its version and its settings: another server with settings of its own is one
    difference. Several settings of the same server are one as well, and are all named. A server left to the default is
    unknown here and never claimed to be another; of one that already runs nothing is known.
    """
    if not (one.url is None is other.url):
        return ()
    if one.server != other.server and None in (one.server, other.server):
        return ()
    first, second = _parts(one), _parts(other)
    differing = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    settings = {name for name in differing if name in one.server_options or name in other.server_options}
    parts = differing - settings
    if "app" in parts:
        parts.discard("app_version")
    if "server" in parts:
        parts.discard("server_version")
        settings.clear()
    if len(parts) + bool(settings) != 1:
        return ()
    return tuple(sorted(parts | settings))


def part_fact(parts: Sequence[str]) -> Fact:
    """What `difference` found, to be told."""
    return fact(f"part.{parts[0]}") if parts[0] in PARTS else fact("settings", names=tuple(parts))


def shares(parts: Sequence[str], one: Stack, other: Stack) -> bool:
    """Whether two stacks have what `difference` named in common, with all that belongs to it.

    A server is its name, its version and all its settings; an app its name and its version.
    """
    first, second, part = _parts(one), _parts(other), parts[0]
    if part in _KEYS:
        return first[part] == second[part]
    if part in ("app", "app_version"):
        return (one.app, one.app_version) == (other.app, other.app_version)
    return (one.server, one.server_version, one.server_options) == (
        other.server,
        other.server_version,
        other.server_options,
    )


def contrasts(ranked: Sequence[StackSummary], stacks: Mapping[str, Stack], level: float) -> tuple[Contrast, ...]:
    """All pairs of ranked stacks that differ in one part, the one that carries more first.

    Args:
        ranked: valid stacks, highest throughput first.
        stacks: the parsed stack of each notation.
        level: of the intervals.
    """
    found = []
    for more, less in combinations(ranked, 2):
        parts = difference(stacks[more.notation], stacks[less.notation])
        ratio = geometric_estimate(ratios(Comparison("throughput", more, less)), level)
        if parts and ratio:
            found.append(Contrast(parts=parts, stack=more.notation, against=less.notation, ratio=ratio))
    return tuple(found)


def _parts(stack: Stack) -> dict[str, str | None]:
    named = (stack.app, stack.app_version, stack.server, stack.server_version, *map(stack.option, _KEYS))
    return stack.server_options | dict(zip(PARTS, named, strict=True))
