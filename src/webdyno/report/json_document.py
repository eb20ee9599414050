"""Results as one JSON document: the run as stored, with `schema`, plus the key `analysis`. See `docs/results.md`."""

from __future__ import annotations

import json

from ..analysis.load_result import LoadAnalysis
from ..analysis.results import Analysis
from ..model.load_run import LoadRun
from ..model.run import Run


def to_json(run: Run | LoadRun, analysis: Analysis | LoadAnalysis) -> str:
    """Write run and analysis; without its `analysis`, the document reads back as the equal run."""
    document = json.loads(run.model_dump_json(by_alias=True))
    document["analysis"] = json.loads(analysis.model_dump_json(by_alias=True))
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
