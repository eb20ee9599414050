"""The server before the clock starts: reached over TCP, TLS or a Unix socket, and asked once."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import ExitStack

from ..errors import LaunchFailed, MeasurementError, UsageError
from ..model.target import Target, shortened
from ..model.tls import Tls
from ..model.workload import Request
from ..secure_socket import Security, handshake_error
from ..units import format_duration
from .launch_request import Answer, HungUp, NeverEnded, ask

_PLAIN_INSTEAD = "if it serves plain HTTP on this port, write http://; else see its log"


def connect(
    target: Target,
    *,
    timeout_s: float,
    unix_socket: str | None = None,
    tls: Tls | None = None,
    untrusted: str = "name its CA with --ca FILE, or trust any certificate with --insecure",
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
        raise MeasurementError(
            f"the Unix socket {shortened(path)} takes no connection: {_reason(error)}",
            "start the server, or check the path",
        ) from error
    return connected


def _to_host(target: Target, timeout_s: float) -> socket.socket:
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
            reasons[_reason(error)] = None
            continue
        if connected.getsockname() != connected.getpeername():
            return connected
        # Nobody listens, and the system chose the very port we wanted for our own end.
        connected.close()
        reasons["connection refused"] = None
    raise MeasurementError(
        f"{target.authority} takes no connection: {', '.join(reasons)}", "start the server, or check host and port"
    )


def _secured(connected: socket.socket, target: Target, tls: Tls, untrusted: str) -> ssl.SSLSocket:
    with ExitStack() as opened:
        opened.callback(connected.close)
        security = Security(tls, target.host)
        try:
            secured = security.wrap(connected)
            opened.callback(secured.close)
            secured.do_handshake()
        except TimeoutError as error:
            message = f"{target.authority} did not answer the TLS handshake in time"
            raise MeasurementError(message, _PLAIN_INSTEAD) from error
        except ssl.SSLCertVerificationError as error:
            raise MeasurementError(f"{target.authority}: {handshake_error(error)}", untrusted) from error
        except OSError as error:
            raise MeasurementError(f"{target.authority}: {handshake_error(error)}", _PLAIN_INSTEAD) from error
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
    tls_hint = "" if target.scheme == "https" else "; if it speaks TLS, write https://"
    try:
        return ask(connected, target.authority, request, started=now, deadline=now + timeout_s, exited=lambda: False)
    except HungUp as error:
        remedy = f"see its log, and whether it serves HTTP/1.1 there{tls_hint}"
        raise MeasurementError(f"the server closed the connection on {asked}", remedy) from error
    except TimeoutError as error:
        waited = format_duration(timeout_s)
        raise MeasurementError(f"no answer to {asked} within {waited}", "see its log, or raise --timeout") from error
    except NeverEnded as error:
        raise MeasurementError(error.message, error.remedy) from error
    except LaunchFailed as error:
        raise MeasurementError(error.message, f"give the port on which it serves HTTP/1.1{tls_hint}") from error
    except OSError as error:
        raise MeasurementError(f"the connection broke on {asked}: {_reason(error)}", "see the server's log") from error


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: {error.reason.lower().replace('_', ' ')}"
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
