"""Which reference app has which part of the contract, and on which of its stacks."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import UsageError
from ..model.notation import parse_stack
from ..model.stack import Stack
from ..model.workload import Workload
from .catalogue import APPS
from .entries import SERVICES
from .workloads import WORKLOADS


class AppRow(NamedTuple):
    """What an app has.

    Attributes:
        parts: by name.
        only: for a part that needs certain stacks: those that have it, and why.
    """

    parts: tuple[str, ...]
    only: Mapping[str, tuple[tuple[str, ...], str]]


@functools.cache
def matrix() -> Mapping[str, AppRow]:
    """The reference apps by name, in the catalogue's order: what `contract.json` of each folder says."""
    told = {
        name: AppRow(
            tuple(entry["has"]),
            {part: (tuple(where["stacks"]), where["reason"]) for part, where in entry.get("only", {}).items()},
        )
        for file in SERVICES.glob("*/contract.json")
        for name, entry in json.loads(file.read_text()).items()
    }
    return {name: told[name] for name in APPS}


def refuse_without(stack: Stack, workload: Workload) -> None:
    """Refuse a stack that does not have the workload's part; the user's own apps are taken at their word.

    Raises:
        UsageError: its app does not have the part, or not on this server.
    """
    if stack.option("handler") and workload.request.path != "/":
        raise UsageError(
            f"{stack}: only the plain workload hello has two handlers", "leave out handler=, or leave out --workload"
        )
    part, row = workload.part, matrix().get(stack.app)
    if part is None or row is None:
        return
    if part not in row.parts:
        having = ", ".join(name for name, other in matrix().items() if part in other.parts)
        measured = ", ".join(name for name in WORKLOADS if name in row.parts)
        raise UsageError(
            f"{stack.app} has no {part}, which the workload {workload.name} asks for",
            f"apps that have it: {having}; workloads of {stack.app}: {measured}",
        )
    stacks, reason = row.only.get(part, ((), ""))
    if stacks and not any(_same(stack, parse_stack(text)) for text in stacks):
        raise UsageError(f"{stack} cannot do {part}: {reason}", f"use {' or '.join(stacks)}")


def refuse_crowd(stack: Stack, workload: Workload, connections: int) -> None:
    """Refuse a stack with fewer threads than the load opens WebSockets, each of which keeps one for itself.

    Raises:
        UsageError: the others would never be opened.
    """
    threads = stack.option("threads")
    if workload.part != "websocket" or threads is None or stack.app not in matrix():
        return
    room = int(threads) * int(stack.option("workers") or 1)
    if connections > room:
        raise UsageError(
            f"{stack} holds {room} WebSockets at once, one in each thread, and the load opens {connections}",
            f"give it threads={connections}, or ask for --connections {room}",
        )


def _same(stack: Stack, having: Stack) -> bool:
    """Whether it is the other with values of its own: `threads=8` stands for any number of threads."""
    return stack.server == having.server and dict(having.options).keys() <= dict(stack.options).keys()
