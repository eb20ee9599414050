"""Where a load goes: the URL read strictly, its host resolved once, and one real answer before the clock starts."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import ContractBroken, LaunchFailed, MeasurementError, UsageError
from ..model.workload import Request
from ..stacks.launch_request import Answer, HungUp, ask
from ..units import format_duration, printable

_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})", re.ASCII)
_PRINTED = re.compile(r"[!-~]+")
_LONGEST_SHOWN = 120


class Target(NamedTuple):
    """What a URL names.

    Attributes:
        url: as it may be shown.
        host, port: as written; the host is not resolved yet.
        path: with the query.
    """

    url: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == 80 else f"{name}:{self.port}"


def parse_target(url: str) -> Target:
    """Read the URL of a load.

    Raises:
        UsageError: it is not an http:// URL that can be loaded as written; credentials in it are never repeated.
    """
    scheme, found, rest = url.partition("://")
    if "@" in re.split(r"[/?#]", rest if found else url)[0]:
        raise UsageError("a URL with credentials is not loaded", "give them apart: --header 'Authorization: ...'")
    if not found:
        raise _wrong(url, "has no scheme", "write it as http://127.0.0.1:8000/path")
    if scheme.lower() == "https":
        raise _wrong(url, "needs TLS, which the load engine does not speak", "load the plain HTTP port behind it")
    if scheme.lower() != "http":
        raise _wrong(url, "is not an http:// URL", "write it as http://127.0.0.1:8000/path")
    if not _PRINTED.fullmatch(url):
        raise _wrong(url, "holds spaces, control or non-ASCII characters", "percent-encode them, as %20 for a space")
    if "#" in url:
        raise _wrong(url, "has a fragment (#...), which is never sent", "leave it out")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", 80 if parts.port is None else parts.port
    except ValueError as error:
        raise _wrong(url, f"cannot be read: {error}", "write it as http://127.0.0.1:8000/path") from error
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST_NAME.fullmatch(host)):
        raise _wrong(url, "has no valid host", "write it as http://127.0.0.1:8000/path or http://[::1]:8000/path")
    if not port:
        raise _wrong(url, "has port 0, on which nothing can listen", "give the port of the server")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, host, port, path)


def _is_ipv6(host: str) -> bool:
    try:
        return not ipaddress.IPv6Address(host).scope_id
    except ValueError:
        return False


def _wrong(url: str, what: str, remedy: str) -> UsageError:
    return UsageError(f"the URL {printable(_shortened(url))} {what}", remedy)


def connect(target: Target, timeout_s: float) -> socket.socket:
    """Resolve the host and connect to the first of its addresses that takes a connection.

    Raises:
        UsageError: the host has no address.
        MeasurementError: no address takes a connection.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"the host {target.host!r} cannot be resolved: {reason}", "check its spelling") from error
    reasons: dict[str, None] = {}
    for family, kind, protocol, _, address in found:
        connected = socket.socket(family, kind, protocol)
        connected.settimeout(timeout_s)
        try:
            connected.connect(address)
        except OSError as error:
            connected.close()
            reason = "no answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
            reasons[reason.lower()] = None
            continue
        if connected.getsockname() != connected.getpeername():
            return connected
        # Nobody listens, and the system chose the very port we wanted for our own end.
        connected.close()
        reasons["connection refused"] = None
    raise MeasurementError(
        f"{target.authority} takes no connection: {', '.join(reasons)}", "start the server, or check host and port"
    )


def first_answer(connected: socket.socket, target: Target, request: Request, timeout_s: float) -> Answer:
    """Ask once, before anything is timed; the connection is closed.

    Raises:
        UsageError: the request brings a `Host` header that names no host.
        MeasurementError: no whole answer came in time.
        LaunchFailed: the answer is not HTTP.
    """
    host = next((value for name, value in request.headers if name.lower() == "host"), target.authority)
    try:
        named = urlsplit(f"//{host}")
        address = (named.hostname or target.host, named.port or 80)
    except ValueError as error:
        raise UsageError(f"--header Host: {printable(host)} names no host", "write HOST or HOST:PORT") from error
    # The client used here writes the Host header by itself, from the address.
    bare = request.model_copy(update={"headers": tuple(h for h in request.headers if h[0].lower() != "host")})
    now = time.monotonic()
    asked = f"{request.method} {printable(_shortened(target.url))}"
    try:
        return ask(connected, address, bare, started=now, deadline=now + timeout_s, exited=lambda: False)
    except HungUp as error:
        raise MeasurementError(f"the server closed the connection on {asked}", "see its log") from error
    except TimeoutError as error:
        waited = format_duration(timeout_s)
        raise MeasurementError(f"no answer to {asked} within {waited}", "see its log, or raise --timeout") from error
    except LaunchFailed as error:
        raise MeasurementError(error.message, "give the port on which it serves plain HTTP/1.1") from error


def learn_status(answer: Answer, wanted: int | None, body: bytes | None, target: Target) -> int:
    """Check the first answer and say which status is right from here on.

    Raises:
        ContractBroken: it is another answer than the one wanted.
    """
    url = printable(_shortened(target.url))
    right = 200 <= answer.status < 300 if wanted is None else answer.status == wanted
    if not right:
        what = "any 2xx" if wanted is None else str(wanted)
        remedy = f"give the right URL, method or headers; if this is the right answer: --status {answer.status}"
        raise ContractBroken(
            f"{url} answered with status {answer.status}, where {what} is expected", remedy, _details(answer)
        )
    if body is not None and answer.body != body:
        remedy = "give the whole body with --expect-body, byte by byte"
        raise ContractBroken(f"{url} answered with another body than expected", remedy, _details(answer))
    return answer.status


def _details(answer: Answer) -> tuple[str, ...]:
    location = [f"Location: {_shortened(value)}" for name, value in answer.headers if name.lower() == "location"]
    body = ascii(answer.body[:_LONGEST_SHOWN].decode("utf-8", "replace"))
    return (*location, body + ("..." if len(answer.body) > _LONGEST_SHOWN else ""))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
