"""The margin's floor of each machine: a small file beside the results, one for each machine that measures there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..errors import StoreError
from ..model.floor import MarginFloor
from ..model.json_text import read_json
from .document import read_regular, write_document
from .wording import shown

SCHEMA = 1
_LARGEST_BYTES = 64 * 1024
_KEY = re.compile(r"[0-9a-f]{1,64}")
_AGAIN = "measure it anew: webdyno doctor; or remove the file"


def floor_file(folder: Path, machine: str) -> Path:
    """Where the floor of a machine is kept in a folder of results."""
    assert _KEY.fullmatch(machine)
    return folder / f"machine-{machine}.json"


def write_floor(folder: Path, floor: MarginFloor) -> Path:
    """Keep a floor, in whole or not at all, in place of an earlier one of the same machine.

    Returns:
        The file.

    Raises:
        NotGiven: it cannot be written there.
    """
    path = floor_file(folder, floor.machine)
    document = {"schema": SCHEMA, "floor": json.loads(floor.model_dump_json())}
    write_document(json.dumps(document, indent=2, allow_nan=False) + "\n", path)
    return path


def read_floor(folder: Path, machine: str) -> MarginFloor | None:
    """The floor of a machine; None where it was never found.

    Raises:
        StoreError: the file cannot be read, is of a newer webdyno or of another machine, or is damaged.
    """
    path = floor_file(folder, machine)
    try:
        content = read_regular(path, _LARGEST_BYTES, _AGAIN)
    except StoreError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise
    try:
        document = read_json(content)
        number = document["schema"]
        if type(number) is int and number > SCHEMA:
            raise StoreError(
                f"{shown(path)} has schema {number}, this webdyno reads up to {SCHEMA}",
                "upgrade webdyno, or remove the file and run webdyno doctor",
            )
        floor = MarginFloor.model_validate_json(json.dumps(document["floor"], allow_nan=False))
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(f"{shown(path)} is damaged", _AGAIN) from error
    if number != SCHEMA or floor.machine != machine:
        raise StoreError(f"{shown(path)} is not the floor of this machine", _AGAIN)
    return floor
