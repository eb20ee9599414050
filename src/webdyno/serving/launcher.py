"""Starts a stack as a process of its own, waits until it answers, and stops it with everything it started."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import LaunchFailed, UsageError
from ..model.fact import Fact, fact
from ..model.run import StackRecord
from ..model.workload import Request
from ..processes.guard import Guard, Streams, guard_at_hand
from ..processes.output_file import OutputFile
from ..processes.process import CannotBind, Process
from ..processes.run_to_end import base_environment
from ..texts.failure import failure
from . import sockets
from .launch_output import tail
from .launch_request import Answer
from .ready import SEE_OUTPUT, PortTaken, await_answer, describe_exit, port_taken
from .served import Address, plain_address

_IN_USE = re.compile(r"(address|connection|port)( is)?( already)? in use|EADDRINUSE", re.IGNORECASE)
_STEP_S = 0.005
_LOOK_S = 0.05
_REOPENS_S = 2.0


@contextmanager
def launch(
    record: StackRecord,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    cpus: Sequence[int] | None = None,
    extra_env: Mapping[str, str] | None = None,
    stop_deadline_s: float = 1.0,
) -> Iterator[LocalServer]:
    """Run a stack's server for as long as the context lasts.

    Args:
        record: command line, environment and working folder; `{host}` and `{port}` in them are filled in.
        host: the address to listen on, an IP literal of this machine.
        port: the port, or None to find a free one.
        cpus: the CPUs that the server and all its children may use; None for all.
        extra_env: variables on top.
        stop_deadline_s: seconds between the request to stop and the kill. Idle servers end in less than half a second;
            the rest is for apps that write something at shutdown.

    Raises:
        UsageError: the port is taken, or the host is no address of this machine.
        LaunchFailed: the program cannot be started.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise UsageError(f"{host!r} is not an IP address", "write for example 127.0.0.1") from None
    with guard_at_hand() as guard:
        server = LocalServer(guard, record, host, port, cpus, extra_env or {})
        try:
            server._start()
            yield server
        finally:
            server._stop(stop_deadline_s)


