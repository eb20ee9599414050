"""Readiness: a server is ready when it has answered a real request on its own socket."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Callable, Sequence

from ..errors import LaunchFailed
from ..model.fact import Fact, fact
from ..model.http_request import authority_of
from ..model.workload import Request
from ..texts.failure import failure
from . import sockets
from .launch_request import Answer, HungUp, ask
from .sockets import Listener, join_address, reaches

_STEP_S = 0.005
_LOOK_S = 0.1
# A wrong state that has lasted this long is not a step on the way to the right one.
_SETTLED_S = 3.0
_CONNECT_S = 1.0
SEE_OUTPUT = fact("see-output")


class PortTaken(LaunchFailed):
    """Another process has the port."""


def await_answer(
    pid: int,
    address: tuple[str, int],
    request: Request,
    *,
    started: float,
    within_s: float,
    poll: Callable[[], int | None],
) -> Answer:
    """Wait until a server answers a request, whatever the answer is.

    Args:
        pid: the server's process.
        address: host (an IP literal) and port.
        request: what is asked.
        started: when the process was started, on the monotonic clock.
        within_s: seconds from now within which it must have answered.
        poll: the exit code of the server's process, None while it runs.

    Raises:
        LaunchFailed: it exited, listens elsewhere, hangs, hangs up, never ends its answer, or is not there in time.
        PortTaken: another process listens on the address.
    """
    deadline = time.monotonic() + within_s
    obstacle: LaunchFailed | None = None
    since = looked = 0.0
    while (now := time.monotonic()) < deadline:
        if (code := poll()) is not None:
            raise failure(LaunchFailed, fact("exited.early", how=describe_exit(code)), SEE_OUTPUT)
        met = obstacle
        if (connected := _connect(address)) is not None:
            with contextlib.closing(connected):
                _refuse_stranger(pid, address)
                try:
                    return ask(
                        connected,
                        authority_of(*address),
                        request,
                        started=started,
                        deadline=deadline,
                        exited=lambda: poll() is not None,
                    )
                except HungUp:
                    met = _hangs_up(request)
                except TimeoutError:
                    raise obstacle or _hangs(request, now - started, within_s) from None
        elif now - looked > _LOOK_S:
            looked = now
            met = misplaced(sockets.listeners(pid).own, address)
        since = since if obstacle and met else now
        obstacle = met
        if obstacle and now - since > _SETTLED_S:
            raise obstacle
        time.sleep(_STEP_S)
    raise obstacle or failure(
        LaunchFailed,
        fact("not-listening", address=join_address(*address), within_s=within_s),
        fact("see-output.or-longer", longer=_longer(within_s)),
    )


def misplaced(own: Sequence[Listener], address: tuple[str, int]) -> LaunchFailed | None:
    """What to say of a server that listens, but not where it was told to; None where it does, or listens nowhere."""
    if not own or any(reaches(listener, *address) for listener in own):
        return None
    places = tuple(sorted({str(listener) for listener in own})[:4])
    return failure(
        LaunchFailed,
        fact("listens-elsewhere", places=places, address=join_address(*address)),
        fact("take-port", place="{port}"),
    )


def describe_exit(code: int) -> Fact:
    """Say how a process ended, from its return code as `subprocess` gives it."""
    if code >= 0:
        return fact("exit.code", code=str(code))
    try:
        return fact("exit.signal", signal=signal.Signals(-code).name)
    except ValueError:
        return fact("exit.unknown-signal", number=str(-code))


def _connect(address: tuple[str, int]) -> socket.socket | None:
    try:
        connected = socket.create_connection(address, timeout=_CONNECT_S)
    except OSError:
        return None
    if connected.getsockname() == connected.getpeername():
        # Nobody listens, and the system chose the very port we wanted for our own end.
        connected.close()
        return None
    return connected


def _refuse_stranger(pid: int, address: tuple[str, int]) -> None:
    """Make sure that nobody but the server can have accepted the connection.

    Raises:
        PortTaken: somebody else can.
    """
    # A worker may open its socket or end between two looks at the system: only a stranger seen twice is one.
    for pause_s in (_LOOK_S, 0.0):
        found = sockets.listeners(pid)
        if not any(reaches(listener, *address) for listener in found.foreign) and any(
            reaches(listener, *address) for listener in found.own
        ):
            return
        time.sleep(pause_s)
    raise port_taken(pid, address)


def port_taken(pid: int, address: tuple[str, int]) -> PortTaken:
    """What says that somebody else than the server listens on its address."""
    by = sockets.holder(*address, but=sockets.family(pid))
    where = join_address(*address)
    what = fact("port-taken.by", address=where, by=by) if by else fact("port-taken", address=where)
    return failure(PortTaken, what, fact("free-port"))


def _hangs_up(request: Request) -> LaunchFailed:
    return failure(LaunchFailed, fact("hangs-up", asked=f"{request.method} {request.path}"), SEE_OUTPUT)


def _hangs(request: Request, after_s: float, within_s: float) -> LaunchFailed:
    return failure(
        LaunchFailed,
        fact("hangs", asked=f"{request.method} {request.path}", after_s=after_s),
        fact("see-start", longer=_longer(within_s)),
    )


def _longer(within_s: float) -> Fact:
    return fact("longer-start", within_s=within_s, longer_s=2 * within_s)
