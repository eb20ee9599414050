"""One load in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from ...analysis.load.analyse_load import LoadAnalysis, measured_load
from ...model.fact import fact
from ...model.load_run import LoadRun
from ...model.trial import DriverRecord, FailureKind, LoadFigures
from ...texts.catalogue import told
from ...units import format_bytes, format_duration, format_number, format_percent, format_rate, printable
from ..lines import wrapped
from .bars import bar, bins, sparkline
from .comparison import SideBySide

WIDTH, WIDEST = 80, 100
ABSENT = "-"
HISTOGRAM_ROWS = 10
BAR_WIDTH = 40
# Below it nobody would do anything about it.
RENDERING_SHOWN = 0.005
FROM = {
    "response time": "from the moment each request was due to its last byte",
    "service time": "from the send of each request to its last byte",
}
_MOST_SAMPLES = 4


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
    over = f" over {run.unix_socket}" if run.unix_socket else ""
    yield from _lines(f"{run.title}{over}", width, style="bold")
    window, body = run.window, f", body of {format_bytes(run.body_bytes)}" if run.body_bytes else ""
    # It lasts until the load is steady.
    warmup_s = window.warmup_s and max(window.warmup_s, run.result.warmup_s or 0)
    warmup = f" after {format_duration(warmup_s)} of warm-up" if warmup_s else ", no warm-up"
    yield from _lines(f"{run.load}; {format_duration(window.duration_s)}{warmup}{body}", width, style="dim")


def _counts(run: LoadRun, analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    result, errors = run.result, analysis.errors
    yield Text()
    yield Text(f"{'requests/s':<13}{format_number(analysis.throughput):>12}", "bold").append(
        "  right answers in the window", "not bold dim"
    )
    asked = (
        f"  of {format_number(result.scheduled / result.window_s)}/s that were due" if run.load.kind == "open" else ""
    )
    right = f"status {run.expected_status}" if run.expected_status else "as their steps expect"
    yield Text(f"{'right':<13}{result.ok:>12,}  {right}{asked}")
    share = f"  {format_percent(errors.rate)} of the requests" if errors.failed else ""
    yield Text(f"{'errors':<13}{errors.failed:>12,}{share}", "red" if errors.failed else "")
    kinds = [
        f"{count:,} {told(fact(f'cause.{kind}'))}{_took(analysis, kind)}"
        for kind, count in errors.failures.items()
        if count
    ]
    kinds += [f"{errors.dropped:,} given up, because too many were waiting"] if errors.dropped else []
    others = [f"{s}: {n:,}" for s, n in sorted(errors.statuses.items()) if s != run.expected_status]
    of = "" if run.expected_status else "of all answers "
    kinds += [f"statuses {of}{', '.join(others)}"] if others and errors.failed else []
    for kind in kinds:
        yield from _lines(f"{'':27}{kind}", width, indent=" " * 27)
    details = dict.fromkeys(sample.detail for sample in errors.samples)
    for detail in list(details)[:_MOST_SAMPLES]:
        yield from _lines(f"{'':27}such as: {detail}", width, indent=" " * 27, style="dim")
    if result.unfinished:
        yield Text(f"{'unfinished':<13}{result.unfinished:>12,}  still under way at the end")


def _took(analysis: LoadAnalysis, kind: FailureKind) -> str:
    """How long failures of a kind took; of those that timed out it is known anyway, and some took no time at all."""
    times = next((times for times in analysis.failed if times.kind == kind), None)
    if kind == "timeout" or times is None or not times.p50:
        return ""
    p99 = f", p99 {format_duration(times.p99 / 1e3)}" if times.p99 is not None else ""
    return f", after p50 {format_duration(times.p50 / 1e3)}{p99}"


def _latency(run: LoadRun, analysis: LoadAnalysis, width: int, *, blocks: bool) -> Iterator[Text]:
    latency = analysis.latency
    yield Text()
    yield Text.assemble((f"{latency.kind}, ms", "bold"), (f"  {FROM[latency.kind]}", "dim"))
    names = ("p50", "p75", "p90", "p95", "p99", "p99.9", "max", "mean")
    yield Text("".join(f"{name:>9}" for name in names), "dim")
    yield Text("".join(f"{_ms(getattr(latency, name.replace('.', ''))):>9}" for name in names), "bold")
    if latency.unanswered:
        text = f"{latency.unanswered:,} requests without an answer in time rank above every answered one"
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
    heads = f"{'requests/s':>12}{'errors':>10}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}"
    yield Text.assemble((f"{'endpoint':<{room}}", "bold"), (heads, "dim"))
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
    ends = f"{format_number(min(rates))} to {format_rate(max(rates))}"
    yield (
        Text("right answers, each second  ")
        .append(sparkline(rates, blocks=blocks, width=room), "cyan")
        .append(f"  {ends}" if len(rates) <= room - len(ends) + 10 else "")
    )
    slow = [second.p99_us for second in whole]
    known = [value for value in slow if value is not None]
    if known:
        ends = f"{format_duration(min(known) / 1e6)} to {format_duration(max(known) / 1e6)}"
        yield (
            Text("p99 of them                 ")
            .append(sparkline(slow, blocks=blocks, width=room), "cyan")
            .append(f"  {ends}" if len(slow) <= room - len(ends) + 10 else "")
        )


def _conditions(run: LoadRun, analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    result, lag, system = run.result, analysis.lag, run.system
    yield Text()
    if run.load.kind == "open" and lag.p99 is not None:
        whole = f"p50 {_ms(lag.p50)}  p99 {_ms(lag.p99)}  max {_ms(lag.max)}"
        late = f"; the generator's own part: p99 {_ms(lag.late_p99)}"
        waited = f"; waiting for a connection: p99 {_ms(lag.waited_p99)}" if lag.waited_p99 is not None else ""
        yield from _named("lag, ms", f"{whole}{late}{waited}", width)
    yield from _named("connections", _connections(run), width)
    if result.bytes_in is not None:
        per_s = format_bytes(result.bytes_in / result.window_s)
        yield from _named("received", f"{format_bytes(result.bytes_in)}, {per_s}/s", width)
    yield from _named("generator", _generator(result), width)
    if system:
        steal = f", steal {format_percent(system.steal_percent / 100)}" if system.steal_percent is not None else ""
        yield from _named("machine", f"{format_percent(system.cpu_percent / 100)} busy{steal}", width)


def _connections(run: LoadRun) -> str:
    result, carries = run.result, run.requests_per_connection
    most = f"at most {run.load.connections:,}"
    opened = "" if result.connects is None else f"{result.connects:,} opened in the window"
    if not run.keep_alive:
        return f"{most}; a new one for every request{opened and ', '}{opened}"
    limit = f", {carries:,} requests each" if carries else ""
    again = f", {result.reconnects:,} of them because the server had closed one" if result.reconnects else ""
    return f"{most}{limit}{opened and '; '}{opened}{again}"


def _generator(result: LoadFigures) -> str:
    engine, driver = result.engine, result.driver
    name = "" if driver == DriverRecord() else f"{driver.name} {driver.version}, "
    if engine is None:
        return f"{name}which does not tell what it used"
    several = f"{engine.processes} processes, of which the busiest used " if engine.processes > 1 else ""
    spinning = " (it spins while it waits)" if engine.spinning else ""
    rendering = engine.render_s / result.window_s
    filling = f", {format_percent(rendering)} to fill in templates" if rendering >= RENDERING_SHOWN else ""
    use = f"{format_percent(engine.cpu_s / result.window_s)} of a core{spinning}{filling}"
    gap = "" if engine.loop_gap_max_s is None else f", longest stand-still {format_duration(engine.loop_gap_max_s)}"
    return f"{name}{several}{use}{gap}"


def _thresholds(analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    if analysis.thresholds:
        yield Text()
    for outcome in analysis.thresholds:
        mark, style = ("met", "green") if outcome.met else ("MISSED", "bold red")
        value = outcome.value or f"not known: {outcome.why}"
        yield from _named(mark, f"{outcome.text}  {value}", width, style=style)


def _compared(comparison: SideBySide | None, width: int) -> Iterator[Text]:
    if comparison is None:
        return
    yield Text()
    yield from _lines(f"beside {comparison.name}", width, style="bold")
    yield Text(f"{'':<24}{'now':>14}{'earlier':>14}{'ratio':>10}", "dim")
    for row in comparison.rows:
        yield Text(f"{row.name:<24}{row.now:>14}{row.earlier:>14}{row.ratio:>10}")
    for remark in comparison.remarks:
        yield from _lines(f"* {remark}", width, indent="  ")


def _reasons(analysis: LoadAnalysis, width: int) -> Iterator[Text]:
    yield Text()
    if not analysis.reasons:
        yield Text("valid: nothing speaks against this measurement", "green")
    for reason in sorted(analysis.reasons, key=lambda reason: reason.severity != "invalid"):
        mark, style = ("NOT VALID", "bold red") if reason.severity == "invalid" else ("care", "yellow")
        yield from _named(mark, reason.sentence, width, style=style)
        if reason.remedy:
            yield from _lines(f"{'':13}-> {reason.remedy}", width, indent=" " * 16, style="dim")


def _named(name: str, text: str, width: int, *, style: str = "") -> Iterator[Text]:
    for at, line in enumerate(_lines(f"{name:<13}{text}", width, indent=" " * 13)):
        if at == 0:
            line.stylize(style, 0, len(name))
        yield line


def _lines(text: str, width: int, *, indent: str = "", style: str = "") -> Sequence[Text]:
    return [Text(line, style) for line in wrapped(printable(text), width, indent)]


def _ms(value: float | None) -> str:
    return ABSENT if value is None else format_number(value)
