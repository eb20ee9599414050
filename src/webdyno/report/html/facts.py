"""How it was measured: load, machine, versions, command lines, and how to measure it again."""

from __future__ import annotations

import re
import shlex
from itertools import count
from typing import NamedTuple

from ...model.http_request import as_typed
from ...model.run import Experiment, Run, StackRecord, interface_name
from ...model.secret_rules import MASK
from ...model.workload import Workload
from ...texts.catalogue import noted, told
from ...units import format_bytes, format_duration
from ..comparison.beside import beside
from .tables import Name

UNKNOWN = "could not be read"

Facts = list[tuple[str, str]]

_BODY_SHOWN = 200
_SECRET = "${env.SECRET"


def measuring(run: Run) -> Facts:
    """The question, the load and the plan."""
    plan = run.experiment
    window = plan.window
    rate = str(plan.rate) if plan.rate else "not measured"
    return [
        ("Request", _request(plan.workload)),
        ("Right answer", _right_answer(plan.workload)),
        (
            "CPU" if plan.duet else "Throughput and CPU",
            f"{plan.saturation}: each sends its next request when the last one is answered",
        ),
        *([("Duet", "both stacks at the same time on the same cores")] if plan.duet else []),
        (
            "Response time",
            f"{rate}; timed from the moment a request was due, so that waiting counts" if plan.rate else rate,
        ),
        (
            "Windows",
            f"{format_duration(window.duration_s)} counted after {format_duration(window.warmup_s)} of warm-up; "
            f"time-out {format_duration(window.timeout_s)}",
        ),
        ("Blocks", _blocks(run)),
        ("Load tool", "webdyno's own engine" if plan.driver == "own" else plan.driver),
        ("Seed", str(plan.seed)),
        ("Time", f"{format_duration(run.measured_s)} measuring, {format_duration(run.setup_s)} set-up before it"),
        (
            "Intervals",
            "95 % t-intervals over blocks; ratios from the mean log-ratio within blocks; percentiles from merged "
            "histograms, never averaged; the verdicts of a run are corrected together (Holm), its intervals are not",
        ),
    ]


def _request(workload: Workload) -> str:
    request = workload.request
    headers = "".join(f", {name}: {as_typed(value)}" for name, value in request.headers)
    what = "message" if request.websocket else "body"
    body = f", {what} of {format_bytes(len(request.body))}" if request.body else ""
    wsgi = workload.wsgi_request
    other = f"; WSGI apps {wsgi.method} {wsgi.path}" if wsgi else ""
    return f"{request.line}{headers}{body}{other} (workload {workload.name})"


def _right_answer(workload: Workload) -> str:
    if workload.request.websocket:
        return "the same message"
    status = f"status {workload.status}" if workload.status else "the status of the first answer (2xx)"
    if workload.json_body and len(workload.json_body) > _BODY_SHOWN:
        return f"{status}, body {workload.json_body[:_BODY_SHOWN]}..."
    return f"{status}, body {workload.json_body}" if workload.json_body else status


def _blocks(run: Run) -> str:
    done = len({trial.block for trial in run.trials if trial.block > 0})
    planned = run.experiment.blocks
    of = f" of {planned} planned" if planned and planned != done else ""
    afresh = {
        "all": "every stack was started afresh",
        "some": "what webdyno starts was started afresh",
        "none": "every stack was measured",
    }
    return f"{done}{of}; in each, {afresh[run.launches]}, in random order"


def machine(run: Run) -> Facts:
    """The machine and how it was divided."""
    host = run.host
    return [
        ("CPU", f"{host.cpu_model or UNKNOWN} ({host.architecture}), {host.cores} of {host.cores_total} cores usable"),
        ("CPU plan", _plan(run)),
        ("Memory", format_bytes(host.memory_bytes)),
        ("System", f"{host.system or UNKNOWN}, kernel {host.kernel}"),
        ("Virtualisation", host.virtualisation or UNKNOWN),
        ("Frequency governor", host.governor or UNKNOWN),
        ("Python", f"{host.python} (of webdyno {host.webdyno})"),
    ]


