"""One view of the results for every report in text: rows of formatted figures, notes by number, facts.

Every string is safe to print: control characters are written as escapes. What a format needs beyond that (Markdown's
pipes) is its own business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, StackSummary
from ...analysis.statistics.percentiles import Percentiles
from ...analysis.validity.reason import ValidityReason
from ...model.fact import Fact, fact
from ...model.metric import Metric
from ...model.run import Run
from ...model.verdict import Estimate, Outcome
from ...texts.catalogue import noted, numbers_of, told, without_numbers
from ...units import decimals_of, format_bytes, format_duration, format_number, format_percent, format_rate, printable

ABSENT = "-"
BASELINE = "baseline"
MARKS: dict[Outcome, str] = {"faster": "", "slower": "", "tie": "~", "undecided": "?"}


class StackRow(NamedTuple):
    """One stack as text.

    Attributes:
        label, notation: how to refer to it.
        ranked: False for a stack without a valid trial at saturation.
        why_not: why it is not ranked; empty where it is.
        throughput: requests per second; `spread`: half of its interval, such as `+-4 %`.
        ratio: to the baseline, with a mark where it is a tie (`~`) or undecided (`?`).
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
    spread: str
    ratio: str
    p50: str
    p99: str
    cpu: str
    rss: str
    errors: str
    notes: tuple[int, ...]


class Note(NamedTuple):
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
        title: what was asked.
        times: what `p50` and `p99` are and under which load, such as `response time at 1,640/s`.
        rows: best first, those not ranked last.
        legend: what the marks beside the figures mean; empty where there are none.
        sentences: the verdicts.
        notations: of all stacks, as they stand in the sentences.
        notes: what needs care.
        facts: how it was measured.
    """

    title: str
    times: str
    rows: tuple[StackRow, ...]
    legend: str
    sentences: tuple[str, ...]
    notations: tuple[str, ...]
    notes: tuple[Note, ...]
    facts: tuple[str, ...]


def view(run: Run, analysis: Analysis, names: Mapping[str, str] | None = None) -> View:
    """Turn results into text, once for all formats; `names` stand for the labels of stacks in the notes' texts."""
    stacks = sorted(analysis.stacks, key=lambda stack: (len(stack.label), stack.label))
    notes = _notes(stacks, analysis.reasons, names or {})
    rows = tuple(_row(stack, run, analysis, notes) for stack in stacks)
    return View(
        title=_title(run),
        times=_times(run),
        rows=rows,
        legend=_legend(run.experiment.main_metric, analysis, rows),
        sentences=tuple(map(printable, analysis.sentences)),
        notations=tuple(printable(stack.notation) for stack in stacks),
        notes=notes,
        facts=tuple(map(printable, (*_how_decided(run, analysis), *_facts(run)))),
    )


