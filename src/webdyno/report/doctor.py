"""What `webdyno doctor` found, in a terminal of 80 columns; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from ..analysis.comparison.ratio_facts import ratio_text
from ..analysis.machine.check import Check, State
from ..analysis.machine.fitness import Same
from ..analysis.statistics.estimates import DEFAULT_MARGIN
from ..model.fact import Fact, fact
from ..model.floor import MarginFloor
from ..model.run import HostFacts
from ..texts.catalogue import told
from ..units import printable
from .lines import WIDEST, WIDTH, wrapped

_STYLES: dict[State, str] = {"ok": "green", "warning": "yellow", "bad": "bold red", "unknown": "cyan"}
_INDENT = " " * 21


def render_checks(host: HostFacts, checks: Sequence[Check], *, width: int = WIDTH) -> Group:
    """What is said of the machine: state, name, what was seen; where it matters also why, and what to do.

    Args:
        host: the machine.
        checks: in the order to be shown.
        width: of the terminal; text is wrapped to it, at most to 100.
    """
    width = min(width, WIDEST)
    names = (host.cpu_model or host.architecture, host.virtualisation, host.system, host.kernel)
    title = ", ".join(name for name in (*names, f"webdyno {host.webdyno}") if name)
    lines = [*(Text(line, "bold") for line in wrapped(printable(title), width, "  ")), Text()]
    given: list[Fact | None] = []
    for check in checks:
        # A remedy that several checks share is told with the first.
        lines += _check(check, width, "" if check.advice in given else check.remedy)
        given.append(check.advice)
    return Group(*lines, Text(), *(Text(line, "bold") for line in wrapped(_count(checks), width)))


def _check(check: Check, width: int, remedy: str) -> Iterator[Text]:
    seen, *rest = wrapped(f"{_INDENT}{printable(check.seen)}", width, _INDENT)
    yield Text(f"{check.state:<8}", _STYLES[check.state]).append(f"{check.name:<13}{seen.strip()}", "default not bold")
    yield from map(Text, rest)
    if check.matters:
        yield from (Text(line, "dim") for line in wrapped(f"{_INDENT}{check.matters}", width, _INDENT))
    if remedy:
        arrow = f"{_INDENT}-> "
        yield from (Text(line, "dim") for line in wrapped(arrow + remedy, width, " " * len(arrow)))


def _count(checks: Sequence[Check]) -> str:
    number = {state: sum(check.state == state for check in checks) for state in _STYLES}
    return ", ".join(f"{count} {state}" for state, count in number.items() if count) + f" of {len(checks)}"


def render_same(same: Same, *, width: int = WIDTH, kept: str = "") -> Group:
    """What a stack compared with itself says.

    Args:
        same: the comparison.
        width: as in `render_checks`.
        kept: where the floor of the margins is kept; empty: nowhere.
    """
    width = min(width, WIDEST)
    title = told(fact("same.title", stack=same.stack, blocks=same.blocks, took_s=same.measured_s))
    lines = [Text(), *(Text(line, "bold") for line in wrapped(printable(title), width))]
    floor = same.floor
    if same.verdicts:
        visible = told(fact("same.visible")) if floor else ""
        lines.append(Text(f"{'':24}{told(fact('same.ratio')):<40}{visible}".rstrip(), "dim"))
    for verdict in same.verdicts:
        smallest = floor.differences.get(verdict.metric) if floor else None
        limit = "" if smallest is None else told(fact("same.from", share=smallest))
        lines.append(
            Text(f"  {told(fact(f'metric.{verdict.metric}')):<22}{ratio_text(verdict.ratio):<40}{limit}".rstrip())
        )
    advices: list[Fact] = []
    for reason in same.reasons:
        lines += [Text(line, "yellow") for line in wrapped(f"  {printable(reason.sentence)}", width, "  ")]
        if reason.advice and reason.advice not in advices:
            advices.append(reason.advice)
    for advice in advices:
        lines += [Text(line, "dim") for line in wrapped(f"  -> {printable(told(advice))}", width, " " * 5)]
    lines.append(Text())
    lines += [Text(line, "bold") for line in wrapped(told(same.what), width)]
    lines += [Text(line) for line in wrapped(_margins(floor, kept), width)] if floor else []
    return Group(*lines)


def _margins(floor: MarginFloor, kept: str) -> str:
    raised = tuple(
        fact("same.raised.metric", metric=fact(f"metric.{metric}"), share=share)
        for metric, share in floor.differences.items()
        if share > DEFAULT_MARGIN
    )
    if raised and kept:
        what = fact("same.raised.kept", margin=DEFAULT_MARGIN, raised=raised, file=kept)
    elif raised:
        what = fact("same.raised", margin=DEFAULT_MARGIN, raised=raised)
    elif kept:
        what = fact("same.margin.kept", margin=DEFAULT_MARGIN, file=kept)
    else:
        what = fact("same.margin", margin=DEFAULT_MARGIN)
    return printable(told(what))
