"""Markdown for pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .format import Format

if TYPE_CHECKING:
    from ..result import ComparisonResult, GateResult


def _comparison(result: ComparisonResult) -> str:
    from ..comparison.markdown import to_markdown

    return to_markdown(result.run, result.analysis, result.continued_by)


def _gate(result: GateResult) -> str:
    from ..gate.tell import gate_markdown

    return gate_markdown(result.gate, result.seen)


FORMAT = Format("markdown", "tables for a pull request", ".md", {"comparison": _comparison, "gate": _gate})
