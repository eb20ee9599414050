"""What the charts draw: rows of plain numbers, thinned to what the eye can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, StackSummary
from ...analysis.comparison.used import used_trials
from ...analysis.statistics.percentiles import Times, merged
from ...model.fact import fact
from ...model.run import Run
from ...model.trial import Phase
from ...model.verdict import Estimate
from ...texts.catalogue import told
from ...units import format_number, format_percent
from .cells import interval

POINTS_PER_DECADE = 20
TIME_BINS = 60


class Charted(NamedTuple):
    """Whose figures a chart shows, a stack's or a load's: what it is called in the chart, and in full."""

    label: str
    name: str


class Bar(NamedTuple):
    """One row of a bar chart: the estimate, its interval, the values block by block; the first two also as text.

    `figure` is the estimate alone, `text` goes on with the interval.
    """

    of: Charted
    figure: str
    text: str
    value: float
    low: float | None
    high: float | None
    dots: tuple[float, ...]


class Curve(NamedTuple):
    """The distribution of times: `times_ms[i]` is exceeded by the share `slower[i]` of all requests."""

    of: Charted
    slower: tuple[float, ...]
    times_ms: tuple[float, ...]


class MemoryLine(NamedTuple):
    """Resident memory of one stack over the seconds of its trials: mean, lowest and highest of the blocks, in MB."""

    of: Charted
    seconds: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class ErrorBar(NamedTuple):
    """How many requests of one stack failed in one way, as text, and which share of all its requests (0-1).

    `figure` is the count alone, `text` goes on with the share.
    """

    of: Charted
    figure: str
    text: str
    kind: str
    share: float


def throughput_bars(analysis: Analysis) -> list[Bar]:
    """Requests per second at saturation, the highest first."""
    return [
        _bar(stack, stack.throughput, "/s", (block.throughput for block in stack.blocks))
        for stack in analysis.best_first
        if stack.throughput
    ]


def cpu_bars(analysis: Analysis) -> list[Bar]:
    """Microseconds of server CPU per request at saturation, in the order of the ranking."""
    return [
        _bar(stack, stack.cpu_per_request_us, " µs", (block.cpu_per_request_us for block in stack.blocks))
        for stack in analysis.best_first
        if stack.cpu_per_request_us
    ]


def _bar(stack: StackSummary, estimate: Estimate, unit: str, dots: Iterable[float | None]) -> Bar:
    figure, ends = format_number(estimate.value) + unit, interval(estimate)
    return Bar(
        of=charted(stack),
        figure=figure,
        text=f"{figure} ({ends})" if ends else figure,
        value=short(estimate.value),
        low=short(estimate.interval.low) if estimate.interval else None,
        high=short(estimate.interval.high) if estimate.interval else None,
        dots=tuple(short(dot) for dot in dots if dot is not None),
    )


def response_curves(run: Run, analysis: Analysis) -> list[Curve]:
    """Response time at the fixed rate, of the valid trials together."""
    return _curves(run, [stack for stack in analysis.best_first if stack.response], "rate")


def service_curves(run: Run, analysis: Analysis) -> list[Curve]:
    """Service time at saturation, for a run without a fixed rate."""
    return _curves(run, [stack for stack in analysis.best_first if stack.saturation], "saturation")


def _curves(run: Run, stacks: Iterable[StackSummary], phase: Phase) -> list[Curve]:
    together = ((stack, merged([one.times for one in used_trials(run, stack, phase)])) for stack in stacks)
    curves = [curve(charted(stack), times) for stack, times in together if times]
    return [one for one in curves if one.slower]


def curve(of: Charted, times: Times) -> Curve:
    """The distribution of the times."""
    slower, times_ms = times.tail(POINTS_PER_DECADE)
    return Curve(of, tuple(map(short, slower)), tuple(map(short, times_ms)))


def memory_lines(run: Run, analysis: Analysis) -> list[MemoryLine]:
    """Resident memory of the process tree over the seconds of the trials under closed load."""
    trials = [(stack, used_trials(run, stack, "saturation", "duet")) for stack in analysis.best_first]
    longest = max((one.result.window_s for _, of_stack in trials for one in of_stack), default=1.0)
    width = max(0.2, longest / TIME_BINS)
    lines = []
    for stack, of_stack in trials:
        bins: dict[int, list[float]] = defaultdict(list)
        for resources in (one.trial.resources for one in of_stack):
            for sample in resources.samples if resources else ():
                bins[round(sample.at_s / width)].append(sample.rss_bytes / 1e6)
        if bins:
            at = sorted(bins)
            lines.append(
                MemoryLine(
                    of=charted(stack),
                    seconds=tuple(short(index * width) for index in at),
                    mean=tuple(short(sum(bins[index]) / len(bins[index])) for index in at),
                    low=tuple(short(min(bins[index])) for index in at),
                    high=tuple(short(max(bins[index])) for index in at),
                )
            )
    return lines


def error_bars(analysis: Analysis) -> list[ErrorBar]:
    """Failed and dropped requests by kind, over both loads, valid or not."""
    bars = []
    for stack in analysis.best_first:
        of = charted(stack)
        for cause, count in stack.errors.by_cause.most_common():
            if count:
                share, kind = count / max(stack.errors.requests, 1), told(fact(f"cause.{cause}"))
                bars.append(ErrorBar(of, f"{count:,}", f"{count:,} ({format_percent(share)})", kind, short(share)))
    return bars


def charted(stack: StackSummary) -> Charted:
    """A stack as charts call it."""
    return Charted(stack.label, stack.notation)


def short(number: float) -> float:
    """Four significant digits: more cannot be seen, and every digit is carried in the file."""
    return float(f"{number:.4g}")


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions apart until neighbours are `gap` away, as little as possible, within `low` ... `high`."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    gap = min(gap, (high - low) / max(len(positions) - 1, 1))
    placed = list(positions)
    for rank, index in enumerate(order):
        floor = low if rank == 0 else placed[order[rank - 1]] + gap
        placed[index] = max(positions[index], floor)
    for rank, index in reversed(list(enumerate(order))):
        ceiling = high if rank == len(order) - 1 else placed[order[rank + 1]] - gap
        placed[index] = min(placed[index], ceiling)
    return placed
