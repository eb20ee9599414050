"""The load generator as the lab sees it: one engine process, given jobs one after another."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Annotated, Self

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import EngineFailed
from ..model.trial import LoadResult
from .job import Failed, Finished, LoadEvent, LoadJob, Tick, WindowClosed, WindowOpened

# Beyond the job's own length: starting, preparing the schedule, awaiting late answers, all on a busy machine.
MARGIN_S = 15.0
_CLOSE_S = 1.0
_READ_BYTES = 65_536
_OUTPUT_LINES = 20

_Message = WindowOpened | WindowClosed | Tick | Finished | Failed
_MESSAGE: TypeAdapter[_Message] = TypeAdapter(Annotated[_Message, Field(discriminator="event")])


def _ignore(event: LoadEvent) -> None:
    pass


class LoadGenerator:
    """Owns one engine process, in a session of its own; a context manager.

    The process is started by `start` or by the first job, and anew by the first job after it failed.
    """

    def __init__(
        self, *, cpus: Sequence[int] | None = None, env: Mapping[str, str] | None = None, spin: bool | None = None
    ) -> None:
        """Say where and how the engine is to run.

        Args:
            cpus: the processors that it pins itself to; None for any.
            env: added to its environment.
            spin: wait for the last moment before an arrival by spinning, which is more exact, but would take a single
                processor from the server; None: where there is more than one.
        """
        self._cpus = tuple(cpus or ())
        self._spin = len(os.sched_getaffinity(0)) > 1 if spin is None else spin
        self._env = dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The engine's process, which leads its own group; None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Begin to start the engine, without waiting for it."""
        if self._process:
            return
        command = [sys.executable, "-P", "-m", "webdyno.load.engine"]
        if self._cpus:
            command += ["--cpus", ",".join(map(str, self._cpus))]
        if self._spin:
            command.append("--spin")
        self._received = b""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=os.environ | self._env,
            start_new_session=True,
            bufsize=0,
        )

    def run(self, job: LoadJob, on_event: Callable[[LoadEvent], None] = _ignore) -> LoadResult:
        """Do one job and wait for its result.

        Args:
            job: what to do.
            on_event: called in this thread as soon as the window opens and closes, and at each tick if the job asks for
                them.

        Raises:
            EngineFailed: the engine refused the job, died, fell silent, or broke its own protocol.
        """
        self.start()
        assert self._process
        try:
            for message in self._converse(self._process, job):
                if isinstance(message, Finished):
                    return message.result
                if isinstance(message, Failed):
                    raise EngineFailed(f"the load generator refused the job: {message.message}")
                on_event(message)
        except (OSError, ValidationError) as error:
            raise self._failed(f"broke off ({error})") from error
        except BaseException:
            # In the middle of a job: what it says from here on would be taken for the next one's.
            self.close()
            raise
        raise self._failed("ended early")

    def close(self) -> None:
        """Stop the engine; kill its group if it does not end at once."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin and process.stdout and self._stderr
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill(process)
            self._stderr.close()

    def _converse(self, process: subprocess.Popen[bytes], job: LoadJob) -> Iterator[_Message]:
        """Hand over the job and read what comes back, until the output ends."""
        assert process.stdin and process.stdout
        deadline = time.monotonic() + job.window.warmup_s + job.window.duration_s + MARGIN_S
        unsent = memoryview(job.model_dump_json().encode() + b"\n")
        with selectors.DefaultSelector() as selector:
            for pipe, event in ((process.stdin, selectors.EVENT_WRITE), (process.stdout, selectors.EVENT_READ)):
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, event)
            while (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.fileobj is process.stdin:
                        unsent = unsent[os.write(key.fd, unsent) :]
                        if not unsent:
                            selector.unregister(process.stdin)
                        continue
                    data = os.read(key.fd, _READ_BYTES)
                    if not data:
                        return
                    *lines, self._received = (self._received + data).split(b"\n")
                    yield from map(_MESSAGE.validate_json, lines)
        raise TimeoutError(f"no word from it for {MARGIN_S:g} s after its time")

    def _failed(self, what: str) -> EngineFailed:
        """End the engine and say how it ended."""
        process, stderr = self._process, self._stderr
        assert process and stderr
        _kill(process)
        stderr.seek(0)
        output = stderr.read().decode(errors="replace").splitlines()
        self.close()
        how = f"killed by {signal.Signals(-process.returncode).name}" if process.returncode < 0 else ""
        message = f"the load generator {what}" + (f", {how}" if how else f", exit code {process.returncode}")
        return EngineFailed(message, "run it again; if it repeats, report it", tuple(output[-_OUTPUT_LINES:]))


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
