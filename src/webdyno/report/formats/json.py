"""One JSON document: what was measured, with its `schema`, and what that says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .format import Format

if TYPE_CHECKING:
    from ..result import ComparisonResult, DoctorResult, GateResult, LoadResult


def _measured(result: ComparisonResult | LoadResult) -> str:
    from ..json_document import to_json

    return to_json(result.run, result.analysis)


def _gate(result: GateResult) -> str:
    from ..json_document import with_analysis, written

    runs = [with_analysis(one.run, one.analysis) for one in result.measured]
    return written(with_analysis(result.run, result.gate) | {"runs": runs})


def _doctor(result: DoctorResult) -> str:
    from ..json_document import to_json

    return to_json(result.run, result.fitness)


FORMAT = Format(
    "json",
    "one document that holds everything, and that webdyno reads again",
    ".json",
    {"comparison": _measured, "load": _measured, "gate": _gate, "doctor": _doctor},
)
