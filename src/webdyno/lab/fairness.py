"""Nobody wins by doing less: what is held against a stack beside each answer's status and body."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from ..model.trial import LoadResult
from ..model.workload import Workload
from ..stacks.launch_request import Answer

# A Date has whole seconds, and servers may renew it once a second.
STALE_S = 3.0


def stale_date(answer: Answer, asked_at: float) -> str | None:
    """Why the answer's `Date` is not of the present; None where it is, or where there is none.

    Args:
        answer: of the server.
        asked_at: when it was asked, on the system's clock, seconds since 1970.
    """
    text = next((value for name, value in answer.headers if name.lower() == "date"), None)
    if text is None:
        return None
    try:
        off_s = parsedate_to_datetime(text).timestamp() - asked_at
    except ValueError:
        return f"its Date header {text[:40]!a} is no date"
    answered_s = time.time() - asked_at
    if -STALE_S <= off_s <= answered_s + STALE_S:
        return None
    return f"its Date header is off by {off_s:+.0f} s: the answer was not made when it was asked for"


def repeated(workload: Workload, answers: Sequence[Answer]) -> str | None:
    """Why the answers look cached: a value that must be another one in each came twice."""
    if workload.varies is None:
        return None
    values = [_value(answer, workload.varies) for answer in answers]
    if None in values:
        return f"an answer has no {workload.varies}"
    if len(set(values)) < len(values):
        return f"two answers have the same {workload.varies}: they come from a cache"
    return None


def skipped_calls(workload: Workload, hits: int, result: LoadResult) -> str | None:
    """Why the upstream was called too rarely.

    Args:
        workload: says how often each request calls it.
        hits: how often it was called while the load ran, the warm-up included.
        result: of the load.
    """
    if workload.upstream is None or result.answered is None:
        return None
    needed = workload.upstream.calls * result.answered
    if hits >= needed:
        return None
    return f"{result.answered:,} right answers need {needed:,} calls of the upstream, but it had {hits:,}"


def _value(answer: Answer, name: str) -> str | None:
    try:
        value = json.loads(answer.body)[name]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return json.dumps(value)
