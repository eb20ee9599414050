"""The status of every right answer to a load, learned from the first one."""

from __future__ import annotations

from ..errors import ContractBroken
from ..model.target import Target, shortened
from ..model.workload import Expected, Request
from ..serving.launch_request import Answer
from .unexpected import OTHER_HOST, in_words, may_want_host, path_there, status_of

_BODY_SHOWN = 120


def learn_status(answer: Answer, expected: Expected, target: Target, request: Request) -> int:
    """Check the first answer and say which status is right from here on.

    Raises:
        ContractBroken: it is another answer than the one wanted.
    """
    url, wanted = shortened(target.url), expected.status
    right = 200 <= answer.status < 300 if wanted is None else answer.status == wanted
    if not right:
        what = "any 2xx" if wanted is None else str(wanted)
        raise ContractBroken(
            f"{url} answered with {status_of(answer)}, where {what} is expected",
            _remedy(answer, request, target),
            in_words(answer),
        )
    # A compressed body is decoded and compared by the load generator, as every later one.
    encoded = any(name.lower() == "content-encoding" for name, _ in answer.headers)
    if expected.body is not None and answer.body != expected.body and not encoded:
        remedy = "give the whole body with --expect-body, byte by byte"
        raise ContractBroken(f"{url} answered with another body than expected", remedy, _details(answer))
    return answer.status


def _remedy(answer: Answer, request: Request, target: Target) -> str:
    general = f"give the right URL, method or headers; if this is the right answer: --status {answer.status}"
    if path := path_there(answer, request, target.scheme):
        return f"ask for the page itself: {shortened(f'{target.scheme}://{target.authority}{path}')}; else {general}"
    return f"{OTHER_HOST}; else {general}" if may_want_host(answer, request) else general


def _details(answer: Answer) -> tuple[str, ...]:
    start = ascii(answer.body[:_BODY_SHOWN].decode("utf-8", "replace"))
    return (start + ("..." if len(answer.body) > _BODY_SHOWN else ""),)
