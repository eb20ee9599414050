"""One load on a server that is already there: look at it, load it, keep what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import NamedTuple

from ..loadgen.demand import of_job
from ..loadgen.driver import Driver, Generator, Seat
from ..loadgen.drivers.own import DRIVER as OWN
from ..loadgen.drivers.table import refuse_beyond
from ..loadgen.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from ..model.http_request import header_fields
from ..model.kept import kept_load_run, learn_request, learn_scenario
from ..model.load import OpenLoad
from ..model.load_run import LoadRun
from ..model.scenario import ENV, Scenario
from ..model.secrets import Secrets
from ..model.target import Target
from ..model.trial import LoadFigures, SystemUse
from ..model.workload import Request
from ..probes.system import SystemWatcher
from ..processes.guard import guarding
from ..serving.reach import connect, first_answer
from .interruption import Interruption
from .learn_status import learn_status
from .rehearsal import rehearse
from .windows import filled


class LoadPlan(NamedTuple):
    """What is to be loaded, and how.

    Attributes:
        target: where to.
        job: what to do there. Its host is resolved, the headers of its requests are completed and the right status,
            where it expects none, is learned before it begins. With a scenario its `request` only names the headers
            that were given for all steps.
        scenario: the name of the scenario's file, where the job has one.
        processes: how many load generators share the job.
        driver: the load tool.
        hidden: secrets in all of this, by the name that is written in their place.
    """

    target: Target
    job: LoadJob
    scenario: str | None = None
    processes: int = 1
    driver: Driver = OWN
    hidden: Mapping[str, str] = MappingProxyType({})


def measure_load(plan: LoadPlan, on_event: Callable[[LoadEvent], None], tell: Callable[[str], None]) -> LoadRun:
    """Ask the server once, or go through every flow of the scenario once; then load it.

    The secrets of the plan are used, and masked in what is returned or raised.

    Args:
        plan: what to do.
        on_event: told of what the load generator says meanwhile.
        tell: told where its processes could not be ended.

    Raises:
        UsageError: the host has no address, the certificates to trust cannot be read, or the load tool is not
            installed or cannot do this.
        MeasurementError: the server cannot be reached, or the load generator failed.
        ContractBroken: its first answer, or that to a step, is not the one expected.
        Interrupted: Ctrl-C or SIGTERM.
    """
    machine, hidden = SystemWatcher(), _secrets(plan)
    refuse_beyond(plan.driver, of_job(plan.job, plan.processes))

    def told(event: LoadEvent) -> None:
        if isinstance(event, WindowOpened):
            machine.opened(event.at)
        elif isinstance(event, WindowClosed):
            machine.closed(event.at)
        on_event(event)

    with (
        hidden.out_of_errors(),
        Interruption(),
        guarding(tell),
        plan.driver.generator(Seat(processes=plan.processes)) as generator,
    ):
        job, address = _prepared(plan, generator)
        started = datetime.now(UTC)
        result = generator.run(job, told)
    return kept_load_run(_run(plan, job, address, started, machine.found(), result), hidden)


def _secrets(plan: LoadPlan) -> Secrets:
    scenario, hidden = plan.job.scenario, dict(plan.hidden)
    if scenario and ENV in scenario.data:
        hidden |= {f"{ENV}.{name}": str(value) for name, value in scenario.data[ENV].rows[0].items()}
    found = Secrets(hidden)
    learn_request(found, plan.job.request)
    if scenario:
        learn_scenario(found, scenario)
    return found


def _prepared(plan: LoadPlan, generator: Generator) -> tuple[LoadJob, str]:
    """The job as the engine takes it, and the address in words.

    Under open load the warm-up lasts until as many requests end as begin, as far as the first ones tell.
    """
    target, job = plan.target, plan.job
    timeout_s = job.window.timeout_s
    connected = connect(target, timeout_s=timeout_s, unix_socket=job.unix_socket, tls=job.tls)
    host = target.host if job.unix_socket else str(connected.getpeername()[0])
    ready = job.model_copy(update={"host": host})
    if job.scenario:
        connected.close()
        ready = ready.model_copy(update={"scenario": _scenario_as_sent(job.scenario, target, job)})
        rehearsed = rehearse(generator, ready)
        took_s = rehearsed.slowest_s
        ready = ready.model_copy(update={"counted": rehearsed.counted})
    else:
        request = _as_sent(job.request, target, job)
        answer = first_answer(connected, target, request, timeout_s)
        took_s = answer.startup_s
        # Lengths are not learned: pages that differ from answer to answer are right as well.
        expected = job.expected.model_copy(update={"status": learn_status(answer, job.expected, target, job.request)})
        ready = ready.model_copy(update={"request": request, "expected": expected})
    if isinstance(job.load, OpenLoad) and job.window.warmup_s:
        ready = ready.model_copy(update={"window": filled(job.window, took_s)})
    return ready, job.unix_socket or (f"[{host}]:{target.port}" if ":" in host else f"{host}:{target.port}")


def _scenario_as_sent(scenario: Scenario, target: Target, job: LoadJob) -> Scenario:
    flows = tuple(
        flow.model_copy(
            update={
                "steps": tuple(
                    step.model_copy(update={"request": _as_sent(step.request, target, job)}) for step in flow.steps
                )
            }
        )
        for flow in scenario.flows
    )
    return scenario.model_copy(update={"flows": flows})


def _as_sent(request: Request, target: Target, job: LoadJob) -> Request:
    # The engine knows the address only, so that it would name another host.
    headers = header_fields(request, target.authority, keep_alive=job.keep_alive)
    return request.model_copy(update={"headers": tuple(headers)})


def _run(
    plan: LoadPlan, job: LoadJob, address: str, started: datetime, system: SystemUse | None, result: LoadFigures
) -> LoadRun:
    request, scenario = plan.job.request, plan.scenario
    return LoadRun(
        url=plan.target.url,
        address=address,
        started=started,
        scenario=scenario,
        method="" if scenario else request.method,
        headers=request.headers,
        body_bytes=len(request.body or b""),
        expected_status=None if scenario else job.expected.status,
        body_checked=job.expected.body is not None,
        unix_socket=job.unix_socket,
        cookies=bool(job.scenario and job.scenario.cookies),
        insecure=bool(job.tls and job.tls.insecure),
        keep_alive=job.keep_alive,
        requests_per_connection=job.requests_per_connection,
        load=job.load,
        window=job.window,
        seed=job.seed,
        webdyno=version("webdyno"),
        system=system,
        result=result,
    )
