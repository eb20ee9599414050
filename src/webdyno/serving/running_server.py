"""A server that already runs: it is asked and watched, and never started, stopped or signalled."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil

from ..errors import LaunchFailed, MeasurementError
from ..model.fact import Fact, fact
from ..model.run import StackRecord
from ..model.secret_rules import mask_text
from ..model.stack import Stack
from ..model.target import Target, parse_target
from ..model.tls import Tls
from ..model.workload import Request
from ..texts.catalogue import as_note
from ..texts.failure import failure
from .launch_request import Answer
from .process_check import cpu_used_s, refuse_other_process
from .reach import connect, first_answer
from .served import Address
from .sockets import join_address

INTERFACE = "http"
_CONNECT_S = 10.0
_REST_S = 5.0
_LOOK_S = 0.1
# Of a core; what is idle may still keep a clock.
_IDLE = 0.1
_BEFORE_S = 0.5
_BUSY = 0.05
_UNTRUSTED = fact("trust.environment")


def find_running(stack: Stack) -> StackRecord:
    """Look for a server that already runs: where it is, and whether the given process is the one that serves.

    A host name is resolved here, once for the whole run.

    Raises:
        UsageError: its host has no address.
        MeasurementError: it takes no connection, or another process than the given one serves.
    """
    target = _target(stack)
    with closing(_connect(target, target, _CONNECT_S)) as connected:
        host = str(connected.getpeername()[0])
    if stack.pid is not None:
        refuse_other_process(stack.pid, host, target.port)
    return StackRecord(
        stack=stack,
        notation=str(stack),
        interface=INTERFACE,
        served_as=INTERFACE,
        argv=(),
        env={},
        cwd="",
        python="",
        packages={},
        locked=False,
        address=join_address(host, target.port),
        notes=() if stack.pid is None else tuple(map(as_note, _of_process(stack.pid))),
    )


@contextmanager
def running(record: StackRecord) -> Iterator[RunningServer]:
    """Turn to a server that `find_running` has found, and let go of it once it is through with what it was asked.

    Raises:
        MeasurementError: it is not there any more.
    """
    server = RunningServer(record)
    server.check_alive()
    yield server
    server.rest()


class RunningServer:
    """A server that already runs.

    Attributes:
        pid: the root of its process tree, where it was given.
        address: where it was found.
    """

    fresh = False
    output_bytes = 0

    def __init__(self, record: StackRecord) -> None:
        self._target = _target(record.stack)
        host = record.address.removesuffix(f":{self._target.port}").strip("[]")
        self._found = self._target._replace(host=host)
        self.pid = record.stack.pid
        self.address = Address(host, self._target.port, self._target.authority, _tls(self._target))
        self._process = None if self.pid is None else _process(self.pid)
        self._asked: Request | None = None

    def wait_ready(self, request: Request, deadline_s: float = 20.0) -> Answer:
        """Ask it once: what already runs is ready.

        Raises:
            MeasurementError: it takes no connection, or does not answer in time.
        """
        url = f"{self._target.scheme}://{self._target.authority}{request.path}"
        connected = _connect(self._found, self._target, deadline_s)
        answer = first_answer(connected, self._target._replace(url=mask_text(url)), request, deadline_s)
        self._asked = request
        return answer

    def check_alive(self) -> None:
        """Make sure that it takes connections, and that the given process still is the one that serves.

        Raises:
            MeasurementError: it does not, or another process does.
        """
        _connect(self._found, self._target, _CONNECT_S).close()
        if self.pid is None:
            return
        # Compares the start times as well: a pid may be given anew.
        if self._process is None or not self._process.is_running():
            raise failure(LaunchFailed, fact("process-ended", pid=str(self.pid)), fact("pid-anew"))
        refuse_other_process(self.pid, self.address.host, self.address.port)

    def rest(self) -> None:
        """Wait a while for it to end what it was asked: nobody stops it, and the next trial would share the machine."""
        deadline = time.monotonic() + _REST_S
        if self._asked:
            # It may have as many requests in its queue as there were connections; this one comes last.
            with suppress(MeasurementError):
                self.wait_ready(self._asked, _REST_S)
        while self.pid is not None and cpu_used_s(self.pid, _LOOK_S) > _IDLE * _LOOK_S and time.monotonic() < deadline:
            pass

    def begin_end(self) -> None:
        """Nothing: it goes on."""

    def output_tail(self, lines: int = 20) -> tuple[str, ...]:
        """Nothing: its output cannot be seen."""
        return ()


def _target(stack: Stack) -> Target:
    assert stack.url is not None
    return parse_target(stack.url)


def _tls(target: Target) -> Tls | None:
    if target.scheme != "https":
        return None
    trusted = os.environ.get("SSL_CERT_FILE")
    return Tls(ca_file=str(Path(trusted).absolute()) if trusted else None, server_name=target.host)


def _connect(target: Target, named: Target, timeout_s: float) -> socket.socket:
    return connect(target, timeout_s=timeout_s, tls=_tls(named), untrusted=_UNTRUSTED)


def _of_process(pid: int) -> Iterator[Fact]:
    yield fact("measured-process", pid=pid, name=_name(pid))
    share = cpu_used_s(pid, _BEFORE_S) / _BEFORE_S
    if share > _BUSY:
        yield fact("busy-before", share=share)


def _name(pid: int) -> str:
    """The name of a process, as the system has it; its number where it has ended."""
    process = _process(pid)
    try:
        return process.name() if process else str(pid)
    except psutil.Error:
        return str(pid)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None
