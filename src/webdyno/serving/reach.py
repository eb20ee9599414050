"""The server before the clock starts: reached over TCP, TLS or a Unix socket, and asked once."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import ExitStack

from ..errors import LaunchFailed, MeasurementError, UsageError
from ..model.fact import Fact, fact
from ..model.target import Target, shortened
from ..model.tls import Tls
from ..model.workload import Request
from ..secure_socket import Security, handshake_error
from ..texts.failure import failure, give_remedy
from .launch_request import Answer, HungUp, NeverEnded, ask

_UNTRUSTED = fact("trust")


def connect(
    target: Target,
    *,
    timeout_s: float,
    unix_socket: str | None = None,
    tls: Tls | None = None,
    untrusted: Fact = _UNTRUSTED,
) -> socket.socket:
    """Connect to the Unix socket, or to the first address of the host that takes a connection; then shake hands.

    Args:
        target: whom to connect to.
        timeout_s: seconds that each step may take.
        unix_socket: the path of a Unix socket to connect to instead.
        tls: how to shake hands; None for plain HTTP.
        untrusted: what to do about a certificate that is not to be trusted.

    Raises:
        UsageError: the host has no address, or the certificates to trust cannot be read.
        MeasurementError: nothing takes a connection, or TLS fails.
    """
    connected = _to_socket(unix_socket, timeout_s) if unix_socket else _to_host(target, timeout_s)
    return _secured(connected, target, tls, untrusted) if tls else connected


def _to_socket(path: str, timeout_s: float) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX)
    connected.settimeout(timeout_s)
    try:
        connected.connect(path)
    except (OSError, ValueError) as error:
        connected.close()
        what = fact("no-connection.socket", path=shortened(path), why=_reason(error))
        raise failure(MeasurementError, what, fact("start-it.socket")) from error
    return connected


def _to_host(target: Target, timeout_s: float) -> socket.socket:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"the host {target.host!r} cannot be resolved: {reason}", "check its spelling") from error
    reasons: list[Fact | str] = []
    for family, kind, protocol, _, address in found:
        connected = socket.socket(family, kind, protocol)
        connected.settimeout(timeout_s)
        try:
            connected.connect(address)
        except OSError as error:
            connected.close()
            reasons.append(_reason(error))
            continue
        if connected.getsockname() != connected.getpeername():
            return connected
        # Nobody listens, and the system chose the very port we wanted for our own end.
        connected.close()
        reasons.append(fact("why.refused"))
    each = tuple(reason for at, reason in enumerate(reasons) if reason not in reasons[:at])
    raise failure(MeasurementError, fact("no-connection", address=target.authority, why=each), fact("start-it"))


def _secured(connected: socket.socket, target: Target, tls: Tls, untrusted: Fact) -> ssl.SSLSocket:
    with ExitStack() as opened:
        opened.callback(connected.close)
        plain = fact("plain-instead", url=shortened(target.under("http")))
        security = Security(tls, target.host)
        try:
            secured = security.wrap(connected)
            opened.callback(secured.close)
            secured.do_handshake()
        except TimeoutError as error:
            raise failure(MeasurementError, fact("tls-late", address=target.authority), plain) from error
        except OSError as error:
            what = fact("tls-failed", address=target.authority, why=handshake_error(error))
            advice = untrusted if isinstance(error, ssl.SSLCertVerificationError) else plain
            raise failure(MeasurementError, what, advice) from error
        opened.pop_all()
    return secured


def first_answer(connected: socket.socket, target: Target, request: Request, timeout_s: float) -> Answer:
    """Ask once, before anything is timed; the connection is closed.

    Raises:
        UsageError: the request cannot be sent as written.
        MeasurementError: no whole answer came in time, or it is not HTTP.
    """
    now = time.monotonic()
    asked = f"{request.method} {shortened(target.url)}"
    plain, encrypted = target.scheme == "http", shortened(target.under("https"))
    try:
        return ask(connected, target.authority, request, started=now, deadline=now + timeout_s, exited=lambda: False)
    except HungUp as error:
        advice = fact("see-log.http-or-tls", url=encrypted) if plain else fact("see-log.http")
        raise failure(MeasurementError, fact("hung-up", asked=asked), advice) from error
    except TimeoutError as error:
        what = fact("unanswered-request", asked=asked, within_s=timeout_s)
        raise failure(MeasurementError, what, fact("see-log.or-patience")) from error
    except NeverEnded:
        raise
    except LaunchFailed as error:
        give_remedy(error, fact("right-port.or-tls", url=encrypted) if plain else fact("right-port"))
        raise
    except OSError as error:
        what = fact("connection-broke", asked=asked, why=_reason(error))
        raise failure(MeasurementError, what, fact("see-log")) from error


def _reason(error: OSError | ValueError) -> Fact | str:
    if isinstance(error, TimeoutError):
        return fact("why.late")
    if isinstance(error, ssl.SSLError) and error.reason:
        return fact("why.tls", reason=error.reason.lower().replace("_", " "))
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
