"""What a stack is made of, as stacks that can be measured: each has one layer more than the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..errors import NotationError, UsageError
from ..model.layer import LAYERS, Layer
from ..model.notation import ParsedStack, parse_notation
from ..model.run import Run, StackRecord
from ..model.stack import Stack
from ..model.workload import HELLO
from .catalogue import find_interface
from .resolve import Resolved, resolve


class Layered(NamedTuple):
    """A stack and the simpler ones below it.

    Attributes:
        stack: its notation.
        upto: for each layer that it has, the notation of the stack that has this layer and those below it.
    """

    stack: str
    upto: dict[Layer, str]


def layered(parsed: ParsedStack) -> Layered:
    """Take a stack apart: a bare app on its server, in its wrapper, the framework by `def`, its handler, its parts.

    Raises:
        NotationError: the notation is wrong.
        UsageError: the stack cannot be taken apart.
    """
    if parsed.stack.url is not None:
        remedy = "explain two reference stacks; webdyno compare measures a server that already runs"
        raise UsageError(f"{parsed.stack} already runs, and only what webdyno starts can be taken apart", remedy)
    if parsed.stack.is_import_string:
        raise UsageError(
            f"{parsed.stack.app} is your own app, and only reference apps can be taken apart",
            "explain two reference stacks on the same servers; webdyno compare measures your app",
        )
    resolved = resolve(parsed)
    upto = dict(_upto(parsed.stack, resolved))
    for notation in upto.values():
        try:
            resolve(parse_notation(notation))
        except NotationError as error:
            raise UsageError(
                f"{parsed.stack} cannot be taken apart: no app without a framework runs on {resolved.server.name}",
                "choose a server that serves WSGI or ASGI: webdyno list servers",
            ) from error
    return Layered(str(parsed.stack), {layer: upto[layer] for layer in LAYERS if layer in upto})


def explainable(run: Run) -> tuple[Layered, Layered] | None:
    """Which two stacks of a run can be explained, since all that they are made of was measured as well.

    The first is the baseline, the other that which is made of most layers. None where there are no two, where one is a
    part of the other or both are nothing but a server, and where throughput was not asked for.
    """
    plan = run.experiment
    if plan.workload != HELLO or plan.duet or "throughput" not in (plan.metrics or ("throughput",)):
        return None
    sides = [side for record in run.stacks if (side := _measured(record, plan.stacks))]
    first = next((side for side in sides if side.stack == plan.baseline), None)
    others = [side for side in sides if first and not _nested(first, side) and len(first.upto) + len(side.upto) > 2]
    return (first, max(others, key=lambda side: len(side.upto))) if first and others else None


def _measured(record: StackRecord, stacks: Sequence[str]) -> Layered | None:
    """The stack taken apart, where everything below it is among the stacks."""
    try:
        side = layered(parse_notation(record.notation))
    except (NotationError, UsageError):
        return None
    return side if set(side.upto.values()) <= set(stacks) else None


def _nested(one: Layered, other: Layered) -> bool:
    """Whether they are the same, or one is a part of the other."""
    return one.stack in other.upto.values() or other.stack in one.upto.values()


def _upto(stack: Stack, resolved: Resolved) -> Iterator[tuple[Layer, str]]:
    assert resolved.app
    server = stack.server or find_interface(resolved.interface).server
    bare = {"app_version": None, "server": server}
    settings = tuple((key, value) for key, value in stack.options if key not in ("wrap", "handler", "with"))
    yield "server", str(stack.model_copy(update={**bare, "app": f"bare-{resolved.served_as}", "options": settings}))
    if resolved.wrapper:
        wrapped = (*settings, ("wrap", stack.option("wrap") or ""))
        yield "wrapper", str(stack.model_copy(update={**bare, "app": "bare-wsgi", "options": wrapped}))
    if resolved.app.package is None:
        return
    both = resolved.interface != "wsgi" and resolved.app.both_handlers and stack.option("handler") != "sync"
    alone = stack.model_copy(update={"options": tuple(one for one in stack.options if one[0] != "with")})
    by_def = tuple(one for one in alone.options if one[0] != "handler")
    yield "framework", str(alone.model_copy(update={"options": (*by_def, ("handler", "sync"))})) if both else str(alone)
    if both:
        yield "handler", str(alone)
    if resolved.parts:
        yield "parts", str(stack)
