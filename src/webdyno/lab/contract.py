"""Is this the service that the workload speaks of? Asked before anything is timed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..errors import ContractBroken
from ..model.workload import Expected, Workload
from ..stacks.launch_request import Answer

LONGEST_SHOWN = 120


def learn_expected(workload: Workload, answers: Sequence[Answer], notation: str) -> Expected:
    """Check a stack's first answers and derive what every later one is held against.

    Raises:
        ContractBroken: an answer has another status or body than the workload states.
    """
    for answer in answers:
        _check(workload, answer, notation)
    lengths = {len(answer.body) for answer in answers}
    bodies = {answer.body for answer in answers}
    return Expected(
        status=answers[0].status,
        length=lengths.pop() if len(lengths) == 1 else None,
        body=bodies.pop() if len(bodies) == 1 else None,
    )


def _check(workload: Workload, answer: Answer, notation: str) -> None:
    asked = f"{workload.request.method} {workload.request.path}"
    wanted = "any 2xx" if workload.status is None else str(workload.status)
    right = 200 <= answer.status < 300 if workload.status is None else answer.status == workload.status
    if not right:
        raise ContractBroken(
            f"{notation} answered {asked} with status {answer.status}, where {wanted} is expected",
            "mend the app, or give the right --path, --header or --status",
            (_shown(answer.body),),
        )
    if workload.json_body is not None and not _same_json(answer.body, workload.json_body):
        raise ContractBroken(
            f"{notation} answered {asked} with another body than {workload.json_body}",
            "mend the app: it does not do the work that the others do",
            (_shown(answer.body),),
        )


def _same_json(body: bytes, wanted: str) -> bool:
    try:
        return bool(json.loads(body) == json.loads(wanted))
    except ValueError:
        return False


def _shown(body: bytes) -> str:
    text = body[: LONGEST_SHOWN + 1].decode("utf-8", "replace")
    return ascii(text[:LONGEST_SHOWN]) + ("..." if len(text) > LONGEST_SHOWN else "")
