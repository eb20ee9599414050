"""The upstream: the service that a workload's services call, as a process that webdyno starts."""

from __future__ import annotations

import http.client
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from ..errors import LaunchFailed, MeasurementError
from ..model.run import CpuPlan
from ..model.workload import Upstream
from ..stacks.entries import SERVICES
from ..stacks.processes import base_environment

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
def run_upstream(plan: Upstream | None, cpus: CpuPlan, env: Mapping[str, str]) -> Iterator[RunningUpstream | None]:
    """Run what a workload needs beside, on CPUs that neither serve nor load where there are some, else on the load's.

    To be called before this process binds itself to the load's.

    Args:
        plan: how it behaves; None where nothing is needed.
        cpus: the run's.
        env: added to its environment, such as the guard's mark.

    Raises:
        LaunchFailed: it does not start.
    """
    if plan is None:
        yield None
        return
    command = [sys.executable, "-I", str(_PROGRAM), "--delay", plan.delay, "--errors", str(plan.errors)]
    try:
        process = subprocess.Popen(
            [*command, "--seed", str(plan.seed)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**base_environment(), **env},
            start_new_session=True,
        )
    except OSError as error:
        remedy = "see what else runs here: ulimit -u, free -m"
        raise LaunchFailed(f"the upstream cannot be started: {error.strerror}", remedy) from error
    try:
        spare = os.sched_getaffinity(0) - {*cpus.server, *cpus.load} if cpus.pinned else set()
        url = _first_line(process)
        if cpus.pinned:
            _bind(process, spare or set(cpus.load))
        yield RunningUpstream(url, apart=bool(spare))
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _bind(process: subprocess.Popen[bytes], cpus: set[int]) -> None:
    try:
        os.sched_setaffinity(process.pid, cpus)
    except OSError as error:
        raise LaunchFailed(f"the upstream cannot be bound to its CPUs: {error.strerror}", "measure again") from error


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout
    deadline = time.monotonic() + _START_S
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([process.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise LaunchFailed("the upstream did not start in time", "see what else uses the processors")
        if not (more := os.read(process.stdout.fileno(), 200)):
            raise LaunchFailed(f"the upstream ended with code {process.wait()}", "report it")
        line += more
    return line.decode().strip()
