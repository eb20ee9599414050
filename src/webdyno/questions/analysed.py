"""From what was measured to what it says."""

from __future__ import annotations

from ..analysis.results import Analysis
from ..model.run import Run
from ..report.result import ComparisonResult
from ..stacks.layers import Layered, explainable


def result_of(run: Run) -> ComparisonResult:
    """Analyse a comparison, new or stored."""
    # Its libraries take half a second to import: after the measurement, nobody waits for them.
    from ..analysis.analyse import analyse

    analysis = analyse(run)
    sides = explainable(run)
    found = analysis.verdict("throughput", sides[1].stack, sides[0].stack) if sides else None
    differ = found is not None and found.outcome in ("faster", "slower")
    return ComparisonResult(run, explained(analysis, *sides) if sides and differ else analysis)


def explained(analysis: Analysis, one: Layered, other: Layered) -> Analysis:
    """The analysis of a run that measured two stacks and what they are made of, with what makes the difference."""
    # See `result_of`.
    from ..analysis.explanation import explain as explanation

    return analysis.model_copy(update={"explanation": explanation(analysis, one, other)})
