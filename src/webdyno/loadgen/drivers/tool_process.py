"""A load tool's program while it runs: started through the guard, read line by line, told to stop, watched."""

from __future__ import annotations

import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ...errors import EngineFailed, UsageError
from ...processes.guard import Streams, guard_at_hand
from ...processes.process import Process

_READ_BYTES = 1 << 20
_MOST_BYTES = 1 << 30
_ERROR_BYTES = 4096


class CpuTime(NamedTuple):
    """What a program has used so far.

    Attributes:
        at: moment on the monotonic clock.
        used_s: CPU seconds of all its threads.
        waited_s: seconds that they were ready to run and had no core; None where unknown.
    """

    at: float
    used_s: float
    waited_s: float | None


class ToolProcess:
    """A program that runs, and what it prints."""

    def __init__(self, name: str, process: Process, output: int, errors: int) -> None:
        self._name = name
        self._process = process
        self._output = output
        self._errors = errors
        self._unread = b""
        self._lines: list[str] = []

    def line(self, deadline: float) -> str | None:
        """The next line that it prints; None once it has closed its output.

        Args:
            deadline: on the monotonic clock.

        Raises:
            EngineFailed: it prints none until the deadline, or far too much.
        """
        while not self._lines:
            if not self.has_spoken(deadline):
                raise self.failed("printed nothing in time")
            data = os.read(self._output, _READ_BYTES)
            if not data:
                return None
            *whole, self._unread = (self._unread + data).split(b"\n")
            if len(self._unread) > _MOST_BYTES:
                raise self.failed("printed a line without end")
            self._lines = [line.decode(errors="replace") for line in whole]
        return self._lines.pop(0)

    def has_spoken(self, deadline: float) -> bool:
        """Wait until it prints something or ends, but no longer than until the deadline."""
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        return bool(self._lines or poll.poll(max(deadline - time.monotonic(), 0) * 1000))

    def interrupt(self) -> None:
        """Have it stop and tell what it has found, as Ctrl-C does."""
        self._process.signal_group(signal.SIGINT)

    def cpu_time(self) -> CpuTime:
        """What it has used until now.

        Raises:
            EngineFailed: it has ended.
        """
        try:
            # clock_getcpuclockid(3): the clock of all threads of a process.
            used_s = time.clock_gettime(~self._process.pid << 3 | 2)
        except OSError as error:
            raise self.failed("ended early") from error
        return CpuTime(time.monotonic(), used_s, self._waited_s())

    def _waited_s(self) -> float | None:
        with suppress(OSError, ValueError, IndexError):
            tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
            return sum(int(task.read_text().split()[1]) for task in tasks) / 1e9
        return None

    def failed(self, what: str) -> EngineFailed:
        """End it, and say what it did and what it wrote to standard error."""
        self._process.end()
        size = os.fstat(self._errors).st_size
        said = os.pread(self._errors, _ERROR_BYTES, max(size - _ERROR_BYTES, 0)).decode(errors="replace")
        return EngineFailed(f"{self._name} {what}", "see what it says; or leave out --driver", tuple(said.splitlines()))


@contextmanager
def running(argv: Sequence[str], *, cpus: Sequence[int] | None = None) -> Iterator[ToolProcess]:
    """Run a program until the end of the block, in a short environment that holds no settings of the user.

    Args:
        argv: its path, and its arguments.
        cpus: the processors that it may use; None for any.

    Raises:
        EngineFailed: the system does not start it.
    """
    name = Path(argv[0]).name
    env: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    with ExitStack() as held:
        guard = held.enter_context(guard_at_hand())
        errors = held.enter_context(tempfile.TemporaryFile(dir=guard.folder))
        reading, writing = os.pipe()
        held.callback(os.close, reading)
        try:
            process = guard.start(argv, env=env, streams=Streams(None, writing, errors.fileno()), cpus=cpus or ())
        except OSError as error:
            raise EngineFailed(f"{name} could not be started: {error.strerror}", "see whether it can be run") from error
        finally:
            os.close(writing)
        held.callback(process.end)
        yield ToolProcess(name, process, reading, errors.fileno())


def installed(name: str, get: str) -> str:
    """The path of a load tool's program.

    Args:
        name: of the program.
        get: how to get it.

    Raises:
        UsageError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise UsageError(f"--driver {name}: {name} is not installed, or not in PATH", f"{get}, or leave out --driver")
    return path
