"""How it was measured: load, machine, versions, command lines, and how to measure it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from ...model.fact import Fact, fact
from ...model.http_request import as_typed
from ...model.run import Experiment, Run, StackRecord, interface_name
from ...model.secret_rules import MASK
from ...model.verdict import Verdict
from ...model.workload import Workload
from ...texts.catalogue import noted, told
from ..comparison.beside import beside
from ..comparison.continued import continued
from ..comparison.judged import judged
from ..comparison.windows import windows
from .tables import Name

Facts = list[tuple[str, str]]

_BODY_SHOWN = 200
_SECRET = "${env.SECRET"
_UNREADABLE = fact("unreadable")


def _told(rows: Iterable[tuple[Fact, Fact]]) -> Facts:
    return [(told(term), told(what)) for term, what in rows]


def measuring(run: Run, verdicts: Sequence[Verdict]) -> Facts:
    """The question, the load and the plan; how it was decided."""
    decided = [(fact("term.verdicts"), judged(verdicts))] if verdicts else []
    later = [(fact("term.continued"), one) for one in continued(run, verdicts)]
    return _told([*_measuring(run), *decided, *later])


def _measuring(run: Run) -> Iterator[tuple[Fact, Fact]]:
    plan = run.experiment
    yield fact("term.request"), _request(plan.workload)
    yield fact("term.response"), _right_response(plan.workload)
    yield fact("term.cpu" if plan.duet else "term.closed"), fact("method.closed", load=plan.saturation.what)
    if plan.duet:
        yield fact("term.duet"), fact("method.duet")
    rate = fact("method.rate", load=plan.rate.what) if plan.rate else fact("method.no-rate")
    yield fact("term.rate"), rate
    yield (
        fact("term.windows"),
        fact("method.windows", windows=windows(run), timeout_s=run.experiment.window.timeout_s),
    )
    yield fact("term.blocks"), _blocks(run)
    own = plan.driver == "own"
    yield fact("term.driver"), fact("method.own-engine") if own else fact("method.driver", driver=plan.driver)
    yield fact("term.seed"), fact("method.seed", seed=plan.seed)
    yield fact("term.time"), fact("method.time", measured_s=run.measured_s, setup_s=run.setup_s)
    yield fact("term.intervals"), fact("method.intervals")


def _request(workload: Workload) -> Fact:
    request, wsgi = workload.request, workload.wsgi_request
    details = [fact("request.header", name=name, value=as_typed(value)) for name, value in request.headers]
    if request.body:
        size = len(request.body)
        details.append(fact("request.message", size=size) if request.websocket else fact("request.body", size=size))
    if wsgi:
        details.append(fact("request.wsgi", method=wsgi.method, path=wsgi.path))
    return fact("request", line=request.line, details=tuple(details), workload=workload.name)


def _right_response(workload: Workload) -> Fact:
    if workload.request.websocket:
        return fact("right.message")
    status = fact("right.status", status=workload.status) if workload.status else fact("right.first-status")
    body = workload.json_body
    if not body:
        return status
    return fact("right.body", status=status, body=body if len(body) <= _BODY_SHOWN else f"{body[:_BODY_SHOWN]}...")


def _blocks(run: Run) -> Fact:
    done, planned = run.blocks_begun, run.experiment.blocks
    processes = fact(f"method.processes.{run.launches}")
    if planned and planned != done:
        return fact("method.blocks.of", done=done, planned=planned, processes=processes)
    return fact("method.blocks", done=done, processes=processes)


def machine(run: Run) -> Facts:
    """The machine and how it was divided."""
    return _told(_machine(run))


def _machine(run: Run) -> Iterator[tuple[Fact, Fact]]:
    host = run.host
    cpu, system = host.cpu_model or _UNREADABLE, host.system or _UNREADABLE
    yield (
        fact("term.cpu"),
        fact("machine.cpu", cpu=cpu, architecture=host.architecture, cores=host.cores, total=host.cores_total),
    )
    yield fact("term.plan"), _plan(run)
    yield fact("term.memory"), fact("machine.memory", size=host.memory_bytes)
    yield fact("term.system"), fact("machine.system", system=system, kernel=host.kernel)
    yield fact("term.virtualisation"), fact("machine.fact", value=host.virtualisation or _UNREADABLE)
    yield fact("term.governor"), fact("machine.fact", value=host.governor or _UNREADABLE)
    yield fact("term.python"), fact("machine.python", python=host.python, webdyno=host.webdyno)


def _plan(run: Run) -> Fact:
    cpus = run.cpus
    server, load = (tuple(map(str, numbers)) for numbers in (cpus.server, cpus.load))
    if not cpus.pinned:
        return fact("plan.unbound")
    if run.launches == "none":
        return fact("plan.load", load=load)
    if run.launches == "all":
        return fact("plan" if cpus.apart else "plan.shared", server=server, load=load)
    return fact("plan.some" if cpus.apart else "plan.some.shared", server=server, load=load)


def dependencies(run: Run) -> Facts:
    """What ran beside the stacks, and the command line of each."""
    found: Facts = []
    for record in run.dependencies:
        found.append((told(fact("term.dependency", name=record.name)), told(beside(record))))
        if record.argv:
            found.append((told(fact("term.dependency-command", name=record.name)), shlex.join(record.argv)))
    return found


class StackFacts(NamedTuple):
    """One stack as it really ran."""

    name: Name
    command: str
    environment: tuple[str, ...]
    facts: Facts
    packages: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def stack(record: StackRecord, name: Name, startup_s: float | None) -> StackFacts:
    """Command line, environment and exact versions of one stack; of a server that already ran, where it was found."""
    notes = tuple(map(noted, record.notes))
    if record.stack.url is not None:
        return StackFacts(name, "", (), _told(_found(record)), (), notes)
    return StackFacts(
        name=name,
        command=shlex.join(record.argv),
        environment=tuple(f"{key}={value}" for key, value in sorted(record.env.items())),
        facts=_told(_started(record, startup_s)),
        packages=tuple(sorted(record.packages.items())),
        notes=notes,
    )


def _found(record: StackRecord) -> Iterator[tuple[Fact, Fact]]:
    pid = record.stack.pid
    yield fact("term.served"), fact("served.running")
    yield fact("term.address"), fact("machine.fact", value=record.address)
    yield fact("term.processes"), fact("served.process", pid=pid) if pid else fact("served.process-unknown")


def _started(record: StackRecord, startup_s: float | None) -> Iterator[tuple[Fact, Fact]]:
    yield fact("term.served"), _served(record)
    yield fact("term.python"), fact("machine.fact", value=record.python)
    yield fact("term.folder"), fact("machine.fact", value=record.cwd)
    if startup_s is not None:
        yield fact("term.start-up"), fact("served.start-up", seconds=startup_s)
    yield fact("term.lock"), fact("served.locked" if record.locked else "served.resolved")


def _served(record: StackRecord) -> Fact:
    interface, other = interface_name(record.interface), interface_name(record.served_as)
    if record.served_as == record.interface:
        return fact("served", interface=interface)
    wrapped = record.interface == "wsgi"
    return fact("served.wrapped" if wrapped else "served.as", interface=interface, other=other)


def again(run: Run) -> Facts:
    """Commands that measure the same again, or tell this run again; what each does, and the command."""
    command = _compare(run.experiment)
    details = [fact("again.own")] if any(record.stack.is_import_string for record in run.stacks) else []
    details += [fact("again.secrets")] if _SECRET in command else []
    return [
        (told(fact("again.measure", details=tuple(details))), command),
        (told(fact("again.page")), f"webdyno report {run.id} --html report.html"),
        (told(fact("again.json")), f"webdyno report {run.id} --json"),
    ]


def _compare(plan: Experiment) -> str:
    request, window = plan.workload.request, plan.window
    argv = ["webdyno", "compare", *plan.stacks, "--connections", str(plan.saturation.connections)]
    if plan.rate:
        argv += ["--rate", f"{plan.rate.rate:.10g}", "--arrivals", plan.rate.arrivals]
    argv += ["--duet"] if plan.duet else ["--in-turn"] if plan.design == "in-turn" and plan.driver == "own" else []
    argv += ["--duration", f"{window.duration_s:g}s", "--warmup", f"{window.warmup_s:g}s"]
    argv += ["--timeout", f"{window.timeout_s:g}s", "--seed", str(plan.seed)]
    argv += _until(plan)
    argv += ["--driver", plan.driver] if plan.driver != "own" else []
    argv += [part for probe in plan.probes for part in ("--probe", probe)]
    argv += [part for metric in plan.metrics for part in ("--metric", metric)]
    if plan.workload.part or plan.workload.needs:
        argv += ["--workload", plan.workload.name] if plan.workload.name != "hello" else []
    elif plan.workload.name != "hello":
        argv += ["--path", request.path, "--method", request.method]
        given = [f"{name}: {as_typed(value)}" for name, value in request.headers]
        argv += [part for text in given for part in ("--header", text)]
        argv += ["--body", "@FILE"] if request.body else []
        argv += ["--status", str(plan.workload.status)] if plan.workload.status else []
    numbers = count(1)
    # What is masked cannot be sent again, but it can be named.
    named = [re.sub(re.escape(MASK), lambda _: f"{_SECRET}{next(numbers)}}}", part) for part in argv]
    return shlex.join(named)


def _until(plan: Experiment) -> list[str]:
    if plan.quick:
        return ["--quick", "--max-time", f"{plan.max_time_s:g}s"]
    if plan.precision is not None:
        return ["--precision", f"{plan.precision * 100:g}%", "--max-time", f"{plan.max_time_s:g}s"]
    return ["--blocks", str(plan.blocks)] if plan.blocks else ["--max-time", f"{plan.max_time_s:g}s"]
