"""One engine process: its start, its pipes, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Annotated

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import EngineFailed
from ..model.base import Value
from .job import Failed, Finished, Ready, Steady, Tick, WindowClosed, WindowOpened

_READ_BYTES = 65_536
_OUTPUT_LINES = 20
_ENDING_S = 1.0
# Far more than an hour's histograms by the second, of every endpoint of a scenario.
MOST_BYTES = 1 << 30

Message = Ready | Steady | WindowOpened | WindowClosed | Tick | Finished | Failed
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="event")])


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
        command = [sys.executable, "-P", "-m", "webdyno.load.engine"]
        if cpus:
            command += ["--cpus", ",".join(map(str, cpus))]
        if spin:
            command.append("--spin")
        self._unsent = memoryview(b"")
        self._received = bytearray()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=os.environ | env,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            self._stderr.close()
            raise EngineFailed(
                f"{name} could not be started: {error.strerror}", "free memory or processes, and run it again"
            ) from error
        assert self._process.stdin and self._process.stdout
        self.pid = self._process.pid
        self.stdin, self.stdout = self._process.stdin.fileno(), self._process.stdout.fileno()
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
                with suppress(subprocess.TimeoutExpired):
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
        self._kill()
        self._stderr.seek(0)
        output = self._stderr.read().decode(errors="replace").splitlines()
        code = self._process.returncode
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return EngineFailed(
            f"{self.name} {what}, {how}", "run it again; if it repeats, report it", tuple(output[-_OUTPUT_LINES:])
        )

    def hang_up(self) -> None:
        """Let it end by itself, in the middle of a job as well."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()

    def close(self, deadline: float) -> None:
        """See to it that it has ended, by force from `deadline` on the monotonic clock."""
        try:
            self._process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._kill()
            self._stderr.close()

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