def _row(stack: StackSummary, run: Run, analysis: Analysis, notes: Sequence[Note]) -> StackRow:
    times = stack.response if run.experiment.rate else stack.saturation
    return StackRow(
        label=stack.label,
        notation=printable(stack.notation),
        ranked=stack.valid,
        why_not="" if stack.valid else printable(_why_not(stack)),
        throughput=format_number(stack.throughput.value) if stack.throughput else ABSENT,
        spread=_spread(stack.throughput),
        ratio=_ratio(stack, run.experiment.main_metric, analysis),
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
    return format_percent(stack.errors.rate).replace(" ", "") if stack.errors.failed else "0"


def _why_not(stack: StackSummary) -> str:
    return next((reason.sentence for reason in stack.reasons if reason.severity == "invalid"), "no valid trial")


def _spread(estimate: Estimate | None) -> str:
    if estimate is None or estimate.interval is None:
        return ""
    half = (estimate.interval.high - estimate.interval.low) / 2 / estimate.value
    return f"+-{format_percent(half)}".replace(" ", "")


def _ratio(stack: StackSummary, metric: Metric, analysis: Analysis) -> str:
    if stack.notation == analysis.baseline and stack.valid:
        return BASELINE
    verdict = analysis.verdict(metric, stack.notation)
    if verdict is None:
        return ABSENT
    value = verdict.ratio.value
    return f"{value:,.{min(decimals_of(value, 3), 4)}f}x{MARKS[verdict.outcome]}"


def _milliseconds(times: Percentiles | None, name: str) -> str:
    value = getattr(times, name) if times else None
    return ABSENT if value is None else format_number(value)


def _legend(metric: Metric, analysis: Analysis, rows: Sequence[StackRow]) -> str:
    of_ratio = (verdict for verdict in analysis.verdicts if verdict.metric == metric)
    margin = next((format_percent(verdict.margin) for verdict in of_ratio), "")
    marks = {"~": f"~ the same to within {margin}", "?": "? undecided"}
    shown = [text for mark, text in marks.items() if any(row.ratio.endswith(mark) for row in rows)]
    spread = ["+- the 95 % interval over blocks"] if any(row.spread for row in rows) else []
    other = [f"ratio: of the {told(fact(f'metric.{metric}'))}"] if metric != "throughput" and analysis.verdicts else []
    return "; ".join(spread + shown + other)


def _title(run: Run) -> str:
    plan = run.experiment
    text = f"{plan.workload.name} ({plan.workload.request.line}): "
    load = "duet, both at once with" if plan.duet else "saturation with"
    text += f"{load} {plan.saturation.connections} connections{' each' if plan.duet else ''}"
    return printable(text + (f", then {format_number(plan.rate.rate)} requests/s" if plan.rate else ""))


def _times(run: Run) -> str:
    rate = run.experiment.rate
    without = "response time at no common rate" if run.experiment.duet else "service time at saturation"
    return f"response time at {format_rate(rate.rate)}" if rate else without


def _notes(
    stacks: Sequence[StackSummary], about_run: Sequence[ValidityReason], names: Mapping[str, str]
) -> tuple[Note, ...]:
    alike: dict[object, list[_Said]] = {}
    for stack in stacks:
        seen = set()
        for reason in stack.reasons:
            # A reason seen under both loads is told once.
            if (reason.name, reason.severity) in seen and reason.name != "unequal":
                continue
            seen.add((reason.name, reason.severity))
            what = _what(reason, stack)
            key = (reason.name, without_numbers(what), reason.remedy)
            alike.setdefault(key, []).append(_Said(reason, stack.label, what, _where(reason, stack)))
    found = [
        (several[0].reason, tuple(said.label for said in several), _most(several, names)) for several in alike.values()
    ]
    found += [(reason, (), reason.sentence) for reason in about_run]
    remedies = [reason.remedy for reason, _, _ in found]
    return tuple(
        # A remedy that several notes share is told with the first.
        Note(
            number=at + 1,
            labels=labels,
            text=printable(text),
            remedy="" if reason.remedy in remedies[:at] else printable(reason.remedy),
        )
        for at, (reason, labels, text) in enumerate(found)
    )


class _Said(NamedTuple):
    """What is said of one stack, and of which blocks; None of all."""

    reason: ValidityReason
    label: str
    what: Fact
    where: Fact | None


def _most(several: Sequence[_Said], names: Mapping[str, str]) -> str:
    """One text for several stacks: as it is where all are the same, else the figures of each stack after the first."""
    first, *further = several
    text = told(fact("in-blocks", what=first.what, where=first.where)) if first.where else told(first.what)
    if all(_numbers(said) == _numbers(first) for said in further):
        return text
    others = (f"{names.get(said.label, said.label)}: {', '.join(_numbers(said))}" for said in further)
    return "; ".join((text, *others))


def _numbers(said: _Said) -> list[str]:
    return [*numbers_of(said.what), *([told(said.where)] if said.where else [])]


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


def _how_decided(run: Run, analysis: Analysis) -> Iterator[str]:
    if analysis.verdicts:
        first = analysis.verdicts[0]
        margins = sorted({one.margin for one in analysis.verdicts})
        margin = " to ".join(format_percent(bound) for bound in dict.fromkeys((margins[0], margins[-1])))
        together = f", {first.comparisons} comparisons judged together (Holm)" if first.comparisons > 1 else ""
        yield f"verdicts at 5 % with a margin of {margin}{together}"
    if run.experiment.precision is not None:
        yield f"blocks until every asked ratio is known to +-{format_percent(run.experiment.precision)}, or time is up"
    if run.experiment.looks:
        looks = " and ".join(map(str, run.experiment.looks))
        yield f"blocks until the limits were decided or time was up, looked at after {looks}"


def _facts(run: Run) -> Iterator[str]:
    window, host, cpus = run.experiment.window, run.host, run.cpus
    blocks = len({trial.block for trial in run.trials if trial.block})
    yield (
        f"{blocks} block{'s' if blocks != 1 else ''} in random order (seed {run.experiment.seed}), each stack started "
        f"afresh; {format_duration(window.duration_s)} windows after {format_duration(window.warmup_s)} of warm-up"
    )
    rate = run.experiment.rate
    at_saturation = "throughput and CPU" if rate else "throughput and CPU, service time"
    by = "" if run.experiment.driver == "own" else f", sent by {printable(run.experiment.driver)}"
    yield f"{'CPU' if run.experiment.duet else at_saturation}: {run.experiment.saturation}{by}"
    if rate:
        yield f"response time: {rate}, from the intended moment of each request"
    where = "apart" if cpus.apart else "shared"
    served, loaded = (",".join(map(str, numbers)) for numbers in (cpus.server, cpus.load))
    yield (
        f"{host.cpu_model or host.architecture}, {host.cores} core{'s' if host.cores != 1 else ''} "
        f"(servers on CPU {served}, load on CPU {loaded}: {where}), {format_bytes(host.memory_bytes)}, "
        f"{host.python}, webdyno {host.webdyno}"
    )
    yield from map(noted, run.notes)
    took = format_duration(run.measured_s)
    yield f"run {run.id}: {run.state}, {len(run.trials)} trials in {took}"
