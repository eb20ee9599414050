"""The HTML report as one string: nothing is read from the network, and the page itself reads nothing either."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ...analysis.comparison.analysis import Analysis
from ...analysis.validity.reason import ValidityReason
from ...model.fact import Fact, fact
from ...model.run import Run
from ...model.trial import Phase
from ...texts.catalogue import Style, noted, told
from ...units import printable
from ..chart_library import chart_library
from ..comparison.happened import happened
from ..comparison.probe_findings import finding_rows
from ..comparison.still_open import continue_command, headline, still_open
from . import facts, tables
from .figures import figures
from .theme import CONFIG


def render(run: Run, analysis: Analysis, continued_by: Sequence[str] = ()) -> str:
    """Write the report.

    Everything that came from outside is escaped, and the page's content security policy permits its own style sheet and
    scripts (by hash) and nothing else, so that not even a mistake in the escaping could load or run anything.

    Args:
        run: what was measured, whole or cut short.
        analysis: what may be said about it.
        continued_by: what adds blocks to the run, as arguments; empty where no store has it.

    Returns:
        A complete HTML document, about one megabyte: the chart library is inside.
    """
    charts = figures(run, analysis)
    style, library, script = _asset("report.css"), chart_library(), _asset("report.js")
    first, left = headline(analysis), still_open(analysis)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            analysis=analysis,
            headline=told(first.claim),
            addition=told(fact("statement", parts=first.additions)) if first.additions else "",
            still_open=told(left),
            command=continue_command(run, analysis, continued_by),
            sentences=analysis.sentences[1:],
            named=tables.names(analysis),
            ranking=tables.ranking(run, analysis),
            contrasts=tables.contrasts(analysis),
            factors=tables.factors(analysis.explanation) if analysis.explanation else [],
            how_explained=told(fact("explained.how")),
            ratio_of=told(fact(f"metric.{run.experiment.main_metric}")),
            percentiles=tables.percentiles(analysis),
            percentile_names=tables.PERCENTILES,
            errors=tables.errors(analysis),
            blocks=tables.blocks(analysis),
            findings=finding_rows(run),
            happened=happened(analysis) if analysis.differences else (),
            invalid=_reasons(analysis, "invalid"),
            cautions=_reasons(analysis, "caution"),
            figures=charts,
            failed=[trial for trial in run.trials if trial.failure],
            measuring=facts.measuring(run, analysis.verdicts),
            machine=[*facts.machine(run), *facts.dependencies(run)],
            notes=list(map(noted, run.notes)),
            stacks=_stacks(run, analysis),
            again=facts.again(run),
            charts=_json({"config": CONFIG, "specs": {chart.id: chart.spec for chart in charts if chart.spec}}),
            policy=_policy(style, (library, script)),
            style=Markup(style),
            scripts=(Markup(library), Markup(script)),
        )
    )


def _stacks(run: Run, analysis: Analysis) -> list[facts.StackFacts]:
    """What is said of each stack that could be set up."""
    records = {record.notation: record for record in run.stacks}
    startup = {stack.notation: stack.startup_s for stack in analysis.stacks}
    named = tables.names(analysis)
    return [facts.stack(records[one], name, startup[one]) for one, name in named.items() if one in records]


def _reasons(analysis: Analysis, severity: str) -> list[tuple[str | None, list[ValidityReason]]]:
    """Those of the run, then those of each stack together under its notation."""
    of_stacks = [(stack.notation, stack.reasons) for stack in analysis.best_first]
    found = [
        (notation, [reason for reason in reasons if reason.severity == severity])
        for notation, reasons in ((None, analysis.reasons), *of_stacks)
    ]
    return [(notation, reasons) for notation, reasons in found if reasons]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Control and direction characters would let a name pass for another.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["noted"] = noted
    environment.filters["told"] = _told
    environment.filters["breakable"] = _breakable
    environment.globals |= {"say": _say, "seen": _seen}
    return environment


def _say(key: str, **figures: int | float | str | Fact | tuple[Fact | str, ...]) -> Markup:
    """A text of the catalogue as HTML; figures are escaped, but for those that are HTML already."""
    return Markup(told(Fact.model_construct(key=key, figures=figures, template=""), _IN_HTML))


def _told(what: Fact) -> Markup:
    """A fact as HTML."""
    return Markup(told(what, _IN_HTML))


def _seen(phase: Phase | None, blocks: Sequence[int]) -> Markup:
    """Where something was seen: `(rate, blocks 2, 5)`."""
    where = fact("blocks" if len(blocks) > 1 else "block", blocks=tuple(map(str, blocks)))
    parts = (*([fact(f"phase.{phase}")] if phase else []), *([where] if blocks else []))
    return Markup(told(fact("page.seen", parts=parts), _IN_HTML))


def _in_html(text: str) -> str:
    return text if isinstance(text, Markup) else escape(printable(text))


_IN_HTML = Style(words=_in_html, name=_in_html)


def _breakable(notation: str) -> Markup:
    """The notation, to be broken between its parts where it does not fit in one line."""
    parts = re.split(r"(?<=[@?&])", printable(notation))
    return Markup("<wbr>").join(parts)


@cache
def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


_UNSAFE = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def _json(document: object) -> Markup:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    return Markup(json.dumps(document, separators=(",", ":"), allow_nan=False).translate(_UNSAFE))


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    return (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
