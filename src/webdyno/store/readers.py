"""From stored JSON to a run: one reader for each schema number ever released."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from ..errors import StoreError
from ..model.fault import first_fault
from ..model.kept import masked_run
from ..model.run import SCHEMA, Run

Json = dict[str, Any]


def read_run(document: Json, where: str) -> Run:
    """Turn the JSON object of a run into a run, with the secrets masked that an older webdyno wrote.

    Args:
        document: the parsed object; `analysis`, which can be computed anew, is ignored.
        where: where it was found, for messages.

    Raises:
        StoreError: it is not a run of webdyno, has a newer schema, or holds a field that cannot be right.
    """
    number = document.get("schema")
    if type(number) is not int or number < 1 or "experiment" not in document:
        raise StoreError(f"{where} is JSON, but not a result of webdyno", "give a file that --json wrote")
    if number not in READERS:
        raise StoreError(
            f"{where} has schema {number}, this webdyno reads up to {SCHEMA}",
            "upgrade webdyno to the version that wrote it",
        )
    try:
        return masked_run(READERS[number]({key: value for key, value in document.items() if key != "analysis"}))
    except ValidationError as error:
        raise StoreError(
            f"{where} is damaged: {first_fault(error)}", "take another copy, or measure again: webdyno compare"
        ) from error


def _read_schema_1(document: Json) -> Run:
    # Through JSON once more, since only there bytes are read from base64.
    return Run.model_validate_json(json.dumps(document, ensure_ascii=False, allow_nan=False))


READERS: Mapping[int, Callable[[Json], Run]] = {1: _read_schema_1}
