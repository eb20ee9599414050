"""What happened in the blocks of a comparison, line by line."""

from __future__ import annotations

from ...analysis.comparison.analysis import Analysis
from ...analysis.comparison.block_difference_facts import what_happened
from ...model.fact import Fact, fact


def happened(analysis: Analysis) -> tuple[Fact, ...]:
    """What happened, or that nothing did."""
    return tuple(what_happened(analysis.differences)) if analysis.differences else (fact("happened.nothing"),)
