"""Starts a stack as a process of its own, waits until it answers, and stops it with everything it started."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from ..errors import LaunchFailed, MeasurementError, UsageError
from ..model.run import StackRecord
from ..model.workload import Request
from . import sockets
from .launch_output import tail
from .launch_request import Answer
from .launch_sweep import LOG_PREFIX, VARIABLE, can_sweep, sweep
from .processes import base_environment
from .ready import PortTaken, await_answer, describe_exit

_IN_USE = re.compile(r"(address|connection|port)( is)?( already)? in use|EADDRINUSE", re.IGNORECASE)
_STEP_S = 0.005
_KILL_S = 5.0
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
) -> Iterator[Server]:
    """Run a stack's server for as long as the context lasts.

    Args:
        record: command line, environment and working folder; `{host}` and `{port}` in them are filled in.
        host: the address to listen on, an IP literal of this machine.
        port: the port, or None to find a free one.
        cpus: the CPUs that the server and all its children may use; None for all.
        extra_env: variables on top, such as those of the `Guard`.
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
    server = Server(record, host, port, cpus, extra_env or {})
    try:
        server._start()
        yield server
    finally:
        server._stop(stop_deadline_s)


class Server:
    """A running stack.

    Where webdyno chose the port and somebody else was faster, `wait_ready` starts the server once more on another one:
    read `pid`, `port`, `url`, `argv` and `env` after it.

    Attributes:
        pid: the process started; its children belong to it.
        host, port: where it was told to listen.
        argv, env: as run.
        log: file with its output, which lasts as long as the server.
    """

    def __init__(
        self,
        record: StackRecord,
        host: str,
        port: int | None,
        cpus: Sequence[int] | None,
        extra_env: Mapping[str, str],
    ) -> None:
        self._record = record
        self._extra_env = extra_env
        self._cpus = cpus
        self._port_given = port is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        # Begins with the guard's token, so that one rule finds the processes of a run and of a single launch.
        self._mark = f"{extra_env.get(VARIABLE, '')}.{secrets.token_hex(8)}"
        self.host = host
        self.port = sockets.free_port(host) if port is None else sockets.claim_port(host, port)
        self.log = _new_log(self._mark)
        self.argv: tuple[str, ...] = ()
        self.env: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """The pid of the process that was started."""
        assert self._process is not None
        return self._process.pid

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
        self.log = _new_log(self._mark)
        self._start()
        return self._await_answer(request, deadline_s)

    def check_alive(self) -> None:
        """Make sure that the server still runs and listens, or does so again in a moment: a worker may be renewed.

        Raises:
            LaunchFailed: it does not; with its last output.
        """
        assert self._process is not None
        deadline = time.monotonic() + _REOPENS_S
        while True:
            if (code := self._process.poll()) is not None:
                self._fail(f"the server exited {describe_exit(code)} under way", "see its last output")
            if any(sockets.reaches(own, self.host, self.port) for own in sockets.listeners(self.pid).own):
                return
            if time.monotonic() > deadline:
                self._fail(f"the server no longer listens on {self.url}", "see its last output")
            time.sleep(_LOOK_S)

    def output_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its output, control characters escaped, each shortened."""
        return tail(self.log, lines)

    def _await_answer(self, request: Request, deadline_s: float) -> Answer:
        assert self._process is not None
        try:
            return await_answer(
                self.pid,
                (self.host, self.port),
                request,
                started=self._started,
                within_s=deadline_s,
                poll=self._process.poll,
            )
        except LaunchFailed as error:
            error.details = self.output_tail()
            raise

    def _fail(self, message: str, remedy: str) -> None:
        raise LaunchFailed(message, remedy, self.output_tail())

    def _start(self) -> None:
        self.argv = tuple(self._fill(part) for part in self._record.argv)
        self.env = self._environment()
        try:
            with self.log.open("ab") as output, _bound_to(self._cpus):
                self._started = time.monotonic()
                self._process = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self.env,
                    cwd=self._record.cwd,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            what = self._record.cwd if not Path(self._record.cwd).is_dir() else self.argv[0]
            raise LaunchFailed(
                f"{self._record.notation} cannot be started: {error}",
                f"see whether {what} exists and may be used",
            ) from error

    def _environment(self) -> dict[str, str]:
        given = {name: self._fill(value) for name, value in {**self._record.env, **self._extra_env}.items()}
        return {**base_environment(), **given, VARIABLE: self._mark}

    def _fill(self, text: str) -> str:
        return text.replace("{host}", self.host).replace("{port}", str(self.port))

    def _stop(self, deadline_s: float) -> None:
        """Ask the whole group to end, kill what is left at the deadline, and whoever has left the group."""
        try:
            if self._process is not None:
                _end_group(self._process, deadline_s)
        finally:
            if can_sweep():
                sweep(self._mark)
            self.log.unlink(missing_ok=True)


def _end_group(process: subprocess.Popen[bytes], deadline_s: float) -> None:
    try:
        _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + deadline_s
        while (process.poll() is None or _group_lives(process.pid)) and time.monotonic() < deadline:
            time.sleep(_STEP_S)
    finally:
        _signal_group(process.pid, signal.SIGKILL)
        # A process that hangs in the kernel cannot be waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_KILL_S)


def _signal_group(pid: int, number: int) -> bool:
    """Signal a process group; False where it has no members that we may signal."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _group_lives(pid: int) -> bool:
    # Not all that a signal reaches lives: where nobody reaps orphans, as in many containers, they stay as zombies.
    return _signal_group(pid, 0) and any(_is_living_member(other, pid) for other in psutil.pids())


def _is_living_member(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False


@contextmanager
def _bound_to(cpus: Sequence[int] | None) -> Iterator[None]:
    """Bind this thread, and what it starts meanwhile, to some CPUs; nothing where the platform cannot.

    A child inherits the binding before it runs its first instruction: so no worker can be forked before it, as it could
    if the child were bound from outside. No code of ours runs between fork and exec, which would not be safe beside
    other threads, and no helper program delays the start.

    Raises:
        UsageError: we may not use these CPUs.
    """
    if cpus is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, cpus)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the server cannot be bound to the CPUs {', '.join(map(str, cpus))}: {error}",
            f"choose from {', '.join(map(str, sorted(before)))}",
        ) from error
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _new_log(mark: str) -> Path:
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{LOG_PREFIX}{mark}-")
    except OSError as error:
        raise MeasurementError(
            f"no temporary file for the server's output could be made: {error}",
            "make room on the disk, or set TMPDIR to a folder with room",
        ) from error
    os.close(descriptor)
    return Path(name)
