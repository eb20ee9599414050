"""Every kind of document that is kept: a reader for each schema number ever released."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..model.base import Value
from ..model.doctor_run import DOCTOR_SCHEMA, DoctorRun
from ..model.gate_run import GATE_SCHEMA, GateRun
from ..model.load_run import LOAD_SCHEMA, LoadRun
from ..model.masked import masked_gate_run, masked_load_run, masked_run
from ..model.result_kind import ResultKind
from ..model.run import SCHEMA, Run

Json = dict[str, Any]
Kept = Run | LoadRun | GateRun | DoctorRun
Readers = Mapping[int, Callable[[Json], Kept]]

V = TypeVar("V", bound=Value)


def _as(model: type[V], document: Json) -> V:
    # Through JSON once more, since only there bytes are read from base64.
    return model.model_validate_json(json.dumps(document, ensure_ascii=False, allow_nan=False))


def _comparison(document: Json) -> Run:
    return masked_run(_as(Run, document))


def _load(document: Json) -> LoadRun:
    return masked_load_run(_as(LoadRun, document))


def _gate(document: Json) -> GateRun:
    runs = document.get("runs")
    if isinstance(runs, list):
        document = document | {"runs": [without_analysis(run) if isinstance(run, dict) else run for run in runs]}
    return masked_gate_run(_as(GateRun, document))


def _doctor(document: Json) -> DoctorRun:
    read = _as(DoctorRun, document)
    return read.model_copy(update={"comparison": read.comparison and masked_run(read.comparison)})


def without_analysis(document: Json) -> Json:
    """The document without what can be worked out anew."""
    return {key: value for key, value in document.items() if key != "analysis"}


def runs_of(kept: Kept) -> tuple[Run, ...]:
    """The comparisons in it."""
    match kept:
        case Run():
            return (kept,)
        case GateRun():
            return kept.runs
        case DoctorRun():
            return (kept.comparison,) if kept.comparison else ()
        case LoadRun():
            return ()


KINDS: Mapping[ResultKind, Readers] = {
    "comparison": {SCHEMA: _comparison},
    "load": {LOAD_SCHEMA: _load},
    "gate": {GATE_SCHEMA: _gate},
    "doctor": {DOCTOR_SCHEMA: _doctor},
}


def is_readable(kind: str, number: int) -> bool:
    """Whether this webdyno reads documents of that kind and schema."""
    return any(kind == known and number in readers for known, readers in KINDS.items())
