"""A dependency's program while it runs: started through the guard, waited for, looked after, stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ..errors import DependencyFailed
from ..processes.guard import Streams, guard_at_hand
from ..processes.output_file import OutputFile
from ..processes.process import CannotBind, Process
from ..processes.run_to_end import base_environment
from ..serving.launch_output import tail
from ..serving.ready import describe_exit
from ..texts.catalogue import told
from ..units import format_duration
from .dependency import Place

_STEP_S = 0.01
_STOP_S = 5.0
_SETTLED_S = 0.5
_SEE = "see its last output"

R = TypeVar("R")


class Program:
    """A program that runs, with everything that it starts.

    Attributes:
        name: of the dependency, for messages.
        argv: as it was started.
    """

    def __init__(self, name: str, argv: Sequence[str], process: Process, output: OutputFile) -> None:
        self.name = name
        self.argv = tuple(argv)
        self._process = process
        self._output = output

    def wait_until(self, ready: Callable[[], R | None], within_s: float) -> R:
        """Wait until it is ready.

        Args:
            ready: asked again and again; gives what shows that it is, and None before. It must come back soon.
            within_s: seconds after which it is given up.

        Raises:
            DependencyFailed: it has ended, or is not ready in time; with its last output.
        """
        deadline = time.monotonic() + within_s
        while True:
            self.check()
            if (found := ready()) is not None:
                return found
            if time.monotonic() > deadline:
                raise self.failed(
                    f"was not ready within {format_duration(within_s)}", "see what else uses the processors"
                )
            time.sleep(_STEP_S)

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            DependencyFailed: it has ended; with its last output.
        """
        if self._process.poll() is not None:
            raise self.failed("ended")

    def failed(self, what: str, remedy: str = _SEE) -> DependencyFailed:
        """What says that it failed, with its last output.

        Args:
            what: it did, such as `does not answer`; where it has ended, that is said instead.
            remedy: what to do.
        """
        # A connection breaks before it is known that the other end was killed.
        if (code := self._process.wait(_SETTLED_S)) is not None:
            what, remedy = f"exited {told(describe_exit(code))}", _SEE
        return DependencyFailed(f"the dependency {self.name} {what}", remedy, self.output_tail())

    def output_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines that it has written, control characters escaped, each shortened."""
        return tail(self._output, lines)

    def stop(self, number: signal.Signals = signal.SIGTERM, within_s: float = _STOP_S) -> None:
        """Ask it to end and wait for that; what does not end in time is killed with the context.

        Args:
            number: how it is asked; some end their work only on another signal, as PostgreSQL on SIGINT.
            within_s: seconds.
        """
        self._process.signal_group(number)
        self._process.wait(within_s)


@contextmanager
def run_program(
    name: str, argv: Sequence[str], place: Place, *, env: Mapping[str, str] | None = None, cwd: str | Path = "."
) -> Iterator[Program]:
    """Run a program for as long as the context lasts; it is killed at its end, with everything it started.

    Args:
        name: of the dependency.
        argv: program and arguments.
        place: the CPUs that it may use.
        env: variables beside the short environment that servers have as well.
        cwd: its working folder.

    Raises:
        DependencyFailed: the system does not start it.
    """
    with guard_at_hand() as guard, OutputFile(guard.folder) as output:
        try:
            process = guard.start(
                argv,
                env=base_environment() | dict(env or {}),
                cwd=cwd,
                streams=Streams(stdout=output.descriptor, stderr=output.descriptor),
                cpus=place.cpus,
            )
        except CannotBind as error:
            message = f"the dependency {name} cannot be bound to its CPUs: {error.strerror}"
            raise DependencyFailed(message, "measure again") from error
        except (OSError, ValueError) as error:
            message = f"the dependency {name} cannot be started: {error}"
            raise DependencyFailed(
                message, f"see whether {argv[0]} exists and may be run; ulimit -u, free -m"
            ) from error
        try:
            yield Program(name, argv, process, output)
        finally:
            process.end()
