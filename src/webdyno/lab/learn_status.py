"""The status of every right answer to a load, learned from the first one."""

from __future__ import annotations

from ..errors import ContractBroken
from ..loadgen.engine.answer import is_right
from ..model.fact import Fact, fact
from ..model.target import Target, shortened
from ..model.workload import Expected, Request
from ..serving.launch_request import Answer
from ..texts.failure import failure
from .unexpected import in_words, may_want_host, path_there, status_of, wanted

_BODY_SHOWN = 120


def learn_status(answer: Answer, expected: Expected, target: Target, request: Request) -> int:
    """Check the first answer and say which status is right from here on.

    Raises:
        ContractBroken: it is another answer than the one wanted.
    """
    url, status = shortened(target.url), expected.status
    if not is_right(answer.status, status):
        what = fact("other-status.url", url=url, status=status_of(answer), wanted=wanted(status))
        raise failure(ContractBroken, what, _advice(answer, request, target), in_words(answer))
    # A compressed body is decoded and compared by the load generator, as every later one.
    encoded = any(name.lower() == "content-encoding" for name, _ in answer.headers)
    if expected.body is not None and answer.body != expected.body and not encoded:
        what = fact("other-body.url", url=url)
        raise failure(ContractBroken, what, fact("right-body.whole"), _details(answer))
    return answer.status


def _advice(answer: Answer, request: Request, target: Target) -> Fact:
    general = fact("right-request.url", status=str(answer.status))
    if path := path_there(answer, request, target.scheme):
        url = shortened(f"{target.scheme}://{target.authority}{path}")
        return fact("ask-page.url", url=url, general=general)
    return fact("name-host", general=general) if may_want_host(answer, request) else general


def _details(answer: Answer) -> tuple[str, ...]:
    start = ascii(answer.body[:_BODY_SHOWN].decode("utf-8", "replace"))
    return (start + ("..." if len(answer.body) > _BODY_SHOWN else ""),)
