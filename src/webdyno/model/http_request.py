"""A request as HTTP/1.1 writes it, the same for everything that sends: before a load, under it, and after it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import UsageError
from ..units import printable
from .workload import Request

Fields = Sequence[tuple[str, str]]

_UPGRADE = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# RFC 9110, section 7.2: a host, and a port or none. It may be empty.
_HOST = re.compile(r"(?:\[[0-9A-Za-z.:%]+\]|[^\s\[\]:/?#@\x80-\xff]*)(?::[0-9]*)?", re.ASCII)
_FITS = "leave it out: it is written to fit the body"


def check_fields(given: Fields, body_length: int | None, *, websocket: bool = False) -> None:
    """Refuse headers with which a server could not tell where the request ends, or whom it is for.

    Args:
        given: name and value pairs that a request brings.
        body_length: bytes of its body; None where they differ from one request to the next.
        websocket: it opens a WebSocket.

    Raises:
        UsageError: `Transfer-Encoding`, a `Content-Length` that is not the body's, a `Host` that names none, one
            of the two twice, or the key of a WebSocket. The text repeats no value but that of `Host`.
    """
    by_name: dict[str, list[str]] = {}
    for name, value in given:
        by_name.setdefault(name.lower(), []).append(value.strip(" \t"))
    if "transfer-encoding" in by_name:
        raise UsageError("the header Transfer-Encoding may not be given", "leave it out: bodies are sent in one piece")
    if websocket and "sec-websocket-key" in by_name:
        raise UsageError("the header Sec-WebSocket-Key may not be given", "leave it out: each connection draws its own")
    for name, values in by_name.items():
        if name in ("host", "content-length") and len(values) > 1:
            raise UsageError(f"the header {name.title()} is given {len(values)} times", "give it once")
    for length in by_name.get("content-length", ()):
        if body_length is None:
            raise UsageError("the header Content-Length may not be given with a body that varies", _FITS)
        if length != str(body_length):
            raise UsageError(f"the header Content-Length is not {body_length}, the length of the body", _FITS)
    for host in by_name.get("host", ()):
        # What a placeholder will give is not known yet.
        if not _HOST.fullmatch(host) and "${" not in host:
            raise UsageError(f"the header Host: {printable(host):.40} names no host", "write HOST or HOST:PORT")


def header_fields(request: Request, authority: str, *, keep_alive: bool = True) -> list[tuple[str, str]]:
    """The header of a request, but for a `Content-Length` of ours: each field that we add unless it brings its own.

    Its own Cookie fields come last, so that the cookies that a user keeps can follow them.

    Args:
        request: what is sent.
        authority: host and port, for the `Host` header.
        keep_alive: False asks the server to close the connection.
    """
    ours = [("Host", authority), ("User-Agent", "webdyno"), ("Accept", "*/*")]
    if request.websocket:
        ours += _UPGRADE
    elif not keep_alive:
        ours.append(("Connection", "close"))
    given = {name.lower() for name, _ in request.headers}
    theirs = sorted(request.headers, key=lambda header: header[0].lower() == "cookie")
    return [(name, value) for name, value in ours if name.lower() not in given] + theirs


def needs_length(request: Request) -> bool:
    """Whether a `Content-Length` of ours ends the header."""
    if any(name.lower() == "content-length" for name, _ in request.headers):
        return False
    return bool(request.body) or request.method in _WITH_BODY


def host_of(given: Fields) -> str | None:
    """The value of the `Host` header, where there is one."""
    return next((value for name, value in given if name.lower() == "host"), None)


def asks_to_close(given: Fields) -> bool:
    """Whether the server is asked to close the connection after the response."""
    values = (value for name, value in given if name.lower() == "connection")
    return any(option.strip().lower() == "close" for value in values for option in value.split(","))


def as_typed(value: str) -> str:
    """The value of a header as people read it, where its bytes are UTF-8; what is not becomes U+FFFD."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def authority_of(host: str, port: int, default_port: int = 80) -> str:
    """Host and port as the `Host` header has them; the port of the scheme is left out."""
    name = f"[{host}]" if ":" in host else host
    return name if port == default_port else f"{name}:{port}"


def write_request(request: Request, authority: str) -> bytes:
    """The bytes of a request in which nothing is a placeholder.

    Raises:
        UsageError: see `check_fields`.
    """
    body = request.body or b""
    check_fields(request.headers, len(body))
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in header_fields(request, authority)]
    if needs_length(request):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
