"""Nobody wins by doing less: what is held against a stack beside each answer's status and body."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime

from ..loadgen.engine.content import Undecodable
from ..model.fact import Fact, fact
from ..model.trial import LoadFigures
from ..model.workload import Workload
from ..serving.launch_request import Answer
from .bodies import decoded

# A Date has whole seconds, and servers may renew it once a second.
STALE_S = 3.0
# An idle server has renewed its Date several times by then, however far behind it was under load.
IDLE_S = 6.0
_STEP_S = 0.25


def kept_date(ask: Callable[[], Answer]) -> Fact | None:
    """Why the `Date` shows that answers are kept; None where it is of the present or moves, or where there is none.

    A server that renews its `Date` now and then is far behind under load, and the clock or the time zone of an app may
    be another one. None of it keeps a `Date` from moving once the server is idle, so it is asked until that is known.

    Args:
        ask: ask the server, which nobody else asks any more.

    Raises:
        LaunchFailed: it does not answer.
    """
    asked_at = time.time()
    first = later = ask()
    if is_present(first, asked_at):
        return None
    began, idle_s = time.monotonic(), 0.0
    while not is_present(later, asked_at):
        if idle_s >= IDLE_S:
            return stood_still(first, later, idle_s)
        time.sleep(_STEP_S)
        asked_at, idle_s = time.time(), time.monotonic() - began
        later = ask()
    # What was renewed because it had expired is old again soon, and nothing is to blame for it but a cache.
    time.sleep(STALE_S + 1)
    asked_at = time.time()
    if is_present(ask(), asked_at):
        return None
    return fact("kept.old-date", seconds=STALE_S)


def is_present(answer: Answer, asked_at: float) -> bool:
    """Whether the answer bears the `Date` of its making, or none.

    Args:
        answer: of the server.
        asked_at: when it was asked, on the system's clock, seconds since 1970.
    """
    text = answer.header("Date")
    if text is None:
        return True
    made = _seconds(text)
    return made is not None and -STALE_S <= made - asked_at <= time.time() - asked_at + STALE_S


def stood_still(first: Answer, later: Answer, apart_s: float) -> Fact | None:
    """Why the `Date` of two answers is that of one which is kept; None where it moved with the clock.

    Args:
        first: an answer.
        later: another one.
        apart_s: seconds from the end of the first to the request of the other.
    """
    before, after = first.header("Date"), later.header("Date")
    if before is None or after is None:
        return None
    seconds = _seconds(before), _seconds(after)
    moved = before != after
    if seconds[0] is not None and seconds[1] is not None:
        # Workers that each keep an answer have different dates, and none of them goes with the clock.
        moved = seconds[1] - seconds[0] >= apart_s / 2
    return None if moved else fact("kept.date", seconds=apart_s)


def _seconds(date: str) -> float | None:
    """Since 1970; None where it is no date."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def repeated(workload: Workload, answers: Sequence[Answer]) -> Fact | None:
    """Why the answers look cached: a value that must be another one in each came twice."""
    if workload.varies is None:
        return None
    values = [_value(answer, workload.varies) for answer in answers]
    if None in values:
        return fact("kept.no-value", name=workload.varies)
    if len(set(values)) < len(values):
        return fact("kept.value", name=workload.varies)
    return None


def skipped_calls(workload: Workload, calls: Mapping[str, int], result: LoadFigures) -> Fact | None:
    """Why a dependency was called too rarely.

    Args:
        workload: says how often each request calls which.
        calls: how often each was called while the load ran, the warm-up included.
        result: of the load.
    """
    if result.answered is None:
        return None
    for need in workload.needs:
        needed = need.calls * result.answered
        if needed and calls[need.name] < needed:
            had = calls[need.name]
            return fact("skipped-calls", answered=result.answered, needed=needed, dependency=need.name, had=had)
    return None


def _value(answer: Answer, name: str) -> str | None:
    try:
        value = json.loads(decoded(answer))[name]
    except (Undecodable, ValueError, RecursionError, LookupError, TypeError):
        return None
    return json.dumps(value)
