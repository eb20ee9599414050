"""Results as Markdown for pull requests: table, verdicts, what needs care, how it was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...analysis.comparison.analysis import Analysis, Explanation
from ...analysis.comparison.ratio_facts import sure_ratio
from ...model.fact import fact
from ...model.run import Run
from ...texts.catalogue import Style, told
from ...units import printable
from .explain import interval_text, part_name, us
from .happened import happened
from .probe_findings import finding_rows
from .view import ABSENT, StackRow, View, view

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#!&$])")


def to_markdown(run: Run, analysis: Analysis, continued_by: Sequence[str] = ()) -> str:
    """The results as GitHub-flavoured Markdown, ending in a line break; arguments as of `view`."""
    style = _style(analysis)
    shown = view(run, analysis, style, continued_by=continued_by)
    parts = [
        f"### {shown.headline}",
        shown.still_open,
        f"```sh\n{shown.command}\n```" if shown.command else "",
        shown.title,
        "\n".join(_table(shown)),
        shown.legend,
        "\n".join(f"- {sentence}" for sentence in shown.sentences),
        "\n".join(_explanation(analysis.explanation, style)) if analysis.explanation else "",
        "\n".join(_notes(shown)),
        "\n".join(_happened(analysis, style)),
        "\n".join(_findings(run)),
        "\n".join(_facts(shown.facts)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(shown: View) -> Iterator[str]:
    heads = (
        "",
        "stack",
        "requests/s",
        "ratio",
        f"{shown.level} CI",
        f"p50 ms, {shown.times} {shown.times_at}",
        "p99 ms",
        "CPU us/request",
        "peak RSS MB",
    )
    yield table_line((*heads, "errors", "notes"))
    yield table_line((":-", ":-", *["-:"] * 8, ":-"))
    yield from (table_line(_cells(row)) for row in shown.rows)


def _cells(row: StackRow) -> Sequence[str]:
    load = row.throughput if row.ranked else "not ranked"
    figures = (load, row.ratio, row.interval, row.p50, row.p99, row.cpu, row.rss, row.errors)
    notes = " ".join(f"({number})" for number in row.notes)
    return (row.label, code(row.notation), *map(escaped, figures), notes)


def table_line(cells: Sequence[str]) -> str:
    """A row of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def _explanation(found: Explanation, style: Style) -> Iterator[str]:
    heads = [part_name(layer) for layer in found.factors]
    head = fact("explained.table", stack=found.stack, against=found.against, ratio=sure_ratio(found.ratio))
    yield told(head, style) + "\n"
    yield table_line(("", *heads, part_name("busy"), "all"))
    yield table_line((":-", *["-:"] * (len(heads) + 2)))
    factors = [*found.factors.values(), found.busy, found.ratio]
    yield table_line(
        ("factor, 95 % CI", *(escaped(f"{one.value:.3g}x {interval_text(one)}".strip()) for one in factors))
    )
    for cost in found.costs:
        parts = [escaped(us(cost.layers[layer])) if layer in cost.layers else ABSENT for layer in found.factors]
        yield table_line((code(printable(cost.stack)), *parts, "", escaped(us(cost.total))))


def _notes(shown: View) -> Iterator[str]:
    for note in shown.notes:
        about = f"{', '.join(note.labels)}: " if note.labels else ""
        remedy = f"; *{note.remedy}*" if note.remedy else ""
        yield f"{note.number}. {about}{note.text}{remedy}"


def _happened(analysis: Analysis, style: Style) -> Iterator[str]:
    if analysis.differences:
        yield f"<details><summary>{told(fact('happened'))}</summary>\n"
        yield from (f"- {printable(told(what, style))}" for what in happened(analysis))
        yield "\n</details>"


def _findings(run: Run) -> Iterator[str]:
    rows = finding_rows(run)
    if not rows:
        return
    yield f"<details><summary>{told(fact('probes'))}</summary>\n"
    yield table_line(("stack", "probe", "block", "phase", "found"))
    yield table_line((":-", ":-", "-:", ":-", ":-"))
    for row in rows:
        cells = code(printable(row.notation)), escaped(printable(row.probe)), str(row.block), row.phase
        yield table_line((*cells, code(row.found)))
    yield "\n</details>"


def _facts(facts: Sequence[str]) -> Iterator[str]:
    yield f"<details><summary>{told(fact('how'))}</summary>\n"
    yield from (f"- {one}" for one in facts)
    yield "\n</details>"


def _style(analysis: Analysis) -> Style:
    """Sentences with their stacks, and what they quote in backticks, as code."""
    notations = {stack.notation for stack in analysis.stacks}

    def name(text: str) -> str:
        return code(printable(text)) if text in notations else _prose(printable(text))

    return Style(words=_prose, name=name)


def _prose(text: str) -> str:
    pieces = re.split("(`[^`]*`)", text)
    return "".join(code(piece.strip("`")) if at % 2 else escaped(piece) for at, piece in enumerate(pieces))


def code(text: str) -> str:
    """A code span that also survives in a table, where a pipe must be escaped even inside code."""
    # Longer than any inside, so that no text ends it early.
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def escaped(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return _SPECIAL.sub(r"\\\1", text)
