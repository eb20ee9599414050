"""The requests per second in what load tools print: all that is read of those that have no driver yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...errors import EngineFailed
from ...model.json_text import read_json

_SHOWN_LINES = 10


def printed_rate(tool: str, output: str) -> float:
    """Requests per second, as the tool counts them.

    Args:
        tool: one of `TOOLS`.
        output: all that it wrote to standard output.

    Raises:
        EngineFailed: there is none in it.
    """
    rate = TOOLS[tool](output)
    if rate is None:
        last = tuple(output.strip().splitlines()[-_SHOWN_LINES:])
        raise EngineFailed(f"{tool} printed no rate", "see what it printed, and whether its version is another", last)
    return rate


def _after(pattern: str, output: str) -> float | None:
    found = re.search(pattern + r"(\d+(?:\.\d*)?)", output)
    return float(found[1]) if found else None


def _locust(output: str) -> float | None:
    """Of what `--json` prints: the requests of all endpoints over the time from the first to the last."""
    _, bracket, rest = output.partition("[")
    try:
        rows: Any = read_json((bracket + rest).encode())
        count = sum(row["num_requests"] for row in rows)
        span_s = max(row["last_request_timestamp"] for row in rows) - min(row["start_time"] for row in rows)
        return float(count / span_s) if span_s > 0 else None
    except (ValueError, TypeError, KeyError, OverflowError):
        # No JSON, another shape of it, or no request at all.
        return None


TOOLS: Mapping[str, Callable[[str], float | None]] = {
    "wrk": partial(_after, r"Requests/sec:\s*"),
    "ab": partial(_after, r"Requests per second:\s*"),
    "h2load": partial(_after, r"finished in [^,\n]+, "),
    "hey": partial(_after, r"Requests/sec:\s*"),
    "locust": _locust,
}
