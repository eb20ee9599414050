"""Is this the service that the workload speaks of? Asked before anything is timed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence

from ..errors import ContractBroken
from ..loadgen.engine.answer import is_right
from ..loadgen.engine.content import KEPT_BYTES, Undecodable
from ..loadgen.engine.inspection import Inspection
from ..loadgen.engine.json_value import Unfit
from ..model.fact import Fact, fact
from ..model.workload import Expected, Workload
from ..serving.launch_request import Answer
from ..texts.catalogue import told
from ..texts.failure import failure
from .bodies import decoded, example
from .fairness import repeated
from .unexpected import in_words, may_want_host, path_there, status_of, wanted

LONGEST_SHOWN = 120


def learn_expected(workload: Workload, answers: Sequence[Answer], before: Expected | None = None) -> Expected:
    """Check a stack's first answers and derive what every later one is held against.

    Args:
        workload: what must come back.
        answers: the first answers of a fresh start.
        before: what was learned at its first start; bodies may differ from start to start (they may hold a process id),
            the status may not, unless it did so at the first.

    Raises:
        ContractBroken: an answer has another status or body than the workload states.
    """
    status = before.status if before else workload.status
    for answer in answers:
        _check(workload, status, answer)
    if (why := repeated(workload, answers)) is not None:
        raise failure(ContractBroken, why, fact("honest"))
    # The first of several alike may have created what the others replace.
    alike = before is None and len({answer.status for answer in answers}) == 1
    expected = Expected(status=answers[0].status if alike else status, json_values=workload.json_values)
    if workload.request.method == "HEAD":
        return expected
    bodies = {decoded(answer) for answer in answers} if workload.fixed else set()
    if len(bodies) == 1:
        return expected.model_copy(update={"body": bodies.pop()})
    try:
        seen = [example(answer) for answer in answers]
    except Undecodable as error:
        return expected.model_copy(update={"unread": str(error)})
    # What was right at the first start is so at every later one.
    return expected.model_copy(update={"examples": tuple(dict.fromkeys((*(before.examples if before else ()), *seen)))})


def unlike(expected: Mapping[str, Expected]) -> Fact | None:
    """Say which stacks answer differently from each other; None where they answer alike."""
    if len({(one.status, told(_length(one, _compact))) for one in expected.values()}) < 2:
        return None
    stacks = tuple(
        fact("unlike-responses.stack", stack=name, status=str(one.status or "any 2xx"), length=_length(one))
        for name, one in expected.items()
    )
    return fact("unlike-responses", stacks=stacks)


def _length(expected: Expected, of: Callable[[bytes], bytes] = bytes) -> Fact:
    lengths = {len(of(example.body)) for example in expected.examples}
    if len(lengths) == 1:
        return fact("length.bytes", bytes=lengths.pop())
    return fact("length.varying") if lengths else fact("length.unread")


def _compact(body: bytes) -> bytes:
    """The body without what two JSON libraries write differently; as it is where it is no JSON."""
    try:
        return json.dumps(json.loads(body)).encode()
    except (ValueError, RecursionError):
        return body


def _check(workload: Workload, status: int | None, answer: Answer) -> None:
    asked = f"{workload.request.method} {workload.request.path}"
    if not is_right(answer.status, status):
        what = fact("other-status", asked=asked, status=status_of(answer), wanted=wanted(status))
        raise failure(ContractBroken, what, _advice(workload, answer), in_words(answer))
    if workload.request.method == "HEAD" or not (workload.fixed or workload.json_values):
        return
    advice = fact("right-body" if workload.part is None else "same-work")
    try:
        body = decoded(answer)
    except Undecodable as error:
        what = fact("other-body.unchecked", asked=asked, why=str(error))
        raise failure(ContractBroken, what, advice) from error
    why = _wrong(workload, body)
    if why is not None:
        raise failure(ContractBroken, fact("other-body", asked=asked, what=why), advice, (_shown(body),))


def _wrong(workload: Workload, body: bytes) -> Fact | None:
    if workload.json_body is not None and not _same_json(body, workload.json_body):
        return fact("body.json", wanted=workload.json_body)
    if workload.body is not None and body != workload.body:
        return fact("body.bytes", wanted=_shown(workload.body))
    if workload.json_values and len(body) > KEPT_BYTES:
        return fact("body.long", bytes=KEPT_BYTES)
    try:
        if workload.json_values:
            Inspection(workload.json_values, {}).hold(body, body[:LONGEST_SHOWN])
    except Unfit as error:
        return fact("body.values", why=str(error))
    return None


def _advice(workload: Workload, answer: Answer) -> Fact:
    general = fact("right-request")
    if path := path_there(answer, workload.request):
        return fact("ask-page", path=shlex.quote(path))
    return fact("name-host", general=general) if may_want_host(answer, workload.request) else general


def _same_json(body: bytes, wanted: str) -> bool:
    try:
        return bool(json.loads(body) == json.loads(wanted))
    except (ValueError, RecursionError):
        return False


def _shown(body: bytes) -> str:
    text = body[: LONGEST_SHOWN + 1].decode("utf-8", "replace")
    return ascii(text[:LONGEST_SHOWN]) + ("..." if len(text) > LONGEST_SHOWN else "")
