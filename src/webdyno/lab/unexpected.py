"""What helps where a first answer has another status than the one wanted."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from ..model.fact import Fact, fact
from ..model.http_request import host_of
from ..model.target import shortened
from ..model.workload import Request
from ..serving.launch_request import Answer

_PATH = re.compile(r"/[!-~]*")
# Style sheets and scripts whole, of everything else the tags.
_MARKUP = re.compile(r"<(style|script)\b.*?(?:</\1>|$)|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_READ_BYTES = 65_536
# What frameworks say to a `Host` that they do not serve; 421 is RFC 9110's own.
_WRONG_HOST = (400, 421)


def status_of(answer: Answer) -> Fact:
    """The status, and where a redirect leads."""
    to, status = _location(answer), str(answer.status)
    if to is None:
        return fact("seen-status", status=status)
    return fact("seen-status.redirect", status=status, to=shortened(to))


def wanted(status: int | None) -> Fact | str:
    """The status that is expected."""
    return fact("any-success") if status is None else str(status)


def in_words(answer: Answer) -> tuple[str, ...]:
    """What the body says, on one line; nothing where it says nothing."""
    text = answer.body[:_READ_BYTES].decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        text = _MARKUP.sub(" ", text)
    words = " ".join(text.split())
    return (f"the response says: {shortened(words)}",) if words else ()


def may_want_host(answer: Answer, request: Request) -> bool:
    """Whether it may be the `Host` header that is refused: ours, since the request brings none."""
    return answer.status in _WRONG_HOST and host_of(request.headers) is None


def path_there(answer: Answer, request: Request, scheme: str = "http") -> str | None:
    """The path to ask for in place of the request's, where a redirect leads to another path of the same host."""
    to = _location(answer)
    if to is None:
        return None
    try:
        target = urlsplit(urljoin(f"{scheme}://{answer.host}{request.path}", to))
    except ValueError:
        return None
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    same = (target.scheme, target.netloc.lower()) == (scheme, answer.host.lower())
    return path if same and path != request.path and _PATH.fullmatch(path) else None


def _location(answer: Answer) -> str | None:
    if not 300 <= answer.status < 400:
        return None
    return next((value for name, value in answer.headers if name.lower() == "location"), None)
