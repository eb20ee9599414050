"""The figures of the page: each chart with its title, what it shows, and its main figures in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ...analysis.comparison.analysis import Analysis, Cost, Explanation, StackSummary
from ...model.fact import Fact, fact
from ...model.run import Run
from ...texts.catalogue import told
from ..comparison.explain import us
from . import bar_charts, chart_series, line_charts
from .cells import number
from .specs import Spec


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
    bars = chart_series.throughput_bars(analysis)
    shown = fact("chart.throughput.caption", load=run.experiment.saturation.what)
    return PageChart(
        id="chart-throughput",
        title=told(fact("chart.throughput")),
        caption=told(shown if bars else fact("chart.throughput.none")),
        alternative=_listed(fact("chart.figure-of", stack=bar.of.name, figure=bar.text) for bar in bars),
        spec=bar_charts.throughput(bars, letters) if bars else None,
    )


def _listed(parts: Iterable[Fact]) -> str:
    return told(fact("chart.list", parts=tuple(parts)))


def _response(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    rate = run.experiment.rate
    if rate:
        curves = chart_series.response_curves(run, analysis)
        title, axis = fact("chart.response"), fact("chart.response.axis", rate=rate.rate)
        shown = fact("chart.response.caption", load=rate.what)
    else:
        curves = chart_series.service_curves(run, analysis)
        title, axis = fact("chart.service"), fact("chart.service.axis")
        shown = fact("chart.service.caption", load=run.experiment.saturation.what)
    return PageChart(
        id="chart-response",
        title=told(title),
        caption=told(shown if curves else fact("chart.times.none")),
        alternative=_listed(_percentiles(analysis.stack(curve.of.name)) for curve in curves),
        spec=line_charts.response(curves, letters, told(axis)) if curves else None,
    )


def _percentiles(stack: StackSummary) -> Fact:
    p50, p99 = (stack.times.p50, stack.times.p99) if stack.times else (None, None)
    return fact("chart.times.of", stack=stack.notation, p50=number(p50, "ms"), p99=number(p99, "ms"))


def _cpu(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    bars = chart_series.cpu_bars(analysis)
    shown = fact("chart.cpu.caption.duet" if run.experiment.duet else "chart.cpu.caption")
    return PageChart(
        id="chart-cpu",
        title=told(fact("chart.cpu")),
        caption=told(shown if bars else fact("chart.cpu.none")),
        alternative=_listed(fact("chart.figure-of", stack=bar.of.name, figure=bar.text) for bar in bars),
        spec=bar_charts.cpu(bars, letters) if bars else None,
    )


def _costs(analysis: Analysis, found: Explanation) -> PageChart:
    stacks = {stack.notation: stack for stack in analysis.stacks}
    return PageChart(
        id="chart-costs",
        title=told(fact("chart.costs")),
        caption=told(fact("chart.costs.caption")),
        alternative=_listed(map(_layers, found.costs)),
        spec=bar_charts.costs(found, stacks),
    )


def _layers(cost: Cost) -> Fact:
    layers = tuple(
        fact("chart.costs.layer", layer=fact(f"layer.{layer}"), cost=us(part)) for layer, part in cost.layers.items()
    )
    return fact("chart.costs.of", stack=cost.stack, total=us(cost.total), layers=layers)


def _memory(run: Run, analysis: Analysis, letters: list[str]) -> PageChart:
    lines = chart_series.memory_lines(run, analysis)
    return PageChart(
        id="chart-memory",
        title=told(fact("chart.memory")),
        caption=told(fact("chart.memory.caption" if lines else "chart.memory.none")),
        alternative=_listed(
            fact("chart.memory.of", stack=line.of.name, first=line.mean[0], last=line.mean[-1]) for line in lines
        ),
        spec=line_charts.memory(lines, letters) if lines else None,
    )


def _errors(analysis: Analysis, letters: list[str]) -> PageChart:
    bars = chart_series.error_bars(analysis)
    total = sum(stack.errors.requests for stack in analysis.stacks)
    without = fact("chart.errors.none", count=total) if total else fact("chart.errors.no-requests")
    return PageChart(
        id="chart-errors",
        title=told(fact("chart.errors")),
        caption=told(fact("chart.errors.caption") if bars else without),
        alternative=_listed(fact("chart.errors.of", stack=bar.of.name, kind=bar.kind, failed=bar.text) for bar in bars),
        spec=bar_charts.errors(bars, letters) if bars else None,
    )
