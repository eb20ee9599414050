"""The guard: sees to it that no process which we started outlives us, however we end."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from ..errors import MeasurementError
from . import launch_sweep

_DEADLINE_S = 15.0


class Guard:
    """A small process beside us that kills everything marked as ours when we end, be it by SIGKILL.

    It holds the reading end of a pipe whose writing end only this process has; when that closes it kills every process
    that carries the token. On leaving the context the same happens: a server may have left children behind that are no
    longer of its group. Processes forked without exec inherit the pipe and keep the guard waiting while they live.

    Attributes:
        env: to be put into the environment of every process that is started.
        available: False where the system does not show the environment of processes; then nobody is killed.
    """

    def __init__(self) -> None:
        self._token = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self.env = {launch_sweep.VARIABLE: self._token}
        self.available = launch_sweep.can_sweep()

    def __enter__(self) -> Self:
        if self.available:
            self._process = self._start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin is not None
        process.stdin.close()
        try:
            ended_well = process.wait(_DEADLINE_S) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            ended_well = False
        if not ended_well:
            launch_sweep.sweep(self._token)

    def _start(self) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-I", "-S", str(Path(launch_sweep.__file__)), self._token, tempfile.gettempdir()]
        # Without a token of its own environment: a run inside a run must not lose its guard to the outer one.
        env = {name: value for name, value in os.environ.items() if name != launch_sweep.VARIABLE}
        try:
            return subprocess.Popen(
                program,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=env,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise MeasurementError(
                f"the guard that stops servers could not be started: {error}",
                "see whether the process limit (ulimit -u) or the memory is used up",
            ) from error
