"""Files that a scenario names, and the rows of data in them; all are read whole, within bounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from ..bounded_file import read_bounded
from ..errors import UsageError
from ..model.json_text import NotJson, read_json
from ..model.scenario import Rows
from ..model.workload import JsonScalar, is_scalar
from ..units import printable
from .scenario_format import within

MOST_DATA_BYTES = 64_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000

_Row = dict[str, JsonScalar]


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        UsageError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"byte {error.start + 1} is not UTF-8", "save the file as UTF-8") from error


def read_rows(path: Path, pick: Literal["next", "random"]) -> Rows:
    """Read the rows of a `.csv` file with a header line, whose values are text, or of a `.jsonl` file of flat objects.

    Raises:
        UsageError: the file cannot be read, or is not of its format. The text never repeats values.
    """
    read = {".csv": _csv_rows, ".jsonl": _jsonl_rows}.get(path.suffix.lower())
    with within(printable(str(path))):
        if read is None:
            raise UsageError("its name ends with neither .csv nor .jsonl", "write it in one of these formats")
        content = read_bounded(path, MOST_DATA_BYTES)
        rows = tuple(islice(read(decoded(content)), MOST_ROWS + 1))
        if len(rows) > MOST_ROWS:
            raise UsageError(f"there are more than {MOST_ROWS:,} rows", "leave some out")
        if not rows:
            raise UsageError("there are no rows", "give one at least")
        return Rows(rows=rows, pick=pick)


def _csv_rows(text: str) -> Iterator[_Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [column.strip() for column in next(lines, [])]
        if len(set(columns)) < len(columns) or "" in columns or len(columns) > MOST_COLUMNS:
            raise UsageError("the header line names a column twice, or not at all", "give every column its own name")
        for values in lines:
            if not values:
                continue
            if len(values) != len(columns):
                raise UsageError(
                    f"line {lines.line_num} has {len(values)} values where the header has {len(columns)}",
                    "put values with a comma in double quotes",
                )
            yield dict(zip(columns, values, strict=True))
    except csv.Error as error:
        raise UsageError(f"line {lines.line_num} is not CSV: {printable(str(error))}") from error


def _jsonl_rows(text: str) -> Iterator[_Row]:
    # Not splitlines: JSON strings may hold the other characters at which it splits.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = read_json(line.encode())
        except NotJson as error:
            raise UsageError(f"line {number} is not JSON", "write one object on each line") from error
        if not isinstance(row, dict) or not all(map(is_scalar, row.values())) or len(row) > MOST_COLUMNS:
            raise UsageError(f"line {number} is not an object of plain values", 'write it as {"name": "ann", "age": 7}')
        yield row
