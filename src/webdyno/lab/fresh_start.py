"""One fresh start of one stack: launched, checked, loaded phase by phase, stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import ContractBroken, MeasurementError
from ..load.generator import LoadGenerator
from ..load.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from ..model.load import Load, Window
from ..model.run import CpuPlan, StackRecord
from ..model.trial import LoadResult, Phase, Trial
from ..model.workload import Expected, Workload
from ..probes.host import machine_conditions
from ..probes.monitor import Monitor
from ..stacks.conditions import conditions
from ..stacks.launch_request import Answer
from ..stacks.launcher import Server, launch
from .contract import learn_expected
from .echo import try_echo
from .fairness import repeated, skipped_calls, stale_date
from .plan import arrival_seed, hash_seed
from .upstream import VARIABLE, RunningUpstream

FIRST_ANSWERS = 3
# How long a server may take to start, beyond the time that a request may take.
START_S = 20.0


@dataclass(frozen=True)
class Bench:
    """What stays the same from one fresh start to the next.

    Attributes:
        workload: the request and what must come back.
        cpus: which CPUs serve and which load.
        env: variables for every process that we start, by which the guard finds them.
        seed: of the run.
        upstream: what the workload needs beside; None where it needs nothing.
    """

    workload: Workload
    cpus: CpuPlan
    env: Mapping[str, str]
    seed: int
    upstream: RunningUpstream | None = None

    @property
    def spin(self) -> bool:
        """The load generator has a CPU of its own, on which it may spin."""
        return self.cpus.apart and (self.upstream is None or self.upstream.apart)


@dataclass(frozen=True)
class Place:
    """Where in the experiment a fresh start stands, and what it goes through.

    Attributes:
        block: 0 for the pilot.
        position: in the block's random order.
        phases: the loads, one after the other.
        window: warm-up, length and time-out of each trial.
    """

    block: int
    position: int
    phases: Sequence[tuple[Phase, Load]]
    window: Window


def measure_fresh_start(
    bench: Bench,
    record: StackRecord,
    place: Place,
    measuring: Callable[[Phase], None],
    save: Callable[[Trial], None],
) -> Expected | None:
    """Start a stack, check its answers, and put it under each load; every trial is saved as soon as it ended.

    A failure is saved as a failed trial and ends this fresh start; it is never raised.

    Args:
        bench: what stays the same.
        record: the stack.
        place: block, position, and the loads.
        measuring: told when a load begins.
        save: given each trial.

    Returns:
        What the answers were held against, None where the stack did not get that far.
    """
    phase, load = place.phases[0]
    server: Server | None = None
    startup_s = expected = None
    workload = bench.workload.of(record.interface, record.stack.option("handler"))
    extra_env = {**bench.env, "PYTHONHASHSEED": str(hash_seed(record.notation, place.block, bench.seed))}
    if bench.upstream:
        extra_env[VARIABLE] = bench.upstream.url
    deadline_s = START_S + place.window.timeout_s
    try:
        with (
            LoadGenerator(
                cpus=bench.cpus.load if bench.cpus.pinned else None, env=bench.env, spin=bench.spin
            ) as generator,
            launch(record, cpus=bench.cpus.server if bench.cpus.pinned else None, extra_env=extra_env) as server,
        ):
            generator.start()
            first = server.wait_ready(workload.readiness, deadline_s)
            startup_s = first.startup_s
            try:
                expected = _learn(workload, record, first, server, generator, deadline_s)
            except ContractBroken as broken:
                broken.details += server.output_tail()
                raise
            for phase, load in place.phases:
                measuring(phase)
                save(_measure(bench, record, place, phase, load, server, generator, expected, startup_s))
    except MeasurementError as error:
        save(
            Trial(
                block=place.block,
                position=place.position,
                stack=record.notation,
                phase=phase,
                started=datetime.now(UTC),
                load=load,
                window=place.window,
                startup_s=startup_s,
                failure=error.message,
                server_output=error.details,
            )
        )
    return expected


def _learn(
    workload: Workload, record: StackRecord, first: Answer, server: Server, generator: LoadGenerator, deadline_s: float
) -> Expected:
    if workload.request.websocket:
        address = (server.host, server.port)
        return try_echo(generator, workload, address, record.notation, times=FIRST_ANSWERS, within_s=deadline_s)
    answers = [first] + [server.wait_ready(workload.request, deadline_s) for _ in range(FIRST_ANSWERS - 1)]
    return learn_expected(workload, answers, record.notation, record.expected)


def _measure(
    bench: Bench,
    record: StackRecord,
    place: Place,
    phase: Phase,
    load: Load,
    server: Server,
    generator: LoadGenerator,
    expected: Expected,
    startup_s: float,
) -> Trial:
    workload = bench.workload.of(record.interface, record.stack.option("handler"))
    job = LoadJob(
        host=server.host,
        port=server.port,
        request=workload.request,
        expected=expected,
        load=load,
        window=place.window,
        seed=arrival_seed(place.block, bench.seed),
    )
    hits = bench.upstream.hits() if bench.upstream else 0
    started = datetime.now(UTC)
    with Monitor(server.pid, cpus={*bench.cpus.server, *bench.cpus.load}) as monitor:

        def mark(event: LoadEvent) -> None:
            nonlocal started
            if isinstance(event, WindowOpened):
                started = datetime.now(UTC)
                monitor.opened(event.at)
            elif isinstance(event, WindowClosed):
                monitor.closed(event.at)

        result = generator.run(job, mark)
    server.check_alive()
    hits = bench.upstream.hits() - hits if bench.upstream else 0
    asked_at = time.time()
    times = 2 if workload.varies else 1
    later = [server.wait_ready(workload.readiness, START_S + place.window.timeout_s) for _ in range(times)]
    why = skipped_calls(workload, hits, result) or stale_date(later[0], asked_at) or repeated(workload, later)
    return Trial(
        block=place.block,
        position=place.position,
        stack=record.notation,
        phase=phase,
        started=started,
        load=load,
        window=place.window,
        conditions=conditions(record) | machine_conditions(),
        startup_s=startup_s,
        result=result,
        resources=monitor.use(),
        failure=why if result.ok or result.completed else _nothing_right(result),
        server_output=server.output_tail() if result.failed or not result.ok else (),
    )


def _nothing_right(result: LoadResult) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in result.failures.items())
    example = f", such as {result.failure_samples[0].detail}" if result.failure_samples else ""
    what = f"{kinds}{example}" if kinds else f"{result.unfinished:,} requests were never answered"
    return f"not one right answer in {result.window_s:.2g} s: {what}"
