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
    from ..gate import gate_json

    return gate_json(result.gate, result.seen)


def _doctor(result: DoctorResult) -> str:
    return result.fitness.model_dump_json(by_alias=True, indent=2) + "\n"


FORMAT = Format(
    "json",
    "one document that holds everything, and that webdyno reads again",
    ".json",
    {"comparison": _measured, "load": _measured, "gate": _gate, "doctor": _doctor},
)
