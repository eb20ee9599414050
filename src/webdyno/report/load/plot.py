"""The distribution of one load's times as a picture or a page: the report's percentile chart, drawn on its own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import vl_convert

from ...analysis.load.analyse_load import LoadAnalysis, measured_load
from ...errors import MeasurementError
from ...model.fact import fact
from ...model.load_run import LoadRun
from ...texts.catalogue import told
from ...units import printable
from ..html import line_charts
from ..html.chart_series import Charted, curve
from ..html.theme import CONFIG
from .load_facts import kind_of_time

WIDTH_PX = 720
PNG_SCALE = 2.0
# Names of fonts that are there where a picture is drawn; a browser has its own.
FONT = "DejaVu Sans, Liberation Sans, Arial, Helvetica, sans-serif"
_LONGEST_TITLE = 90


def draw(runs: Sequence[tuple[str, LoadRun]], analysis: LoadAnalysis, kind: str) -> bytes:
    """Draw the percentiles of one load, and of an earlier one beside it.

    Args:
        runs: a label and a load each; the first is the one that `analysis` speaks of. A load whose times are of another
            kind (response time, service time) is left out.
        analysis: for title and validity.
        kind: `svg`, `png` or `html`.

    Returns:
        The content of a file; an HTML page opens offline.

    Raises:
        MeasurementError: too few answers to draw anything.
    """
    spec = chart(runs, analysis)
    if kind == "png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=PNG_SCALE))
    text = vl_convert.vegalite_to_html(spec, bundle=True) if kind == "html" else vl_convert.vegalite_to_svg(spec)
    return str(text).encode()


def chart(runs: Sequence[tuple[str, LoadRun]], analysis: LoadAnalysis) -> dict[str, Any]:
    """The Vega-Lite specification, with its colours, fonts and size.

    Raises:
        MeasurementError: too few answers to draw anything.
    """
    first = runs[0][1]
    alike = [(label, run) for label, run in runs if run.load.reports == first.load.reports]
    curves = [curve(Charted(label, run.url), measured_load(run).times) for label, run in alike]
    known = [each for each in curves if each.slower]
    if not known or not curves[0].slower:
        raise MeasurementError("too few right answers to draw their percentiles", "measure longer: --duration")
    axis = told(fact("load.chart.axis", kind=kind_of_time(first.load.reports)))
    spec = line_charts.response(known, [label for label, _ in alike], axis)
    config = _resolved(json.dumps(CONFIG))
    return spec | {
        "width": WIDTH_PX,
        "autosize": {"type": "pad"},
        "title": {"text": _title(first), "subtitle": _subtitle(first, analysis), "anchor": "start", "offset": 14},
        "config": config
        | {
            "font": FONT,
            "background": _colours()["surface"],
            "padding": 16,
            "title": {"color": _colours()["ink"], "subtitleColor": _colours()["muted"], "subtitlePadding": 5},
        },
    }


def _title(run: LoadRun) -> str:
    text = printable(run.title)
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 3] + "..."


def _subtitle(run: LoadRun, analysis: LoadAnalysis) -> list[str]:
    latency = analysis.latency
    times = (("p50", latency.p50), ("p99", latency.p99))
    figures = (
        fact("load.chart.rate", rate=analysis.throughput),
        *(fact("load.chart.time", percentile=name, time_ms=value) for name, value in times if value),
        fact("load.chart.errors", count=analysis.errors.failed),
    )
    invalid = (reason.what for reason in analysis.reasons if reason.severity == "invalid")
    lines = [
        fact("load.chart", load=run.load.what, figures=figures),
        *(fact("load.invalid", why=why) for why in invalid),
    ]
    return list(map(told, lines))


@cache
def _colours() -> dict[str, str]:
    """The light theme of the report's style sheet."""
    style = (files("webdyno.report.html") / "report.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style.partition("}")[0]))


def _resolved(config: str) -> dict[str, Any]:
    resolved: dict[str, Any] = json.loads(re.sub(r"var\(--([\w-]+)\)", lambda name: _colours()[name[1]], config))
    return resolved
