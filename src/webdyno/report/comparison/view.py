"""One view of the results for every report in text: rows of formatted figures, notes by number, facts.

Every string is safe to print: control characters are written as escapes. Sentences are written in the style of the
format; of cells, what a format needs beyond that (Markdown's pipes) is its own business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, StackSummary
from ...analysis.comparison.ratio_facts import ends_text
from ...analysis.statistics.estimates import LEVEL
from ...analysis.statistics.percentiles import Percentiles
from ...analysis.validity.reason import ValidityReason
from ...model.fact import Fact, fact
from ...model.metric import Metric
from ...model.run import Run
from ...model.verdict import Verdict
from ...texts.catalogue import PLAIN, Style, as_shown, noted, numbers_of, told, without_numbers
from ...units import decimals_of, format_level, format_number, format_percent, printable
from .beside import beside
from .continued import continued
from .judged import judged
from .still_open import continue_command, headline, still_open
from .windows import windows

ABSENT = "-"
BASELINE = "baseline"
Say = Callable[[Fact], str]


class StackRow(NamedTuple):
    """One stack as text.

    Attributes:
        label, notation: how to refer to it.
        ranked: False for a stack without a valid trial at saturation.
        why_not: why it is not ranked; empty where it is.
        throughput: requests per second.
        ratio: to the baseline, with a mark where it is a tie (`~`), where it is not known which one has more (`?`), or
            whether by more than the margin (`*`); `interval`: the interval of the ratio.
        p50, p99: milliseconds.
        cpu: microseconds of server CPU per request.
        rss: peak in MB.
        errors: share of failed requests.
        notes: numbers of the notes that speak of it.
    """

    label: str
    notation: str
    ranked: bool
    why_not: str
    throughput: str
    ratio: str
    interval: str
    p50: str
    p99: str
    cpu: str
    rss: str
    errors: str
    notes: tuple[int, ...]


class NumberedNote(NamedTuple):
    """A reason of validity with its number.

    Attributes:
        number: from 1, in the order of the rows.
        labels: of the stacks that it speaks of; none: of the whole run.
        text: what happened and in which blocks.
        remedy: what to do; empty where there is nothing to do or an earlier note says the same.
    """

    number: int
    labels: tuple[str, ...]
    text: str
    remedy: str


class View(NamedTuple):
    """The results as text.

    Attributes:
        headline: what a reader needs first.
        still_open: what the run leaves open; `command`: what would decide it. Empty where there is nothing to do.
        title: what was asked.
        times, times_at: what `p50` and `p99` are, and under which load: `response time`, `at 1,640/s`.
        rows: best first, those not ranked last.
        level: of the intervals: `95 %`.
        legend: what the marks beside the figures mean; empty where there are none.
        sentences: the verdicts, but for the headline.
        notes: what needs care.
        facts: how it was measured.
    """

    headline: str
    still_open: str
    command: str
    title: str
    times: str
    times_at: str
    rows: tuple[StackRow, ...]
    level: str
    legend: str
    sentences: tuple[str, ...]
    notes: tuple[NumberedNote, ...]
    facts: tuple[str, ...]


def view(
    run: Run,
    analysis: Analysis,
    style: Style = PLAIN,
    names: Mapping[str, str] | None = None,
    continued_by: Sequence[str] = (),
) -> View:
    """Turn results into text, once for all formats.

    Args:
        run: what was measured.
        analysis: what it says.
        style: of the sentences.
        names: in place of the labels of stacks in the notes.
        continued_by: what adds blocks to the run, as arguments; empty where no store has it.
    """

    def say(what: Fact) -> str:
        return printable(told(what, style))

    stacks = analysis.best_first
    notes = _notes(stacks, analysis.reasons, names or {}, say)
    rows = tuple(_row(stack, run, analysis, notes, say) for stack in stacks)
    times, times_at = _times(run)
    left = still_open(analysis)
    return View(
        headline=say(headline(analysis).whole),
        still_open=say(left) if left else "",
        command=continue_command(run, analysis, continued_by),
        title=say(_title(run)),
        times=say(times),
        times_at=say(times_at),
        rows=rows,
        level=format_level(_level(analysis)),
        legend=say(fact("legend", parts=tuple(_legend(run.experiment.main_metric, analysis)))),
        sentences=tuple(say(statement.whole) for statement in analysis.statements[1:]),
        notes=notes,
        facts=(
            *map(say, (*_how_decided(run, analysis), *_how_measured(run), *map(beside, run.dependencies))),
            *(printable(noted(note, style)) for note in run.notes),
            say(_which_run(run)),
        ),
    )


def _row(stack: StackSummary, run: Run, analysis: Analysis, notes: Sequence[NumberedNote], say: Say) -> StackRow:
    times, verdict = stack.times, analysis.verdict(run.experiment.main_metric, stack.notation)
    return StackRow(
        label=stack.label,
        notation=printable(stack.notation),
        ranked=stack.valid,
        why_not="" if stack.valid else say(next(iter(stack.why_not), fact("no-valid-trial"))),
        throughput=format_number(stack.throughput.value) if stack.throughput else ABSENT,
        ratio=_ratio(stack, verdict, analysis),
        interval=ends_text(verdict.ratio) if verdict else "",
        p50=_milliseconds(times, "p50"),
        p99=_milliseconds(times, "p99"),
        cpu=format_number(stack.cpu_per_request_us.value) if stack.cpu_per_request_us else ABSENT,
        rss=format_number(stack.memory.rss_peak / 1e6) if stack.memory.rss_peak else ABSENT,
        errors=_errors(stack),
        notes=tuple(note.number for note in notes if stack.label in note.labels),
    )


def _errors(stack: StackSummary) -> str:
    if not stack.errors.requests:
        return ABSENT
    return format_percent(stack.errors.rate, unit="%") if stack.errors.failed else "0"


def _ratio(stack: StackSummary, verdict: Verdict | None, analysis: Analysis) -> str:
    if stack.notation == analysis.baseline and stack.valid:
        return BASELINE
    if verdict is None:
        return ABSENT
    value = verdict.ratio.value
    return f"{value:,.{min(decimals_of(value, 3), 4)}f}x{_mark(verdict)}"


def _mark(verdict: Verdict) -> str:
    if verdict.outcome == "tie":
        return "~"
    if verdict.direction is None:
        return "?"
    return "*" if verdict.size_is_open else ""


def _milliseconds(times: Percentiles | None, name: str) -> str:
    value = getattr(times, name) if times else None
    return ABSENT if value is None else format_number(value)


def _level(analysis: Analysis) -> float:
    levels = [one.ratio.interval.level for one in analysis.verdicts if one.ratio.interval]
    return levels[0] if levels else LEVEL


def _legend(metric: Metric, analysis: Analysis) -> Iterator[Fact]:
    shown = [one for one in analysis.verdicts if one.metric == metric and one.against == analysis.baseline]
    if tie := next((one for one in shown if one.outcome == "tie"), None):
        yield fact("legend.tie", margin=tie.margin)
    if any(_mark(one) == "?" for one in shown):
        yield fact("legend.undecided")
    if sizes := [one.margin for one in shown if one.size_is_open]:
        yield fact("legend.size", margin=max(sizes))
    if metric != "throughput" and analysis.verdicts:
        yield fact("legend.ratio", metric=fact(f"metric.{metric}"))


def _title(run: Run) -> Fact:
    plan = run.experiment
    workload, request, connections = plan.workload.name, plan.workload.request.line, plan.saturation.connections
    if plan.duet:
        return fact("asked.duet", workload=workload, request=request, connections=connections)
    if plan.rate is None:
        return fact("asked.in-turn", workload=workload, request=request, connections=connections)
    rate = plan.rate.rate
    return fact("asked.in-turn-and-rate", workload=workload, request=request, connections=connections, rate=rate)


def _times(run: Run) -> tuple[Fact, Fact]:
    if rate := run.experiment.rate:
        return fact("times.response"), fact("times.at-rate", rate=rate.rate)
    if run.experiment.duet:
        return fact("times.response"), fact("times.at-no-rate")
    return fact("times.service"), fact("times.at-saturation")


def _notes(
    stacks: Sequence[StackSummary], about_run: Sequence[ValidityReason], names: Mapping[str, str], say: Say
) -> tuple[NumberedNote, ...]:
    alike: dict[object, list[_Said]] = {}
    for stack in stacks:
        seen = set()
        for reason in stack.reasons:
            # A reason seen under both loads is told once.
            if (reason.name, reason.severity) in seen and reason.name != "unequal":
                continue
            seen.add((reason.name, reason.severity))
            what = _what(reason, stack)
            key = (reason.name, without_numbers(what), reason.advice and as_shown(reason.advice))
            alike.setdefault(key, []).append(_Said(reason, stack.label, what, _where(reason, stack)))
    found = [
        (several[0].reason, tuple(said.label for said in several), _most(several, names)) for several in alike.values()
    ]
    found += [(reason, (), reason.what) for reason in about_run]
    advices = [reason.advice for reason, _, _ in found]
    return tuple(
        # A remedy that several notes share is told with the first.
        NumberedNote(
            number=at + 1,
            labels=labels,
            text=say(what),
            remedy="" if reason.advice is None or reason.advice in advices[:at] else say(reason.advice),
        )
        for at, (reason, labels, what) in enumerate(found)
    )


class _Said(NamedTuple):
    """What is said of one stack, and of which blocks; None of all."""

    reason: ValidityReason
    label: str
    what: Fact
    where: Fact | None


def _most(several: Sequence[_Said], names: Mapping[str, str]) -> Fact:
    """One text for several stacks: the first one's, then of each other one the figures that differ between them."""
    first, *further = several
    what = fact("in-blocks", what=first.what, where=first.where) if first.where else first.what
    # Beside a first one of some blocks, one of all must say so.
    elsewhere = fact("blocks.all") if first.where else ""
    figures = [(*numbers_of(said.what), said.where or elsewhere) for said in several]
    differing = [at for at, column in enumerate(zip(*figures, strict=True)) if any(one != column[0] for one in column)]
    if not differing:
        return what
    others = tuple(
        fact("with-others.stack", stack=names.get(said.label, said.label), numbers=numbers)
        for said, own in zip(further, figures[1:], strict=True)
        if (numbers := tuple(own[at] for at in differing if own[at]))
    )
    return fact("with-others", what=what, others=others)


