"""One load in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from ...analysis.load.analyse_load import LoadAnalysis, measured_load
from ...model.fact import fact
from ...model.load_run import LoadRun
from ...texts.catalogue import told
from ...units import format_number, format_percent, printable
from ..lines import WIDEST, WIDTH, wrapped
from .bars import bar, bins, sparkline
from .comparison import SideBySide
from .load_facts import (
    asked,
    connections,
    from_when,
    generator,
    how,
    kind_of_time,
    machine,
    received,
    right,
    samples,
    what_failed,
)

ABSENT = "-"
HISTOGRAM_ROWS = 10
BAR_WIDTH = 40


def render(
    run: LoadRun,
    analysis: LoadAnalysis,
    comparison: SideBySide | None = None,
    *,
    width: int = WIDTH,
    blocks: bool = True,
) -> Group:
    """Build what `rich.console.Console.print` shows.

    Args:
        run: what was measured.
        analysis: what it says.
        comparison: the same beside an earlier one.
        width: of the terminal; text is wrapped to it, at most to 100.
        blocks: draw with Unicode's block characters; False for terminals whose encoding has none.
    """
    width = min(width, WIDEST)
    return Group(
        *_title(run, width),
        *_counts(run, analysis, width),
        *_latency(run, analysis, width, blocks=blocks),
        *_endpoints(analysis, width),
        *_course(run, width, blocks=blocks),
        *_conditions(run, analysis, width),
        *_thresholds(analysis, width),
        *_compared(comparison, width),
        *_reasons(analysis, width),
    )


def _title(run: LoadRun, width: int) -> Iterator[Text]:
    yield from _lines(told(asked(run)), width, style="bold")
    yield from _lines(told(how(run)), width, style="dim")


def _counts(run: LoadRun, analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    result, errors = run.result, analysis.errors
    yield Text()
    rate = Text(f"{_label('rate'):<13}{format_number(analysis.throughput):>12}", "bold")
    yield rate.append(f"  {told(fact('load.in-window'))}", "not bold dim")
    yield Text("  ".join((f"{_label('ok'):<13}{result.ok:>12,}", *map(told, right(run)))))
    share = f"  {told(fact('load.error-share', share=errors.rate))}" if errors.failed else ""
    yield Text(f"{_label('errors'):<13}{errors.failed:>12,}{share}", "red" if errors.failed else "")
    for what in what_failed(run, analysis):
        yield from _lines(f"{'':27}{told(what)}", width, indent=" " * 27)
    for sample in samples(errors):
        yield from _lines(f"{'':27}{told(sample)}", width, indent=" " * 27, style="dim")
    if result.unfinished:
        yield Text(f"{_label('unfinished'):<13}{result.unfinished:>12,}  {told(fact('load.unfinished'))}")


def _latency(run: LoadRun, analysis: LoadAnalysis, width: int, *, blocks: bool) -> Iterator[Text]:
    latency = analysis.latency
    yield Text()
    kind, when = told(kind_of_time(latency.kind)), told(from_when(latency.kind))
    yield Text.assemble((f"{kind}, ms", "bold"), (f"  {when}", "dim"))
    names = ("p50", "p75", "p90", "p95", "p99", "p99.9", "max", "mean")
    yield Text("".join(f"{name:>9}" for name in names), "dim")
    yield Text("".join(f"{_ms(getattr(latency, name.replace('.', ''))):>9}" for name in names), "bold")
    if latency.unanswered:
        text = told(fact("load.ranked-last", count=latency.unanswered))
        yield from _lines(f"  {text}", width, indent="  ", style="yellow")
    rows = bins(measured_load(run).times.answered, HISTOGRAM_ROWS)
    if not rows:
        return
    yield Text()
    top = max(row.answers for row in rows)
    for row in rows:
        drawn = bar(row.answers / top, BAR_WIDTH, blocks=blocks)
        share = format_percent(row.answers / latency.count) if row.answers else ""
        line = Text(f"  <= {format_number(row.upper_ms):>8} ms  ").append(f"{drawn:<{BAR_WIDTH}}", "cyan")
        yield line.append(f"{row.answers:>13,}").append(f"{share:>8}".rstrip(), "dim")


def _endpoints(analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    if not analysis.endpoints:
        return
    room = max(width - 54, 20)
    yield Text()
    heads = f"{_label('rate'):>12}{_label('errors'):>10}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}"
    yield Text.assemble((f"{_label('endpoint'):<{room}}", "bold"), (heads, "dim"))
    for one in analysis.endpoints:
        name = printable(one.name)
        name = name if len(name) < room else name[: room - 4] + "..."
        failed = sum(one.failures.values()) + one.dropped
        times = f"{_ms(one.latency.p50):>10}{_ms(one.latency.p99):>10}{_ms(one.latency.max):>10}"
        errors = (f"{failed:>10,}", "red" if failed else "")
        yield Text.assemble(f"{name:<{room}}{format_number(one.throughput):>12}", errors, times)


def _course(run: LoadRun, width: int, *, blocks: bool) -> Iterator[Text]:
    seconds = run.result.series
    if len(seconds) < 3:
        return
    # The last second of the window may be a shorter one, which would look like a drop.
    whole = seconds[: max(int(run.result.window_s), 1)]
    rates = [float(second.ok) for second in whole]
    room = width - 40
    yield Text()
    ends = told(fact("load.range", least=min(rates), most=max(rates)))
    yield _spark(_label("each-second"), sparkline(rates, blocks=blocks, width=room), ends, room)
    slow = [second.p99_us for second in whole]
    known = [value for value in slow if value is not None]
    if known:
        ends = told(fact("load.range.times", least_s=min(known) / 1e6, most_s=max(known) / 1e6))
        yield _spark(_label("their-p99"), sparkline(slow, blocks=blocks, width=room), ends, room)


def _spark(label: str, line: str, ends: str, room: int) -> Text:
    """One line over the seconds, and between which figures it goes where there is room to say so."""
    shown = Text(f"{label:<28}").append(line, "cyan")
    return shown.append(f"  {ends}" if len(line) <= room - len(ends) + 10 else "")


def _conditions(run: LoadRun, analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    result, lag, system = run.result, analysis.lag, run.system
    yield Text()
    if run.load.kind == "open" and lag.p99 is not None:
        p50, p99, longest, late = map(_ms, (lag.p50, lag.p99, lag.max, lag.late_p99))
        what = fact("load.lag", p50=p50, p99=p99, longest=longest, late=late)
        if lag.waited_p99 is not None:
            what = fact("load.lag.waited", lag=what, waited=_ms(lag.waited_p99))
        yield from _named(_label("lag"), told(what), width)
    yield from _named(_label("connections"), told(connections(run)), width)
    if result.bytes_in is not None:
        yield from _named(_label("received"), told(received(result.bytes_in, result.window_s)), width)
    yield from _named(_label("generator"), told(generator(result)), width)
    if system:
        yield from _named(_label("machine"), told(machine(system)), width)


def _thresholds(analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    if analysis.thresholds:
        yield Text()
    for outcome in analysis.thresholds:
        mark, style = (_label("met"), "green") if outcome.met else (_label("missed"), "bold red")
        value = outcome.value or (told(fact("threshold.unknown", why=outcome.what)) if outcome.what else "")
        yield from _named(mark, f"{outcome.text}  {value}", width, style=style)


def _compared(comparison: SideBySide | None, width: int) -> Iterator[Text]:
    if comparison is None:
        return
    yield Text()
    yield from _lines(told(comparison.title), width, style="bold")
    yield Text(f"{'':<24}{_label('now'):>14}{_label('earlier'):>14}{_label('ratio'):>10}", "dim")
    for row in comparison.rows:
        yield Text(f"{row.name:<24}{row.now:>14}{row.earlier:>14}{row.ratio:>10}")
    for remark in comparison.remarks:
        yield from _lines(f"* {told(remark)}", width, indent="  ")


def _reasons(analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    yield Text()
    if not analysis.reasons:
        yield Text(told(fact("load.valid")), "green")
    for reason in sorted(analysis.reasons, key=lambda reason: reason.severity != "invalid"):
        style = "bold red" if reason.severity == "invalid" else "yellow"
        mark = _label(reason.severity)
        yield from _named(mark, reason.sentence, width, style=style)
        if reason.remedy:
            yield from _lines(f"{'':13}-> {reason.remedy}", width, indent=" " * 16, style="dim")


def _label(name: str) -> str:
    return told(fact(f"load.label.{name}"))


def _named(name: str, text: str, width: int, *, style: str = "") -> Iterator[Text]:
    for at, line in enumerate(_lines(f"{name:<13}{text}", width, indent=" " * 13)):
        if at == 0:
            line.stylize(style, 0, len(name))
        yield line


def _lines(text: str, width: int, *, indent: str = "", style: str = "") -> Sequence[Text]:
    return [Text(line, style) for line in wrapped(printable(text), width, indent)]


def _ms(value: float | None) -> str:
    return ABSENT if value is None else format_number(value)
