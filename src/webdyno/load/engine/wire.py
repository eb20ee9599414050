"""The bytes of a request, written once."""

from __future__ import annotations

from ...errors import UsageError
from ...model.workload import Request

_OURS = frozenset({"content-length", "transfer-encoding"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def render(request: Request, host: str, port: int, *, keep_alive: bool = True) -> bytes:
    """Write a request as it goes over the wire.

    Host, User-Agent, Accept and `Connection: close` are ours unless the request brings its own; Content-Length is
    always ours.

    Raises:
        UsageError: the request brings a header that frames the body.
    """
    theirs = {name.lower() for name, _ in request.headers}
    if framing := sorted(theirs & _OURS):
        raise UsageError(f"the header {framing[0]} may not be given", "leave it out: it is written to fit the body")
    body = request.body or b""
    ours = [("Host", _authority(host, port)), ("User-Agent", "webdyno"), ("Accept", "*/*")]
    if not keep_alive:
        ours.append(("Connection", "close"))
    headers = [(name, value) for name, value in ours if name.lower() not in theirs]
    headers += request.headers
    if body or request.method in _WITH_BODY:
        headers.append(("Content-Length", str(len(body))))
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _authority(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == 80 else f"{name}:{port}"
