"""One load as one JSON document: the run as measured, with `schema`, plus the key `analysis`. See `docs/load.md`."""

from __future__ import annotations

import json

from ...analysis.load_result import LoadAnalysis
from ...model.load_run import LoadRun


def to_json(run: LoadRun, analysis: LoadAnalysis) -> str:
    """Write run and analysis; without its `analysis`, the document reads back as the equal run."""
    document = json.loads(run.model_dump_json(by_alias=True))
    document["analysis"] = json.loads(analysis.model_dump_json(by_alias=True))
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
