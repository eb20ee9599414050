"""A gate told: in a terminal of 80 columns, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Group
from rich.text import Text

from ...analysis.comparison.analysis import Analysis
from ...analysis.gate.judge_gate import Change, Gate, GateOutcome, State
from ...analysis.statistics.estimates import LEVEL
from ...analysis.validity.reason import ValidityReason
from ...model.fact import Fact, fact
from ...model.metric import METRICS
from ...model.run import Run
from ...model.verdict import Estimate
from ...texts.catalogue import Style, noted, told
from ...units import format_change, format_level, format_limit, format_number, printable
from ..comparison.markdown import code, escaped, table_line
from ..comparison.view import ABSENT, View, view
from ..lines import WIDEST, WIDTH, wrapped

_ALARMS: tuple[State, ...] = ("regression", "inconclusive")
_STYLES: dict[GateOutcome, str] = {"regression": "bold red", "inconclusive": "bold yellow"}
Measured = Sequence[tuple[Run, Analysis]]


class GateRow(NamedTuple):
    """One metric as text; `limit` and `state` are empty where it has none. `alarms`: its state is to be seen."""

    metric: str
    base: str
    head: str
    change: str
    interval: str
    again: str
    limit: str
    state: str
    alarms: bool = False


class GateView(NamedTuple):
    """A gate as text, safe to print.

    Attributes:
        title: the outcome.
        sides: name and text of base and head.
        level: of the intervals: `95 %`.
        rows: the metrics, those with a limit first.
        sentences: what each limit comes to.
        notes: what needs care, with its remedy.
        facts: how it was measured.
    """

    title: str
    sides: tuple[tuple[str, str], ...]
    level: str
    rows: tuple[GateRow, ...]
    sentences: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]


def gate_view(gate: Gate, measured: Measured) -> GateView:
    """Turn a gate into text, once for all formats; `measured` are its one or two runs."""
    style = Style(name=_sides(gate))
    views = [view(run, _news(analysis, gate), style, _labels(gate, analysis)) for run, analysis in measured]
    measuring = (views[0].title, *views[0].facts, *(shown.facts[-1] for shown in views[1:]))
    return GateView(
        title=told(_title(gate)),
        sides=tuple((side.name, printable(side.text)) for side in (gate.base, gate.head)),
        level=_level(gate),
        rows=tuple(_row(change) for change in gate.changes if change.limit or change.base is not None or change.ratio),
        sentences=(
            *_unusable(gate, measured, views),
            *(change.sentence for change in gate.changes if change.limit),
        ),
        notes=(*((printable(noted(note)), "") for note in gate.notes), *_notes(gate, measured, views)),
        facts=(*measuring, *_packages(gate, measured)),
    )


def gate_terminal(gate: Gate, measured: Measured, *, width: int = WIDTH, stored: str = "") -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        gate: what was found.
        measured: its runs.
        width: of the terminal.
        stored: where the runs are kept, said last; empty: left out.
    """
    shown, width = gate_view(gate, measured), min(width, WIDEST)
    lines = [Text(shown.title, _STYLES.get(gate.outcome, "bold")), Text()]
    lines += [Text(line) for name, text in shown.sides for line in wrapped(f"{name}  {text}", width, " " * 6)]
    heads = GateRow("", "base", "head", "change", f"{shown.level} interval", "", "limit", "")
    lines += [Text(), Text(_fixed(heads), "dim"), *(Text(_fixed(row)) for row in shown.rows), Text()]
    lines += [Text(line) for sentence in shown.sentences for line in wrapped(f"* {sentence}", width, "  ")]
    for number, (note, remedy) in enumerate(shown.notes, 1):
        indent = " " * len(f"[{number}] ")
        lines += [Text(line) for line in wrapped(f"[{number}] {note}", width, indent)]
        lines += [Text(line, "dim") for line in wrapped(f"{indent}-> {remedy}", width, indent + "   ") if remedy]
    facts = (*shown.facts, *([f"results: {stored}"] if stored else []))
    lines += [Text(), *(Text(line, "dim") for fact in facts for line in wrapped(fact, width, "  "))]
    return Group(*lines)


def gate_markdown(gate: Gate, measured: Measured) -> str:
    """The gate as GitHub-flavoured Markdown, ending in a line break."""
    shown = gate_view(gate, measured)
    again = ("measured again",) if gate.confirmed else ()
    lines = [f"### {escaped(shown.title)}", "", *(f"- {name}: {code(text)}" for name, text in shown.sides), ""]
    lines.append(table_line(("", "base", "head", "change", f"{shown.level} interval", *again, "limit", "")))
    lines.append(table_line((":-", *["-:"] * (4 + len(again)), "-:", ":-")))
    for row in shown.rows:
        repeated = (row.again,) if gate.confirmed else ()
        cells = map(escaped, (row.metric, row.base, row.head, row.change, row.interval, *repeated, row.limit))
        lines.append(table_line((*cells, f"**{row.state}**" if row.alarms else row.state)))
    lines += ["", *(f"- {escaped(sentence)}" for sentence in shown.sentences)]
    if shown.notes:
        notes = ((escaped(note), f"; *{escaped(remedy)}*" if remedy else "") for note, remedy in shown.notes)
        lines += ["", *(f"{number}. {note}{remedy}" for number, (note, remedy) in enumerate(notes, 1))]
    lines += ["", f"<details><summary>{told(fact('how'))}</summary>", ""]
    lines += [*(f"- {escaped(one)}" for one in shown.facts), "", "</details>"]
    return "\n".join(lines) + "\n"


