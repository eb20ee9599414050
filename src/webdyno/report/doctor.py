"""What `webdyno doctor` found, in a terminal of 80 columns; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from ..analysis.comparison.statements import ratio_text
from ..analysis.machine.check import Check, State
from ..analysis.machine.fitness import Same
from ..analysis.machine.sameness import LEAST_BLOCKS
from ..analysis.statistics.estimates import DEFAULT_MARGIN
from ..model.fact import fact
from ..model.floor import MarginFloor
from ..model.run import HostFacts
from ..texts.catalogue import told
from ..units import format_duration, format_percent, printable
from .lines import WIDEST, WIDTH, wrapped

_STYLES: dict[State, str] = {"ok": "green", "care": "yellow", "bad": "bold red", "unknown": "cyan"}
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
    remedies: set[str] = set()
    for check in checks:
        # A remedy that several checks share is told with the first.
        lines += _check(check, width, check.remedy if check.remedy not in remedies else "")
        remedies.add(check.remedy)
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
    took = format_duration(same.measured_s)
    blocks = f"{same.blocks} block{'s' if same.blocks != 1 else ''}"
    title = f"{printable(same.stack)} against itself, {blocks} in {took}"
    lines = [Text(), *(Text(line, "bold") for line in wrapped(title, width))]
    floor = same.floor
    if same.verdicts:
        lines.append(Text(f"{'':24}{'ratio of the two':<40}{'can be seen' if floor else ''}".rstrip(), "dim"))
    for verdict in same.verdicts:
        smallest = floor.differences.get(verdict.metric) if floor else None
        limit = "" if smallest is None else f"from {format_percent(smallest)} on"
        lines.append(
            Text(f"  {told(fact(f'metric.{verdict.metric}')):<22}{ratio_text(verdict.ratio):<40}{limit}".rstrip())
        )
    remedies = dict.fromkeys(reason.remedy for reason in same.reasons if reason.remedy)
    for reason in same.reasons:
        lines += [Text(line, "yellow") for line in wrapped(f"  {printable(reason.sentence)}", width, "  ")]
    for remedy in remedies:
        lines += [Text(line, "dim") for line in wrapped(f"  -> {printable(remedy)}", width, " " * 5)]
    lines.append(Text())
    lines += [Text(line, "bold") for line in wrapped(smallest_sentence(same), width)]
    lines += [Text(line) for line in wrapped(_margins(floor, kept), width)] if floor else []
    return Group(*lines)


def smallest_sentence(same: Same) -> str:
    """The one line that it all comes to."""
    if same.floor is None:
        valid = next((one.ratio.blocks for one in same.verdicts if one.metric == "throughput"), 0)
        why = f"it takes {LEAST_BLOCKS} valid blocks (valid: {valid} of {same.blocks})"
        why = "it was interrupted" if same.interrupted else why
        return f"The smallest difference that can be seen here is not known: {why}."
    x = format_percent(same.floor.differences["throughput"])
    minutes = format_duration(same.floor.seconds).replace(" min", " minutes")
    return f"The smallest difference that can be seen here in {minutes} is about {x}."


def _margins(floor: MarginFloor, kept: str) -> str:
    raised = [
        f"{told(fact(f'metric.{metric}'))} {format_percent(value)}"
        for metric, value in floor.differences.items()
        if value > DEFAULT_MARGIN
    ]
    margin = format_percent(DEFAULT_MARGIN)
    where = f" (kept in {printable(kept)})" if kept else ""
    if not raised:
        return f"What webdyno compare takes for no difference stays at {margin} here{where}."
    return f"What webdyno compare takes for no difference is raised from {margin} here: {', '.join(raised)}{where}."