def _plan(run: Run) -> str:
    cpus = run.cpus
    server, load = (", ".join(map(str, numbers)) for numbers in (cpus.server, cpus.load))
    if not cpus.pinned:
        return "processes could not be bound to CPUs"
    if run.launches == "none":
        return f"load generator on CPU {load}; the servers already ran, and were not bound to any"
    shared = "" if cpus.apart else " (shared: both take time from each other)"
    servers = "servers" if run.launches == "all" else "servers that webdyno starts"
    return f"{servers} on CPU {server}, load generator on CPU {load}{shared}"


def dependencies(run: Run) -> Facts:
    """What ran beside the stacks, and the command line of each."""
    found: Facts = []
    for record in run.dependencies:
        found.append((f"Dependency {record.name}", told(beside(record))))
        if record.argv:
            found.append((f"Command of {record.name}", shlex.join(record.argv)))
    return found


class StackFacts(NamedTuple):
    """One stack as it really ran."""

    name: Name
    command: str
    environment: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    packages: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def stack(record: StackRecord, name: Name, startup_s: float | None) -> StackFacts:
    """Command line, environment and exact versions of one stack; of a server that already ran, where it was found."""
    if record.stack.url is not None:
        process = f"process {record.stack.pid}, and all below it" if record.stack.pid else "not known"
        found = (("Served", "by a server that already ran"), ("Address", record.address), ("Processes", process))
        return StackFacts(name, "", (), found, (), tuple(map(noted, record.notes)))
    served = f"{interface_name(record.interface)} app"
    if record.served_as != record.interface:
        served += (
            f", {'wrapped and ' if record.interface == 'wsgi' else ''}served as {interface_name(record.served_as)}"
        )
    facts = [("Served", served), ("Python", record.python), ("Folder", record.cwd)]
    if startup_s is not None:
        facts.append(("Start-up", f"{format_duration(startup_s)} to the first answer"))
    facts.append(("Lock file", "every package, by hash" if record.locked else "not used: versions were resolved"))
    return StackFacts(
        name=name,
        command=shlex.join(record.argv),
        environment=tuple(f"{key}={value}" for key, value in sorted(record.env.items())),
        facts=tuple(facts),
        packages=tuple(sorted(record.packages.items())),
        notes=tuple(map(noted, record.notes)),
    )


def again(run: Run) -> list[tuple[str, str]]:
    """Commands that measure the same again, or tell this run again; what each does, and the command."""
    own = any(record.stack.is_import_string for record in run.stacks)
    where = ", in the same folder, with the app's own --app-dir, --python, --env and --start-timeout" if own else ""
    command = _compare(run.experiment)
    secrets = ", with the masked secrets in the environment" if _SECRET in command else ""
    return [
        (f"Measure the same again, on this or another machine{where}{secrets}:", command),
        (
            "Write this page again from the stored run; nothing is measured:",
            f"webdyno report {run.id} --html report.html",
        ),
        ("All figures as one JSON document:", f"webdyno report {run.id} --json"),
    ]


def _compare(plan: Experiment) -> str:
    request, window = plan.workload.request, plan.window
    argv = ["webdyno", "compare", *plan.stacks, "--connections", str(plan.saturation.connections)]
    if plan.rate:
        argv += ["--rate", f"{plan.rate.rate:.10g}", "--arrivals", plan.rate.arrivals]
    argv += ["--duration", f"{window.duration_s:g}s", "--warmup", f"{window.warmup_s:g}s"]
    argv += ["--timeout", f"{window.timeout_s:g}s", "--seed", str(plan.seed)]
    argv += _until(plan)
    argv += ["--duet"] if plan.duet else []
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
    if plan.precision is not None:
        return ["--precision", f"{plan.precision * 100:g}%", "--max-time", f"{plan.max_time_s:g}s"]
    return ["--blocks", str(plan.blocks)] if plan.blocks else ["--max-time", f"{plan.max_time_s:g}s"]
