"""What a comparison found, ready to be told in every format."""

from __future__ import annotations

from dataclasses import dataclass

from ..analysis.results import Analysis
from ..model.run import Run
from ..stacks.layers import Layered, explainable


@dataclass(frozen=True)
class Result:
    """What a comparison found.

    Attributes:
        run: everything that was measured and how, see `docs/results.md`.
        analysis: summaries, ratios with their intervals, verdicts, reasons of validity.
    """

    run: Run
    analysis: Analysis

    @classmethod
    def of(cls, run: Run) -> Result:
        """Analyse a run, new or stored."""
        # Its libraries take half a second to import: after the measurement, nobody waits for them.
        from ..analysis.analyse import analyse

        analysis = analyse(run)
        sides = explainable(run)
        found = analysis.verdict("throughput", sides[1].stack, sides[0].stack) if sides else None
        differ = found is not None and found.outcome in ("faster", "slower")
        return cls(run, explained(analysis, *sides) if sides and differ else analysis)

    def to_json(self) -> str:
        """The run and its analysis as one JSON document (`schema: 1`)."""
        from ..report.json_document import to_json

        return to_json(self.run, self.analysis)

    def to_markdown(self) -> str:
        """A table and the verdicts as Markdown."""
        from ..report.markdown import to_markdown

        return to_markdown(self.run, self.analysis)

    def to_html(self) -> str:
        """A self-contained page with charts."""
        from ..report.html.page import render

        return render(self.run, self.analysis)


def explained(analysis: Analysis, one: Layered, other: Layered) -> Analysis:
    """The analysis of a run that measured two stacks and what they are made of, with what makes the difference."""
    # See `Result.of`.
    from ..analysis.explanation import explain as explanation

    return analysis.model_copy(update={"explanation": explanation(analysis, one, other)})
