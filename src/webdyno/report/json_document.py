"""Results as one JSON document: the run as stored, with `schema`, plus the key `analysis`. See `docs/results.md`."""

from __future__ import annotations

import json
from typing import Any

from ..model.base import Figure, Value


def to_json(run: Value, analysis: Figure) -> str:
    """Write what was measured and what it says; without its `analysis`, the document reads back as equal."""
    return written(with_analysis(run, analysis))


def with_analysis(run: Value, analysis: Figure) -> dict[str, Any]:
    """What was measured as a JSON object, with the key `analysis`."""
    document: dict[str, Any] = json.loads(run.model_dump_json(by_alias=True))
    return document | {"analysis": json.loads(analysis.model_dump_json(by_alias=True))}


def written(document: dict[str, Any]) -> str:
    """The text of a document, ending in a line break."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
