"""The figures of the page: each chart with its title, what it shows, and its main figures in words."""

from __future__ import annotations

from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, Explanation, StackSummary
from ...model.run import Run
from ...units import format_number, format_rate
from ..comparison.explain import LAYER_NAMES, us
from . import bar_charts, line_charts, series
from .specs import Spec
from .text import number


class PageChart(NamedTuple):
    """A chart; `spec` is None where there is nothing to draw, and `caption` says why.

    Attributes:
        id: of its element.
        title, caption: shown above it.
        alternative: its main figures in words, for those who cannot see it.
        spec: the Vega-Lite specification.
    """

    id: str
    title: str
    caption: str
    alternative: str
    spec: Spec | None


def figures(run: Run, analysis: Analysis) -> list[PageChart]:
    """All charts, in the order shown."""
    letters = [stack.label for stack in analysis.best_first]
    of_load = (
        []
        if run.experiment.duet
        else [
            _throughput(run, analysis, letters),
            _response(run, analysis, letters),
        ]
    )
    return [
        *of_load,
        _cpu(run, analysis, letters),
        *([_costs(analysis, analysis.explanation)] if analysis.explanation else []),
        _memory(run, analysis, letters),
        _errors(analysis, letters),
    ]


def _throughput(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    bars = series.throughput_bars(analysis)
    return PageChart(
        id="chart-throughput",
        title="Throughput at saturation",
        caption=f"Right answers per second; {run.experiment.saturation}. {_INTERVALS} More is better."
        if bars
        else "No stack has a valid throughput.",
        alternative="; ".join(f"{bar.of.name} {bar.text}" for bar in bars),
        spec=bar_charts.throughput(bars, letters) if bars else None,
    )


def _response(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    rate = run.experiment.rate
    if rate:
        curves = series.response_curves(run, analysis)
        title, axis = "Response time at the common rate", f"response time (ms, log) at {format_rate(rate.rate)}"
        how = f"{str(rate).capitalize()}, the same for all; timed from the moment each request was due."
    else:
        curves = series.service_curves(run, analysis)
        title, axis = "Service time at saturation", "service time (ms, log)"
        how = f"{str(run.experiment.saturation).capitalize()}; timed from the send."
    reading = "Read up from a percentile to the time that so many requests stayed within. Lower is better."
    return PageChart(
        id="chart-response",
        title=title,
        caption=f"{how} {reading}" if curves else "No valid trial has enough requests.",
        alternative="; ".join(_percentiles(analysis.stack(curve.of.name)) for curve in curves),
        spec=line_charts.response(curves, letters, axis) if curves else None,
    )


def _percentiles(stack: StackSummary) -> str:
    times = stack.response or stack.saturation
    if not times:
        return stack.notation
    return f"{stack.notation}: p50 {number(times.p50, 'ms')}, p99 {number(times.p99, 'ms')}"


def _cpu(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    bars = series.cpu_bars(analysis)
    when = "in the duet" if run.experiment.duet else "at saturation"
    return PageChart(
        id="chart-cpu",
        title="CPU time per request",
        caption=f"CPU seconds of the whole process tree divided by right answers, {when}. {_INTERVALS} Less is better."
        if bars
        else "No valid trial has a CPU time.",
        alternative="; ".join(f"{bar.of.name} {bar.text}" for bar in bars),
        spec=bar_charts.cpu(bars, letters) if bars else None,
    )


def _costs(analysis: Analysis, found: Explanation) -> PageChart:
    stacks = {stack.notation: stack for stack in analysis.stacks}
    return PageChart(
        id="chart-costs",
        title="What a request costs, layer upon layer",
        caption="CPU time of the server for each request: an app without a framework on the same server, and what "
        "each part adds. What async def saves is taken off the framework. Less is better.",
        alternative="; ".join(
            f"{cost.stack} {us(cost.total)} µs: "
            + ", ".join(f"{LAYER_NAMES[layer]} {us(part)}" for layer, part in cost.layers.items())
            for cost in found.costs
        ),
        spec=bar_charts.costs(found, stacks),
    )


def _memory(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    lines = series.memory_lines(run, analysis)
    return PageChart(
        id="chart-memory",
        title="Memory over time",
        caption="Resident memory of the whole process tree during the windows of the closed load: mean of the blocks, "
        "and their range as a band. Each block is a fresh start. Less is better."
        if lines
        else "No valid trial has samples of memory.",
        alternative="; ".join(
            f"{line.of.name} from {format_number(line.mean[0])} to {format_number(line.mean[-1])} MB" for line in lines
        ),
        spec=line_charts.memory(lines, letters) if lines else None,
    )


def _errors(analysis: Analysis, letters: list[str]) -> PageChart:
    bars = series.error_bars(analysis)
    total = sum(stack.errors.requests for stack in analysis.stacks)
    return PageChart(
        id="chart-errors",
        title="Errors",
        caption="Requests that failed or were dropped, by kind, over both loads; trials that are not valid count too."
        if bars
        else f"None of {total:,} requests failed."
        if total
        else "No request was sent.",
        alternative="; ".join(f"{bar.of.name}, {bar.kind}: {bar.text}" for bar in bars),
        spec=bar_charts.errors(bars, letters) if bars else None,
    )


_INTERVALS = "The line at its end is the 95 % interval; each dot is one block."