def _what(reason: ValidityReason, stack: StackSummary) -> Fact:
    what = reason.what
    if reason.name == "errors" and stack.errors.samples:
        what = fact("errors.sample", what=what, sample=_shortened(stack.errors.samples[0].detail))
    return what if reason.severity == "caution" or stack.valid is False else fact("excluded", what=what)


def _where(reason: ValidityReason, stack: StackSummary) -> Fact | None:
    if not reason.blocks or not set(reason.blocks) < {values.block for values in stack.blocks}:
        return None
    blocks = tuple(map(str, reason.blocks))
    return fact("blocks" if len(blocks) > 1 else "block", blocks=blocks)


def _shortened(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _how_decided(run: Run, analysis: Analysis) -> Iterator[Fact]:
    if analysis.verdicts:
        yield judged(analysis.verdicts)
    if run.experiment.precision is not None:
        yield fact("how.precision", precision=run.experiment.precision)
    if run.continuations:
        yield from continued(run, analysis.verdicts)
    elif run.experiment.looks:
        yield fact("how.quick" if run.experiment.quick else "how.looks", looks=tuple(map(str, run.experiment.looks)))


def _how_measured(run: Run) -> Iterator[Fact]:
    plan, host = run.experiment, run.host
    yield fact(
        "how.blocks",
        blocks=run.blocks_begun,
        seed=plan.seed,
        processes=_processes(run),
        windows=windows(run),
    )
    closed = fact("how.closed.duet" if plan.duet else "how.closed.and-rate" if plan.rate else "how.closed.only")
    if plan.driver == "own":
        yield fact("how.closed", figures=closed, load=plan.saturation.what)
    else:
        yield fact("how.closed.by", figures=closed, load=plan.saturation.what, driver=plan.driver)
    if plan.rate:
        yield fact("how.rate", load=plan.rate.what)
    yield fact(
        "how.machine",
        cpu=host.cpu_model or host.architecture,
        cores=host.cores,
        where=_where_run(run),
        memory=host.memory_bytes,
        python=host.python,
        webdyno=host.webdyno,
    )


def _processes(run: Run) -> Fact:
    match run.launches:
        case "all":
            return fact("how.processes.fresh")
        case "some":
            return fact("how.processes.some-fresh")
        case "none":
            return fact("how.processes.found")


def _where_run(run: Run) -> Fact:
    """Who had which CPUs."""
    server, load = (",".join(map(str, numbers)) for numbers in (run.cpus.server, run.cpus.load))
    if run.launches == "none":
        return fact("how.cpus.load", load=load)
    apart = fact("how.machine.apart" if run.cpus.apart else "how.machine.shared")
    return fact("how.cpus" if run.launches == "all" else "how.cpus.some", server=server, load=load, apart=apart)


def _which_run(run: Run) -> Fact:
    return fact("how.run", run=run.id, state=run.state, trials=len(run.trials), took_s=run.measured_s)