class LocalServer:
    """A stack whose process tree runs here, started by webdyno.

    Where webdyno chose the port and somebody else was faster, `wait_ready` starts the server once more on another one:
    read `pid`, `port`, `url`, `argv` and `env` after it.

    Attributes:
        pid: the process started; its children belong to it.
        host, port: where it was told to listen.
        argv, env: as run.
    """

    fresh = True

    def __init__(
        self,
        guard: Guard,
        record: StackRecord,
        host: str,
        port: int | None,
        cpus: Sequence[int] | None,
        extra_env: Mapping[str, str],
    ) -> None:
        self._guard = guard
        self._record = record
        self._extra_env = extra_env
        self._cpus = cpus
        self._port_given = port is not None
        self._process: Process | None = None
        self._asked_at: float | None = None
        self.host = host
        self.port = sockets.free_port(host) if port is None else sockets.claim_port(host, port)
        self._output = OutputFile(guard.folder)
        self.argv: tuple[str, ...] = ()
        self.env: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """The pid of the process that was started."""
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> Address:
        """Where it listens."""
        return plain_address(self.host, self.port)

    @property
    def url(self) -> str:
        """The address as `http://host:port`."""
        return f"http://{sockets.join_address(self.host, self.port)}"

    def wait_ready(self, request: Request, deadline_s: float = 20.0) -> Answer:
        """Wait until the server answers a request; an error status is an answer too.

        Raises:
            LaunchFailed: it exited, listens elsewhere, hangs, hangs up, or another process has its port; with its last
                output.
        """
        try:
            return self._await_answer(request, deadline_s)
        except LaunchFailed as error:
            taken = isinstance(error, PortTaken) or any(_IN_USE.search(line) for line in self.output_tail(50))
            if self._port_given or not taken:
                raise
        self._stop(0.0)
        self.port = sockets.free_port(self.host)
        self._output = OutputFile(self._guard.folder)
        self._start()
        return self._await_answer(request, deadline_s)

    def check_alive(self) -> None:
        """Make sure that the server runs and alone listens, or does so again in a moment: a worker may be renewed.

        Raises:
            LaunchFailed: it does not; with its last output.
            PortTaken: another process listens there as well or in its place.
        """
        assert self._process is not None
        deadline = time.monotonic() + _REOPENS_S
        while True:
            if (code := self._process.poll()) is not None:
                self._fail(fact("exited.under-way", how=describe_exit(code)))
            found = sockets.listeners(self.pid)
            shared = any(sockets.reaches(other, self.host, self.port) for other in found.foreign)
            if not shared and any(sockets.reaches(own, self.host, self.port) for own in found.own):
                return
            if time.monotonic() > deadline:
                if shared:
                    raise port_taken(self.pid, (self.host, self.port))
                self._fail(fact("not-listening.any-more", url=self.url))
            time.sleep(_LOOK_S)

    def begin_end(self) -> None:
        """Ask it to end, as at the end of the context, and do not wait."""
        if self._process is not None and self._asked_at is None:
            self._process.signal_group(signal.SIGTERM)
            self._asked_at = time.monotonic()

    def output_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its output, control characters escaped, each shortened."""
        return tail(self._output, lines)

    @property
    def output_bytes(self) -> int:
        """How much it has written to its output so far."""
        return self._output.written

    @property
    def log(self) -> Path:
        """The file with its output, which lasts as long as the server."""
        return self._output.path

    def _await_answer(self, request: Request, deadline_s: float) -> Answer:
        assert self._process is not None
        try:
            return await_answer(
                self.pid,
                (self.host, self.port),
                request,
                started=self._process.started,
                within_s=deadline_s,
                poll=self._process.poll,
            )
        except LaunchFailed as error:
            error.details = self.output_tail()
            raise

    def _fail(self, what: Fact) -> None:
        raise failure(LaunchFailed, what, SEE_OUTPUT, self.output_tail())

    def _start(self) -> None:
        self.argv = tuple(self._fill(part) for part in self._record.argv)
        self.env = self._environment()
        try:
            to = self._output.descriptor
            self._process = self._guard.start(
                self.argv,
                env=self.env,
                cwd=self._record.cwd,
                streams=Streams(stdout=to, stderr=to),
                cpus=self._cpus or (),
            )
        except CannotBind as error:
            raise UsageError(
                f"the server cannot be bound to the CPUs {', '.join(map(str, self._cpus or ()))}: {error.strerror}",
                f"choose from {', '.join(map(str, sorted(os.sched_getaffinity(0))))}",
            ) from error
        except (OSError, ValueError) as error:
            what = self._record.cwd if not Path(self._record.cwd).is_dir() else self.argv[0]
            raise failure(LaunchFailed, fact("not-started", why=str(error)), fact("see-exists", what=what)) from error

    def _environment(self) -> dict[str, str]:
        given = {name: self._fill(value) for name, value in {**self._record.env, **self._extra_env}.items()}
        return {**base_environment(), **given}

    def _fill(self, text: str) -> str:
        return text.replace("{host}", self.host).replace("{port}", str(self.port))

    def _stop(self, deadline_s: float) -> None:
        """Ask the whole group to end, and kill at the deadline what is left of all that the server has started."""
        try:
            if self._process is not None:
                # To ask twice means to some that they are in a hurry.
                self.begin_end()
                _await_end(self._process, (self._asked_at or 0.0) + deadline_s)
                self._asked_at = None
        finally:
            self._output.close()


def _await_end(process: Process, deadline: float) -> None:
    try:
        # The keeper takes leave of whoever ends without a parent, so that a group that can be signalled lives.
        while process.signal_group(0) and time.monotonic() < deadline:
            time.sleep(_STEP_S)
    finally:
        process.end()
