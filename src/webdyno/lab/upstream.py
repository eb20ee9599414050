"""The upstream: the service that a workload's services call, as a process that webdyno starts."""

from __future__ import annotations

import http.client
import json
import os
import select
import sys
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import closing, contextmanager
from typing import IO
from urllib.parse import urlsplit

from ..errors import LaunchFailed, MeasurementError
from ..model.run import CpuPlan
from ..model.workload import Upstream
from ..processes.guard import Streams, guard_at_hand
from ..processes.process import CannotBind, Process
from ..processes.run_to_end import base_environment
from ..stacks.entries import SERVICES

VARIABLE = "WEBDYNO_UPSTREAM"
"""By which the services are told its URL."""

_PROGRAM = SERVICES / "upstream" / "upstream.py"
_START_S = 10.0
_ANSWER_S = 10.0


class RunningUpstream:
    """An upstream that runs.

    Attributes:
        url: where it answers.
        apart: it has CPUs that neither serve nor load.
    """

    def __init__(self, url: str, *, apart: bool) -> None:
        self.url, self.apart = url, apart

    def hits(self) -> int:
        """How often it was called so far.

        Raises:
            MeasurementError: it does not say.
        """
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_ANSWER_S)
        try:
            with closing(connection):
                connection.request("GET", "/_hits")
                return int(json.loads(connection.getresponse().read())["hits"])
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise MeasurementError(
                f"the upstream at {self.url} does not say how often it was called: {error}",
                "see whether something ended it; measure again",
            ) from error


@contextmanager
def run_upstream(plan: Upstream | None, cpus: CpuPlan) -> Iterator[RunningUpstream | None]:
    """Run what a workload needs beside, on CPUs that neither serve nor load where there are some, else on the load's.

    To be called before this process binds itself to the load's.

    Args:
        plan: how it behaves; None where nothing is needed.
        cpus: the run's.

    Raises:
        LaunchFailed: it does not start.
    """
    if plan is None:
        yield None
        return
    command = [sys.executable, "-I", str(_PROGRAM), "--delay", plan.delay, "--errors", str(plan.errors)]
    spare = os.sched_getaffinity(0) - {*cpus.server, *cpus.load} if cpus.pinned else set()
    with _started([*command, "--seed", str(plan.seed)], (spare or set(cpus.load)) if cpus.pinned else set()) as url:
        yield RunningUpstream(url, apart=bool(spare))


@contextmanager
def _started(command: Sequence[str], cpus: Set[int]) -> Iterator[str]:
    """Run it on these CPUs, on any where there are none; its URL, which it says first."""
    reading, writing = os.pipe()
    with guard_at_hand() as guard, os.fdopen(reading, "rb", 0) as said:
        with os.fdopen(writing, "wb", 0) as its_stdout:
            try:
                process = guard.start(
                    command, env=base_environment(), streams=Streams(stdout=its_stdout.fileno()), cpus=sorted(cpus)
                )
            except CannotBind as error:
                message = f"the upstream cannot be bound to its CPUs: {error.strerror}"
                raise LaunchFailed(message, "measure again") from error
            except OSError as error:
                remedy = "see what else runs here: ulimit -u, free -m"
                raise LaunchFailed(f"the upstream cannot be started: {error.strerror}", remedy) from error
        try:
            yield _first_line(said, process)
        finally:
            process.end()


def _first_line(said: IO[bytes], process: Process) -> str:
    deadline = time.monotonic() + _START_S
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([said], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise LaunchFailed("the upstream did not start in time", "see what else uses the processors")
        if not (more := said.read(200)):
            raise LaunchFailed(f"the upstream ended with code {process.wait(_ANSWER_S)}", "report it")
        line += more
    return line.decode().strip()
