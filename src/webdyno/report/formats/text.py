"""Text for a terminal, and for whoever reads a file in one."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...model.result_kind import ResultKind
from .format import Format

if TYPE_CHECKING:
    from rich.console import Group

    from ..result import ComparisonResult, DoctorResult, GateResult, LoadResult, Result


class Screen(NamedTuple):
    """What a text is made for.

    Attributes:
        width: columns.
        blocks: Unicode's block characters can be shown.
        stored: where the result is kept, said last; empty: left out.
        verbose: of a comparison, say what happened in its blocks.
    """

    width: int = 80
    blocks: bool = True
    stored: str = ""
    verbose: bool = False


def on_screen(result: Result, screen: Screen) -> Group:
    """What `rich.console.Console.print` shows of a result."""
    return _SHOWN[result.kind](result, screen)


def _comparison(result: ComparisonResult, screen: Screen) -> Group:
    from ..comparison.terminal import render

    return render(
        result.run,
        result.analysis,
        width=screen.width,
        stored=screen.stored,
        continued_by=result.continued_by,
        verbose=screen.verbose,
    )


def _gate(result: GateResult, screen: Screen) -> Group:
    from ..gate.tell import gate_terminal

    return gate_terminal(result.gate, result.seen, width=screen.width, stored=screen.stored)


def _load(result: LoadResult, screen: Screen) -> Group:
    from ..load.terminal import render

    return render(result.run, result.analysis, width=screen.width, blocks=screen.blocks)


def _doctor(result: DoctorResult, screen: Screen) -> Group:
    from rich.console import Group

    from ..doctor import render_checks, render_same

    found = result.fitness
    kept = str(result.kept or "")
    same = [render_same(found.same, width=screen.width, kept=kept)] if found.same else []
    return Group(render_checks(found.facts.host, found.checks, width=screen.width), *same)


def _plain(result: Result) -> str:
    from rich.console import Console

    screen = Screen()
    out = io.StringIO()
    console = Console(file=out, width=screen.width, highlight=False, color_system=None, force_terminal=False)
    console.print(on_screen(result, screen), crop=False)
    return out.getvalue()


_SHOWN: Mapping[ResultKind, Callable[[Any, Screen], Group]] = {
    "comparison": _comparison,
    "load": _load,
    "gate": _gate,
    "doctor": _doctor,
}
FORMAT = Format("text", "tables and sentences for a terminal", ".txt", dict.fromkeys(_SHOWN, _plain))
