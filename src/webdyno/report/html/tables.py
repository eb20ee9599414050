"""The rows of the page's tables, every figure already written out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, Explanation, StackSummary
from ...analysis.comparison.contrasts import part_fact
from ...analysis.failure_counts import ErrorCounts
from ...model.fact import fact
from ...model.layer import Layer
from ...model.metric import Metric
from ...model.run import Run
from ...model.verdict import Estimate, Verdict
from ...texts.catalogue import told
from ...units import format_bytes, format_number, format_percent
from ..comparison.explain import part_name, us
from .cells import NOT_MEASURED, interval, number, ratio
from .theme import COLOURS


class Cell(NamedTuple):
    """A figure and the smaller line under it."""

    figure: str
    under: str = ""


class Name(NamedTuple):
    """How a stack is named on the page; `colour` is the number of its CSS class."""

    label: str
    notation: str
    colour: int


class Ranked(NamedTuple):
    """One row of the ranking; `rank` is None for a stack that is not valid, and in a duet, which ranks nothing.

    `outcome` is what is known of its ratio: the key of a text, `outcome.` before it.
    """

    name: Name
    valid: bool
    rank: int | None
    baseline: bool
    throughput: Cell
    against: Cell
    outcome: str
    p50: Cell
    p99: Cell
    cpu: Cell
    memory: Cell
    errors: Cell
    cautions: int


class Contrasted(NamedTuple):
    """What one part is worth: two stacks that differ in nothing else."""

    part: str
    stack: Name
    against: Name
    ratio: Cell


def names(analysis: Analysis) -> dict[str, Name]:
    """Every stack by its notation, in the order of the ranking, which its colour follows."""
    return {
        stack.notation: Name(stack.label, stack.notation, index % COLOURS)
        for index, stack in enumerate(analysis.best_first)
    }


def ranking(run: Run, analysis: Analysis) -> list[Ranked]:
    """The main table: valid stacks by rank, then the others."""
    named = names(analysis)
    verdicts = {(v.stack, v.metric): v for v in analysis.verdicts if v.against == analysis.baseline}
    return [_ranked(run, analysis, stack, named[stack.notation], verdicts) for stack in analysis.best_first]


def _ranked(
    run: Run, analysis: Analysis, stack: StackSummary, name: Name, verdicts: dict[tuple[str, Metric], Verdict]
) -> Ranked:
    def times(metric: Metric) -> str:
        verdict = verdicts.get((stack.notation, metric))
        return ratio(verdict.ratio) if verdict else ""

    main = verdicts.get((stack.notation, run.experiment.main_metric))
    shown, memory = stack.times, stack.memory
    return Ranked(
        name=name,
        valid=stack.valid,
        rank=analysis.ranking.index(stack.notation) + 1 if stack.notation in analysis.ranking else None,
        baseline=stack.notation == analysis.baseline,
        throughput=_estimate(stack.throughput),
        against=Cell(ratio(main.ratio), interval(main.ratio)) if main else Cell(NOT_MEASURED),
        outcome=_outcome(main) if main else "",
        p50=Cell(number(shown.p50 if shown else None, "ms"), times("p50")),
        p99=Cell(number(shown.p99 if shown else None, "ms"), times("p99")),
        cpu=Cell(
            number(stack.cpu_per_request_us.value if stack.cpu_per_request_us else None, "µs"),
            times("cpu_per_request"),
        ),
        memory=Cell(_bytes(memory.rss_peak), times("memory")),
        errors=_errors(stack.errors),
        cautions=len(stack.reasons),
    )


def _outcome(verdict: Verdict) -> str:
    if verdict.fails_correction:
        return "corrected"
    return verdict.direction if verdict.direction and verdict.size_is_open else verdict.outcome


def _estimate(estimate: Estimate | None) -> Cell:
    return Cell(format_number(estimate.value), interval(estimate)) if estimate else Cell(NOT_MEASURED)


def _bytes(count: float | None) -> str:
    return NOT_MEASURED if count is None else format_bytes(count)


def _errors(errors: ErrorCounts) -> Cell:
    if not errors.requests:
        return Cell(NOT_MEASURED)
    return Cell(format_percent(errors.rate), f"{errors.failed:,}") if errors.failed else Cell("0")


def contrasts(analysis: Analysis) -> list[Contrasted]:
    """Pairs of stacks that differ in one part only."""
    named = names(analysis)
    return [
        Contrasted(
            told(part_fact(each.parts)),
            named[each.stack],
            named[each.against],
            Cell(ratio(each.ratio), interval(each.ratio)),
        )
        for each in analysis.contrasts
    ]


class Factor(NamedTuple):
    """What one part contributes to the ratio of the explained stacks, and adds to what a request costs each of them."""

    part: str
    factor: Cell
    costs: tuple[str, ...]


def factors(found: Explanation) -> list[Factor]:
    """Part by part, from the socket upwards; then what is not CPU time."""
    parts = [
        Factor(part_name(layer), Cell(ratio(factor), interval(factor)), _added(found, layer))
        for layer, factor in found.factors.items()
    ]
    totals = tuple(us(cost.total) for cost in found.costs)
    whole = Factor(told(fact("page.all-parts")), Cell(ratio(found.ratio), interval(found.ratio)), totals)
    return [*parts, Factor(part_name("busy"), Cell(ratio(found.busy), interval(found.busy)), ("", "")), whole]


def _added(found: Explanation, layer: Layer) -> tuple[str, ...]:
    return tuple(us(cost.layers[layer]) if layer in cost.layers else NOT_MEASURED for cost in found.costs)


class TimesRow(NamedTuple):
    """One row of the percentiles: milliseconds."""

    name: Name
    kind: str
    requests: str
    figures: tuple[str, ...]


PERCENTILES = ("p50", "p90", "p95", "p99", "p99.9", "max", "mean")


def percentiles(analysis: Analysis) -> list[TimesRow]:
    """Response time at the fixed rate, then service time at saturation."""
    named = names(analysis)
    both = [(stack, stack.response) for stack in analysis.best_first]
    both += [(stack, stack.saturation) for stack in analysis.best_first]
    return [
        TimesRow(
            name=named[stack.notation],
            kind=told(fact("times.response" if times.kind == "response time" else "times.service")),
            requests=f"{times.count:,}",
            figures=tuple(
                number(value)
                for value in (times.p50, times.p90, times.p95, times.p99, times.p999, times.max, times.mean)
            ),
        )
        for stack, times in both
        if times
    ]


class Failing(NamedTuple):
    """One row of the errors; `samples` are failures as seen, each once."""

    name: Name
    requests: str
    failed: str
    share: str
    kinds: str
    statuses: str
    unfinished: str
    reconnects: str
    samples: tuple[tuple[str, str], ...]


def errors(analysis: Analysis) -> list[Failing]:
    """What went wrong with every stack, over both loads."""
    named = names(analysis)
    return [
        Failing(
            name=named[stack.notation],
            requests=f"{stack.errors.requests:,}",
            failed=f"{stack.errors.failed:,}",
            share=format_percent(stack.errors.rate),
            kinds=_counts((_cause(cause), count) for cause, count in stack.errors.by_cause.items()),
            statuses=_counts(sorted(stack.errors.statuses.items())),
            unfinished=_told(stack.errors.unfinished),
            reconnects=_told(stack.errors.reconnects),
            samples=tuple(dict.fromkeys((_cause(sample.kind), sample.detail) for sample in stack.errors.samples)),
        )
        for stack in analysis.best_first
    ]


def _cause(kind: str) -> str:
    return told(fact(f"cause.{kind}"))


def _told(count: int | None) -> str:
    return NOT_MEASURED if count is None else f"{count:,}"


def _counts(counts: Iterable[tuple[object, int]]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in counts if count) or NOT_MEASURED


class Block(NamedTuple):
    """One row of the figures block by block."""

    name: Name
    block: int
    figures: tuple[str, ...]


def blocks(analysis: Analysis) -> list[Block]:
    """The values that every interval stands on."""
    named = names(analysis)
    return [
        Block(
            name=named[stack.notation],
            block=values.block,
            figures=(
                number(values.throughput),
                number(values.cpu_per_request_us),
                number(values.p50_ms),
                number(values.p99_ms),
                _bytes(values.rss_bytes),
            ),
        )
        for stack in analysis.best_first
        for values in stack.blocks
    ]
