"""Results in a terminal of 80 columns: table, verdicts, what needs care, how it was measured; ASCII throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from ...analysis.comparison.analysis import Analysis
from ...model.fact import fact
from ...model.run import Run
from ...texts.catalogue import told
from ...units import printable
from ..lines import WIDEST, WIDTH, wrapped
from .explain import explanation_lines
from .happened import happened
from .view import NumberedNote, StackRow, View, view

OUTPUT_LINES = 4


def render(
    run: Run,
    analysis: Analysis,
    *,
    width: int = WIDTH,
    colour: bool = True,
    stored: str = "",
    continued_by: Sequence[str] = (),
    verbose: bool = False,
) -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        run: the measurements.
        analysis: what they say.
        width: of the terminal; text is wrapped to it, at most to 100. The table needs 78.
        colour: False leaves out every style; a console that writes to no terminal drops them anyway.
        stored: where the results are kept, said last; empty: left out.
        continued_by: what adds blocks to the run, as arguments; empty where no store has it.
        verbose: say what happened in the blocks, where they differ much.
    """
    shown, width = view(run, analysis, continued_by=continued_by), min(width, WIDEST)
    lines = [
        *_headline(shown, width),
        Text(shown.title, "bold"),
        *_table(shown, width),
        *_verdicts(shown.sentences, width),
        *_explanation(analysis, width),
        *_notes(shown.notes, width),
        *(_happened(analysis, width) if verbose else ()),
        *_last_outputs(run, analysis, width),
        *_facts((*shown.facts, *([f"results: {stored}"] if stored else [])), width),
    ]
    return Group(*(lines if colour else map(_plain, lines)))


def _plain(line: Text) -> Text:
    return Text(line.plain, no_wrap=line.no_wrap, overflow=line.overflow)


def _headline(shown: View, width: int) -> Iterator[Text]:
    yield from (Text(line, "bold") for line in wrapped(shown.headline, width))
    yield from (Text(line, "yellow") for line in wrapped(shown.still_open, width) if shown.still_open)
    if shown.command:
        # Never wrapped: it is to be copied.
        yield Text(f"  {shown.command}", "cyan", no_wrap=True, overflow="ignore")
    yield Text()


def _table(shown: View, width: int) -> Iterator[Text]:
    yield Text()
    yield from (Text(line, "dim") for line in _head(shown))
    for row in shown.rows:
        yield from _row(row, width)
    if shown.legend:
        yield Text(f"  {shown.legend}", "dim")


def _head(shown: View) -> tuple[str, str, str]:
    """Three lines over `_figures`: the words of the times span the two columns of p50 and p99."""
    sure = f"{shown.level} CI"
    return (
        f"{'':34}{f'{shown.times}, ms':^18}{'server CPU':>11}{'peak':>7}",
        f"{'':34}{shown.times_at:^18}{'us per':>11}{'RSS':>7}",
        f"{'req/s':>10}{'ratio':>9}  {sure:<13}{'p50':>9}{'p99':>9}{'request':>11}{'MB':>7}{'errors':>8}",
    )


def _figures(row: StackRow) -> str:
    left = f"{row.throughput:>10}{row.ratio:>9}  {row.interval:<13}"
    return left + f"{row.p50:>9}{row.p99:>9}{row.cpu:>11}{row.rss:>7}{row.errors:>8}"


def _row(row: StackRow, width: int) -> Iterator[Text]:
    style = "bold" if row.ranked else "yellow"
    marks = "".join(f" [{number}]" for number in row.notes)
    indent = " " * (len(row.label) + 1)
    for at, line in enumerate(wrapped(f"{row.label} {row.notation}{marks}", width, indent)):
        text = Text(line, style)
        if at == 0:
            text.stylize("cyan", 0, len(row.label))
        yield text
    if row.ranked:
        yield Text(_figures(row))
    else:
        yield Text(f"{'not ranked':>12}{row.errors:>66}", style)


def _verdicts(sentences: Sequence[str], width: int) -> Iterator[Text]:
    if sentences:
        yield Text()
    for sentence in sentences:
        yield from (Text(line) for line in wrapped(f"* {sentence}", width, "  "))


def _explanation(analysis: Analysis, width: int) -> Iterator[Text]:
    if analysis.explanation:
        yield Text()
        yield from explanation_lines(analysis.explanation, width)


def _notes(notes: Sequence[NumberedNote], width: int) -> Iterator[Text]:
    if notes:
        yield Text()
    for note in notes:
        about = f"{', '.join(note.labels)}: " if note.labels else ""
        number = f"[{note.number}] "
        yield from (Text(line) for line in wrapped(f"{number}{about}{note.text}", width, " " * len(number)))
        if note.remedy:
            arrow = " " * len(number) + "-> "
            lines = wrapped(arrow + note.remedy, width, " " * len(arrow))
            yield from (Text(line, "dim") for line in lines)


def _happened(analysis: Analysis, width: int) -> Iterator[Text]:
    yield Text("\n" + told(fact("happened")), "bold")
    for what in happened(analysis):
        yield from (Text(line) for line in wrapped(f"- {printable(told(what))}", width, "  "))


def _last_outputs(run: Run, analysis: Analysis, width: int) -> Iterator[Text]:
    for stack in analysis.stacks:
        failed = [trial for trial in run.trials if trial.stack == stack.notation and trial.failure]
        if failed and failed[-1].server_output:
            yield Text("\n" + told(fact("server-output", stack=stack.label)))
            yield from (
                Text(f"  {printable(line)}"[:width], "dim") for line in failed[-1].server_output[-OUTPUT_LINES:]
            )


def _facts(facts: Sequence[str], width: int) -> Iterator[Text]:
    yield Text()
    for one in facts:
        yield from (Text(line, "dim") for line in wrapped(one, width, "  "))