def failure_markdown(message: str, remedy: str) -> str:
    """A gate that could not be measured, as Markdown."""
    title = told(fact("gate.title", outcome=fact("gate.outcome.not measured")))
    lines = [f"### {escaped(title)}", "", escaped(printable(message))]
    return "\n".join([*lines, *(["", f"*{escaped(printable(remedy))}*"] if remedy else [])]) + "\n"


def _title(gate: Gate) -> Fact:
    outcome = fact(f"gate.outcome.{gate.outcome}")
    open_ones = sum(change.state == "inconclusive" for change in gate.changes)
    if open_ones and gate.outcome != "inconclusive":
        return fact("gate.title.open", outcome=outcome, count=open_ones)
    return fact("gate.title", outcome=outcome)


def _row(change: Change) -> GateRow:
    entry = METRICS[change.metric]
    values = [ABSENT if value is None else format_number(value / entry.divisor) for value in (change.base, change.head)]
    return GateRow(
        metric=f"{told(fact(f'metric.{change.metric}'))}, {entry.unit}",
        base=values[0],
        head=values[1],
        change=_change(change.ratio),
        interval=_interval(change.ratio),
        again=f"{_change(change.again)} ({_interval(change.again)})" if change.again else ABSENT,
        limit=format_limit(change.limit.change) if change.limit else "",
        state=told(fact(f"gate.state.{change.state}")) if change.limit else "",
        alarms=change.state in _ALARMS,
    )


def _change(ratio: Estimate | None) -> str:
    """How much more or less it is: `+5.2 %`."""
    return ABSENT if ratio is None else format_change(ratio.value - 1)


def _interval(ratio: Estimate | None) -> str:
    """The ends of its interval: `+1.2 to +9.5 %`."""
    if ratio is None or ratio.interval is None:
        return ABSENT
    return f"{format_change(ratio.interval.low - 1, unit='')} to {format_change(ratio.interval.high - 1)}"


def _fixed(row: GateRow) -> str:
    return f"{row.metric:<26}{row.base:>9}{row.head:>9}{row.change:>9}{row.interval:>18}{row.limit:>8}".rstrip()


def _level(gate: Gate) -> str:
    levels = [change.ratio.interval.level for change in gate.changes if change.ratio and change.ratio.interval]
    return format_level(levels[0] if levels else LEVEL)


def _unusable(gate: Gate, measured: Measured, views: Sequence[View]) -> Iterator[str]:
    for number, ((_, analysis), shown) in enumerate(zip(measured, views, strict=True)):
        names = _labels(gate, analysis)
        for row in shown.rows:
            if not row.ranked:
                side, why = names[row.label], row.why_not
                yield told(fact("gate.unusable.again" if number else "gate.unusable", side=side, why=why))


def _notes(gate: Gate, measured: Measured, views: Sequence[View]) -> Iterator[tuple[str, str]]:
    said = set()
    for number, ((_, analysis), shown) in enumerate(zip(measured, views, strict=True)):
        names = _labels(gate, analysis)
        for note in shown.notes:
            sides = tuple(dict.fromkeys(names[label] for label in note.labels))
            text = told(fact("gate.note.of", sides=sides, what=note.text)) if sides else note.text
            if text not in said:
                yield told(fact("gate.note.again", what=text)) if number else text, note.remedy
            said.add(text)


def _labels(gate: Gate, analysis: Analysis) -> dict[str, str]:
    """`base` and `head` by the label of a stack."""
    return {analysis.stack(side.stack).label: side.name for side in (gate.base, gate.head)}


def _news(analysis: Analysis, gate: Gate) -> Analysis:
    """Without what is no news of a side.

    Where ratios refer to another stack, a gate has none. The interpreter of a ref is that of its own environment, a
    temporary path, or told with the sides.
    """
    known = {"baseline-invalid", *(["interpreter"] if gate.head.commit else [])}

    def news(reasons: Sequence[ValidityReason]) -> tuple[ValidityReason, ...]:
        return tuple(reason for reason in reasons if reason.what.key not in known)

    stacks = tuple(stack.model_copy(update={"reasons": news(stack.reasons)}) for stack in analysis.stacks)
    # Limits are held against intervals: a gate has no verdicts, and corrects nothing.
    return analysis.model_copy(update={"reasons": news(analysis.reasons), "stacks": stacks, "verdicts": ()})


def _sides(gate: Gate) -> Callable[[str], str]:
    """Writes `base` and `head` in place of notations, which may hold long temporary paths."""
    names = {side.stack: side.name for side in (gate.base, gate.head)}
    return lambda text: names.get(text, text)


def _packages(gate: Gate, measured: Measured) -> Iterator[str]:
    installed = {record.notation: record.packages for record in measured[0][0].stacks}
    base, head = installed.get(gate.base.stack, {}), installed.get(gate.head.stack, {})
    if not gate.head.commit:
        return
    changed = [name for name in sorted(base.keys() | head.keys()) if base.get(name) != head.get(name)]
    none = fact("gate.packages.none")
    packages = tuple(
        fact("gate.packages.changed", package=name, base=base.get(name, none), head=head.get(name, none))
        for name in changed
    )
    what = fact("gate.packages.differ", packages=packages) if packages else fact("gate.packages.same")
    yield printable(told(what))
