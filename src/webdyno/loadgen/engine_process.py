"""One engine process: its start, its pipes, and its end."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Annotated

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import EngineFailed
from ..model.base import Value
from ..processes.guard import Streams, guard_at_hand
from .job import Failed, Finished, Ready, Steady, Tick, WindowClosed, WindowOpened

_PLACES = ("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")
_READ_BYTES = 65_536
_OUTPUT_LINES = 20
_ENDING_S = 1.0
# Far more than an hour's histograms by the second, of every endpoint of a scenario.
MOST_BYTES = 1 << 30

Message = Ready | Steady | WindowOpened | WindowClosed | Tick | Finished | Failed
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="name")])


def _environment() -> dict[str, str]:
    """Ours, without what changes Python, and so the figures; but with what says where its modules are."""
    return {name: value for name, value in os.environ.items() if name in _PLACES or not name.startswith("PYTHON")}


class EngineProcess:
    """An engine in a session of its own, started by the constructor, which does not wait for it.

    Attributes:
        name: what errors call it.
        pid: of the process, which leads its own group.
        stdin, stdout: descriptors that do not block, to wait for before `write` and `read`.
    """

    def __init__(self, name: str, *, cpus: Sequence[int], spin: bool, env: Mapping[str, str]) -> None:
        """Start it.

        Args:
            name: what errors call it.
            cpus: the processors that it pins itself to; none for any.
            spin: wait for near arrivals by spinning.
            env: added to its environment.

        Raises:
            EngineFailed: the system starts no further process.
        """
        self.name = name
        command = [sys.executable, "-P", "-m", "webdyno.loadgen.engine"]
        if cpus:
            command += ["--cpus", ",".join(map(str, cpus))]
        if spin:
            command.append("--spin")
        self._unsent = memoryview(b"")
        self._received = bytearray()
        try:
            with ExitStack() as held:
                guard = held.enter_context(guard_at_hand())
                self._stderr = held.enter_context(tempfile.TemporaryFile())
                its_stdin, self._to = _pipe()
                with its_stdin:
                    held.enter_context(self._to)
                    self._from, its_stdout = _pipe()
                    with its_stdout:
                        held.enter_context(self._from)
                        ends = Streams(its_stdin.fileno(), its_stdout.fileno(), self._stderr.fileno())
                        self._process = guard.start(command, env={**_environment(), **env}, streams=ends)
                self._held = held.pop_all()
        except OSError as error:
            raise EngineFailed(
                f"{name} could not be started: {error.strerror}", "free memory or processes, and run it again"
            ) from error
        self.pid = self._process.pid
        self.stdin, self.stdout = self._to.fileno(), self._from.fileno()
        for descriptor in (self.stdin, self.stdout):
            os.set_blocking(descriptor, False)

    def tell(self, value: Value) -> None:
        """Have a line ready for `write`."""
        self._unsent = memoryview(bytes(self._unsent) + value.model_dump_json().encode() + b"\n")

    def write(self) -> bool:
        """Write as much as it takes now; whether nothing is left to write.

        Raises:
            EngineFailed: the pipe is broken in an unforeseen way.
        """
        try:
            self._unsent = self._unsent[os.write(self.stdin, self._unsent) :]
        except BrokenPipeError:
            # It has ended; `read` learns the same, and how.
            return True
        except OSError as error:
            raise self.failed(f"broke off ({error})") from error
        return not self._unsent

    def read(self) -> list[Message]:
        """What it has said since, of what is there now.

        Raises:
            EngineFailed: it ended, or says what it may not say.
        """
        try:
            data = os.read(self.stdout, _READ_BYTES)
            if not data:
                # Its own exit code says more than our kill.
                self._process.wait(_ENDING_S)
                raise self.failed("ended early")
            self._received += data
            if len(self._received) > MOST_BYTES:
                raise self.failed(f"broke off (more than {MOST_BYTES:,} bytes in one line)")
            if b"\n" not in data:
                return []
            *lines, rest = self._received.split(b"\n")
            self._received = rest
            return [_MESSAGE.validate_json(line) for line in lines]
        except (OSError, ValidationError) as error:
            raise self.failed(f"broke off ({error})") from error

    def failed(self, what: str) -> EngineFailed:
        """Kill it, and say how it ended."""
        self._process.end()
        self._stderr.seek(0)
        output = self._stderr.read().decode(errors="replace").splitlines()
        code = self._process.poll() or 0
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return EngineFailed(
            f"{self.name} {what}, {how}", "run it again; if it repeats, report it", tuple(output[-_OUTPUT_LINES:])
        )

    def hang_up(self) -> None:
        """Let it end by itself, in the middle of a job as well."""
        self._to.close()
        self._from.close()

    def close(self, deadline: float) -> None:
        """See to it that it has ended, by force from `deadline` on the monotonic clock."""
        with self._held:
            try:
                self._process.wait(max(deadline - time.monotonic(), 0))
            finally:
                self._process.end()


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """The reading and the writing end of a new one."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", 0), os.fdopen(writing, "wb", 0)
