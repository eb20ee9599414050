"""One load on a server that is already there: look at it, load it, keep what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from ..load.generator import LoadGenerator
from ..load.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from ..model.load import Load, Window
from ..model.load_run import LoadRun
from ..model.trial import SystemUse
from ..model.workload import Expected, Request
from ..probes.system import SystemReading, read_system, system_use
from ..stacks.guard import Guard
from .interruption import Interruption
from .load_target import Target, connect, first_answer, learn_status

_SECRET = re.compile(r"auth|cookie|token|secret|key|password|session|credential", re.IGNORECASE)


class LoadPlan(NamedTuple):
    """What is to be loaded, and how.

    Attributes:
        target, request: where to and what; the path is the target's.
        status: the right one; None to take the first answer's, which must be 2xx.
        body: what every answer must bring; None where any is right.
        load, window, seed: as in `LoadJob`.
    """

    target: Target
    request: Request
    status: int | None
    body: bytes | None
    load: Load
    window: Window
    seed: int


def measure_load(plan: LoadPlan, on_event: Callable[[LoadEvent], None]) -> LoadRun:
    """Ask the server once, then load it.

    Args:
        plan: what to do.
        on_event: told of what the load generator says meanwhile.

    Raises:
        UsageError: the host has no address.
        MeasurementError: the server cannot be reached, or the load generator failed.
        ContractBroken: its first answer is not the one expected.
        Interrupted: Ctrl-C or SIGTERM.
    """
    machine = _Machine()

    def told(event: LoadEvent) -> None:
        machine.take(event)
        on_event(event)

    with Interruption(), Guard() as guard, LoadGenerator(env=guard.env) as generator:
        connected = connect(plan.target, plan.window.timeout_s)
        address = str(connected.getpeername()[0])
        answer = first_answer(connected, plan.target, plan.request, plan.window.timeout_s)
        status = learn_status(answer, plan.status, plan.body, plan.target)
        job = LoadJob(
            host=address,
            port=plan.target.port,
            request=_with_host(plan.request, plan.target.authority),
            # Lengths are not learned: pages that differ from answer to answer are right as well.
            expected=Expected(status=status, body=plan.body),
            load=plan.load,
            window=plan.window,
            seed=plan.seed,
            ticks=True,
        )
        started = datetime.now(UTC)
        result = generator.run(job, told)
    return LoadRun(
        url=plan.target.url,
        address=f"[{address}]:{plan.target.port}" if ":" in address else f"{address}:{plan.target.port}",
        started=started,
        method=plan.request.method,
        headers=tuple((name, "..." if _SECRET.search(name) else value) for name, value in plan.request.headers),
        body_bytes=len(plan.request.body or b""),
        expected_status=status,
        body_checked=plan.body is not None,
        load=plan.load,
        window=plan.window,
        seed=plan.seed,
        webdyno=version("webdyno"),
        system=machine.use(),
        result=result,
    )


def _with_host(request: Request, authority: str) -> Request:
    if any(name.lower() == "host" for name, _ in request.headers):
        return request
    return request.model_copy(update={"headers": (("Host", authority), *request.headers)})


class _Machine:
    """Reads the machine's counters when the window opens and closes."""

    def __init__(self) -> None:
        self._opened: SystemReading | None = None
        self._closed: SystemReading | None = None

    def take(self, event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            self._opened = read_system()
        elif isinstance(event, WindowClosed):
            self._closed = read_system()

    def use(self) -> SystemUse | None:
        return system_use(self._opened, self._closed) if self._opened and self._closed else None
