"""What the charts draw: rows of plain numbers, thinned to what the eye can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ...analysis.comparison.analysis import Analysis, StackSummary
from ...analysis.measured_trial import MeasuredTrial, with_results
from ...analysis.statistics.percentiles import BEYOND, censored
from ...model.histogram import Histogram
from ...model.run import Run
from ...model.trial import Phase
from ...model.verdict import Estimate
from ...units import format_number, format_percent
from .text import interval

POINTS_PER_DECADE = 20
TIME_BINS = 60


class Bar(NamedTuple):
    """One row of a bar chart: the estimate, its interval, the values block by block; the first two also as text.

    `figure` is the estimate alone, `text` goes on with the interval.
    """

    stack: StackSummary
    figure: str
    text: str
    value: float
    low: float | None
    high: float | None
    dots: tuple[float, ...]


class Curve(NamedTuple):
    """The distribution of one stack's times: `times_ms[i]` is exceeded by the share `slower[i]` of all requests."""

    stack: StackSummary
    slower: tuple[float, ...]
    times_ms: tuple[float, ...]


class MemoryLine(NamedTuple):
    """Resident memory of one stack over the seconds of its trials: mean, lowest and highest of the blocks, in MB."""

    stack: StackSummary
    seconds: tuple[float, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class ErrorBar(NamedTuple):
    """How many requests of one stack failed in one way, as text, and which share of all its requests (0-1).

    `figure` is the count alone, `text` goes on with the share.
    """

    stack: StackSummary
    figure: str
    text: str
    kind: str
    share: float


def used(run: Run, stack: StackSummary, *phases: Phase) -> list[MeasuredTrial]:
    """The trials of some phases that the figures of a stack stand on, as the analysis has judged."""
    of_stack = (trial for trial in run.trials if trial.stack == stack.notation and trial.phase in phases)
    return [one for one in with_results(of_stack) if one.trial.block in stack.used.get(one.trial.phase, ())]


def ranked(analysis: Analysis) -> tuple[StackSummary, ...]:
    """The valid stacks by rank, then the others in the order of the experiment."""
    valid = [analysis.stack(notation) for notation in analysis.ranking]
    return (*valid, *(stack for stack in analysis.stacks if stack.notation not in analysis.ranking))


def throughput_bars(analysis: Analysis) -> list[Bar]:
    """Requests per second at saturation, the highest first."""
    return [
        _bar(stack, stack.throughput, "/s", (block.throughput for block in stack.blocks))
        for stack in ranked(analysis)
        if stack.throughput
    ]


def cpu_bars(analysis: Analysis) -> list[Bar]:
    """Microseconds of server CPU per request at saturation, in the order of the ranking."""
    return [
        _bar(stack, stack.cpu_per_request_us, " µs", (block.cpu_per_request_us for block in stack.blocks))
        for stack in ranked(analysis)
        if stack.cpu_per_request_us
    ]


def _bar(stack: StackSummary, estimate: Estimate, unit: str, dots: Iterable[float | None]) -> Bar:
    figure, ends = format_number(estimate.value) + unit, interval(estimate)
    return Bar(
        stack=stack,
        figure=figure,
        text=f"{figure} ({ends})" if ends else figure,
        value=short(estimate.value),
        low=short(estimate.interval.low) if estimate.interval else None,
        high=short(estimate.interval.high) if estimate.interval else None,
        dots=tuple(short(dot) for dot in dots if dot is not None),
    )


def response_curves(run: Run, analysis: Analysis) -> list[Curve]:
    """Response time at the common rate, from the merged histograms of the valid trials.

    As in the percentiles of the analysis, requests that never got an answer count as slower than all others, and a
    curve ends where too few samples lie beyond it.
    """
    return _curves(
        (stack, [each.response for each in trials], sum(censored(each.result) for each in trials))
        for stack in ranked(analysis)
        if stack.response
        for trials in (used(run, stack, "rate"),)
    )


def service_curves(run: Run, analysis: Analysis) -> list[Curve]:
    """Service time at saturation, for a run without a common rate."""
    return _curves(
        (stack, [each.service for each in trials], sum(each.result.failures.get("timeout", 0) for each in trials))
        for stack in ranked(analysis)
        if stack.saturation
        for trials in (used(run, stack, "saturation"),)
    )


def _curves(parts: Iterable[tuple[StackSummary, list[Histogram], int]]) -> list[Curve]:
    curves = []
    for stack, histograms, unanswered in parts:
        merged = Histogram()
        for histogram in histograms:
            merged.merge(histogram)
        curves.append(curve(stack, merged, unanswered))
    return [curve for curve in curves if curve.slower]


def curve(stack: StackSummary, histogram: Histogram, unanswered: int) -> Curve:
    """The distribution of the times in nanoseconds; `unanswered` requests count as slower than all of them."""
    times_ns, counts = histogram.points()
    answered = np.cumsum(counts)
    total = int(counts.sum()) + unanswered
    # From step 1, the fastest tenth left out: one odd fast answer would stretch the axis by a decade.
    steps = np.arange(1, int(np.log10(max(total / BEYOND, 1)) * POINTS_PER_DECADE) + 1)
    slower = 10.0 ** (-steps / POINTS_PER_DECADE)
    ranks = np.maximum(np.ceil((1 - slower) * total), 1)
    known = ranks <= total - unanswered
    times = times_ns[np.searchsorted(answered, ranks[known])] / 1e6
    return Curve(stack, tuple(map(short, slower[known].tolist())), tuple(map(short, times.tolist())))


def memory_lines(run: Run, analysis: Analysis) -> list[MemoryLine]:
    """Resident memory of the process tree over the seconds of the trials under closed load."""
    trials = {
        stack.notation: [each.trial for each in used(run, stack, "saturation", "duet")] for stack in analysis.stacks
    }
    longest = max((trial.window.duration_s for of_stack in trials.values() for trial in of_stack), default=1.0)
    width = max(0.2, longest / TIME_BINS)
    lines = []
    for stack in ranked(analysis):
        bins: dict[int, list[float]] = defaultdict(list)
        for trial in trials[stack.notation]:
            for sample in trial.resources.samples if trial.resources else ():
                bins[round(sample.at_s / width)].append(sample.rss_bytes / 1e6)
        if bins:
            at = sorted(bins)
            lines.append(
                MemoryLine(
                    stack=stack,
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
    for stack in ranked(analysis):
        kinds = [*stack.errors.failures.items(), ("dropped", stack.errors.dropped)]
        for kind, count in sorted(kinds, key=lambda item: -item[1]):
            if count:
                share = count / max(stack.errors.requests, 1)
                bars.append(ErrorBar(stack, f"{count:,}", f"{count:,} ({format_percent(share)})", kind, short(share)))
    return bars


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
