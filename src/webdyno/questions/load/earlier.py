"""The document of an earlier load."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from ...analysis.load.analyse_load import LoadAnalysis, analyse_load
from ...bounded_file import read_bounded
from ...errors import StoreError
from ...model.fault import first_fault
from ...model.json_text import NotJson, read_json
from ...model.load_run import LOAD_SCHEMA, LoadRun
from ...model.masked import masked_load_run
from ...units import printable

# The histograms of an hour's seconds are some 25 MB for each endpoint.
LARGEST_DOCUMENT = 512 * 2**20
Earlier = tuple[LoadRun, LoadAnalysis]
_AGAIN = "give a file that `webdyno load --json` wrote"


def read_earlier(path: Path) -> Earlier:
    """Read the document of an earlier load, and what it says.

    Raises:
        UsageError: it cannot be read.
        StoreError: it is not ours, of another schema, or damaged.
    """
    name = printable(str(path))
    try:
        document = read_json(read_bounded(path, LARGEST_DOCUMENT, f"--compare {name}"))
    except NotJson as error:
        raise StoreError(f"{name} is not JSON, or was cut short: {printable(str(error))}", _AGAIN) from error
    if not isinstance(document, dict) or document.get("document") != "load":
        raise StoreError(f"{name} is not the document of a load", _AGAIN)
    if document.get("schema") != LOAD_SCHEMA:
        raise StoreError(
            f"{name} has schema {printable(str(document.get('schema')))[:20]}, this webdyno reads {LOAD_SCHEMA}",
            "use the webdyno that wrote it, or measure anew",
        )
    document.pop("analysis", None)
    try:
        run = masked_load_run(LoadRun.model_validate_json(json.dumps(document, allow_nan=False)))
    except ValidationError as error:
        raise StoreError(f"{name} is damaged: {first_fault(error)}", _AGAIN) from error
    try:
        return run, analyse_load(run)
    except StoreError as error:
        raise StoreError(f"{name} is damaged: one of its histograms cannot be read", _AGAIN) from error
