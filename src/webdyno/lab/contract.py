"""Is this the service that the workload speaks of? Asked before anything is timed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from ..errors import ContractBroken
from ..model.workload import Expected, Workload
from ..stacks.launch_request import Answer
from .fairness import repeated
from .unexpected import OTHER_HOST, in_words, may_want_host, path_there, status_of

LONGEST_SHOWN = 120


def learn_expected(
    workload: Workload, answers: Sequence[Answer], notation: str, before: Expected | None = None
) -> Expected:
    """Check a stack's first answers and derive what every later one is held against.

    Args:
        workload: what must come back.
        answers: the first answers of a fresh start.
        notation: the stack.
        before: what was learned at its first start; bodies may differ from start to start (they may hold a process id),
            the status may not.

    Raises:
        ContractBroken: an answer has another status or body than the workload states.
    """
    status = before.status if before else workload.status
    for answer in answers:
        _check(workload, status, answer, notation)
    if (why := repeated(workload, answers)) is not None:
        raise ContractBroken(f"{notation}: {why}", "mend the app: it must do the work for every request")
    bodies = {answer.body for answer in answers}
    # Of a body that varies, the length may vary as well, even if it did not in a few answers.
    body = bodies.pop() if len(bodies) == 1 else None
    return Expected(
        status=answers[0].status,
        length=None if body is None else len(body),
        body=body,
        json_values=workload.json_values,
    )


def unlike(expected: Mapping[str, Expected]) -> list[str]:
    """Say which stacks answer differently from each other, or from one answer to the next: what cannot be checked."""
    remarks = []
    if len({(one.status, one.length) for one in expected.values()}) > 1:
        shown = "; ".join(f"{name}: status {one.status}, {_length(one)}" for name, one in expected.items())
        remarks.append(f"the stacks' answers differ, so make sure that they do the same work: {shown}")
    for name, one in expected.items():
        if one.body is None:
            remarks.append(f"{name} answers differently from request to request: only the status can be checked")
    return remarks


def _length(expected: Expected) -> str:
    return "varying length" if expected.length is None else f"{expected.length} bytes"


def _check(workload: Workload, status: int | None, answer: Answer, notation: str) -> None:
    asked = f"{workload.request.method} {workload.request.path}"
    wanted = "any 2xx" if status is None else str(status)
    right = 200 <= answer.status < 300 if status is None else answer.status == status
    if not right:
        raise ContractBroken(
            f"{notation} answered {asked} with {status_of(answer)}, where {wanted} is expected",
            _remedy(workload, answer),
            in_words(answer),
        )
    if workload.json_body is not None and not _same_json(answer.body, workload.json_body):
        raise ContractBroken(
            f"{notation} answered {asked} with another body than {workload.json_body}",
            "mend the app: it does not do the work that the others do",
            (_shown(answer.body),),
        )
    if workload.body is not None and answer.body != workload.body:
        raise ContractBroken(
            f"{notation} answered {asked} with other bytes than {_shown(workload.body)}",
            "mend the app: it does not do the work that the others do",
            (_shown(answer.body),),
        )


def _remedy(workload: Workload, answer: Answer) -> str:
    general = "mend the app, or give the right --path, --header or --status"
    if path := path_there(answer, workload.request):
        return f"ask for the page itself: --path {shlex.quote(path)}"
    return f"{OTHER_HOST}; else {general}" if may_want_host(answer, workload.request) else general


def _same_json(body: bytes, wanted: str) -> bool:
    try:
        return bool(json.loads(body) == json.loads(wanted))
    except (ValueError, RecursionError):
        return False


def _shown(body: bytes) -> str:
    text = body[: LONGEST_SHOWN + 1].decode("utf-8", "replace")
    return ascii(text[:LONGEST_SHOWN]) + ("..." if len(text) > LONGEST_SHOWN else "")
