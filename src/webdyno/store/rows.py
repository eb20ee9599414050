"""From values to rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pydantic_core

from ..model.base import Value
from ..model.doctor_run import DoctorRun
from ..model.gate_run import GateRun
from ..model.load_run import LoadRun
from ..model.run import Run
from ..model.trial import Trial

TRIAL_KEY = ("block", "position", "phase", "started")


def run_row(run: Run) -> dict[str, Any]:
    """The row of a run, without its trials."""
    return {
        "id": run.id,
        "state": run.state,
        "started": _moment(run.started),
        "measured_s": run.measured_s,
        "stacks": json.dumps(run.experiment.stacks),
        "document": _json(run, {"trials"}),
    }


def document_row(document: LoadRun | GateRun | DoctorRun) -> dict[str, Any]:
    """The row of what is no comparison; the runs of a gate are named in it."""
    content = _json(document, {"runs"})
    if isinstance(document, GateRun):
        content = json.dumps(json.loads(content) | {"runs": [run.id for run in document.runs]})
    return {
        "id": document.id,
        "kind": document.document,
        "number": document.schema_number,
        **_told(document),
        "document": content,
    }


def _told(document: LoadRun | GateRun | DoctorRun) -> dict[str, Any]:
    """What a list shows of it."""
    match document:
        case LoadRun():
            state, at, measured_s = "complete", document.started, document.result.window_s
            subjects = [document.title]
        case GateRun():
            state, at, measured_s = document.outcome, document.judged, sum(run.measured_s for run in document.runs)
            subjects = [f"{side.name}: {side.text}" for side in (document.base, document.head)]
        case DoctorRun():
            run, host = document.comparison, document.facts.host
            state, at, measured_s = run.state if run else "complete", document.started, run.measured_s if run else 0.0
            subjects = [host.cpu_model or host.architecture]
    return {"state": state, "at": _moment(at), "measured_s": measured_s, "subjects": json.dumps(subjects)}


def trial_row(run_id: str, trial: Trial) -> dict[str, Any]:
    """The row of a trial."""
    return {"run_id": run_id, **dict(zip(TRIAL_KEY, trial_key(trial), strict=True)), "document": _json(trial, set())}


def trial_key(trial: Trial) -> tuple[int, int, str, str]:
    """What tells a trial from every other of its run: the values of the columns `TRIAL_KEY`."""
    return trial.block, trial.position, trial.phase, _moment(trial.started)


def _moment(moment: datetime) -> str:
    # One form only, so that the order of texts is the order of time.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _json(value: Value, exclude: set[str]) -> str:
    try:
        return value.model_dump_json(by_alias=True, exclude=exclude)
    except pydantic_core.PydanticSerializationError:
        # Lone surrogates, as from a server's undecodable output. A measurement must not be lost over them.
        plain = _replaced(value.model_dump(by_alias=True, exclude=exclude))
        return pydantic_core.to_json(plain, bytes_mode="base64", inf_nan_mode="strings").decode()


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_replaced(item) for item in value]
    return value
