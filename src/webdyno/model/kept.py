"""From what is used to what is kept: the same values with their secrets masked. Nothing else is stored or told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import JsonValue

from .dependency_record import DependencyRecord
from .gate_run import GateRun
from .load_run import LoadRun
from .note import Note
from .run import Experiment, Run, StackRecord
from .scenario import Scenario
from .secret_rules import MASK
from .secrets import Secrets
from .side import Side
from .trial import Counted, FailureSample, LoadFigures, ProbeFinding, Trial
from .workload import Expected, JsonScalar, Need, Request, Workload

C = TypeVar("C", bound=Counted)


def learn_request(secrets: Secrets, request: Request) -> None:
    """Learn the secrets of a request."""
    for name, value in request.headers:
        secrets.learn(name, value)
    secrets.learn_text(request.path)
    secrets.learn_text((request.body or b"").decode("utf-8", "surrogateescape"))


def learn_workload(secrets: Secrets, workload: Workload) -> None:
    """Learn the secrets of a request and of the response that is expected."""
    learn_request(secrets, workload.request)
    secrets.learn_text((workload.body or b"").decode("utf-8", "surrogateescape"))
    for path, value in workload.json_values.items():
        secrets.learn(path, str(value))
    for name, setting in (pair for need in workload.needs for pair in need.settings.items()):
        secrets.learn(name, str(setting))


def learn_scenario(secrets: Secrets, scenario: Scenario) -> None:
    """Learn the secrets of a scenario and of its data."""
    for step in (step for flow in scenario.flows for step in flow.steps):
        learn_request(secrets, step.request)
        secrets.learn("password", (step.basic or "").partition(":")[2])
    for rows in scenario.data.values():
        for name, value in {(name, value) for row in rows.rows for name, value in row.items()}:
            secrets.learn(name, str(value))


def kept_workload(workload: Workload, secrets: Secrets) -> Workload:
    """A workload as it is kept; what the reference services are asked is no secret."""
    if workload.part is not None:
        return workload
    return workload.model_copy(
        update={
            "request": kept_request(workload.request, secrets),
            "body": None if workload.body is None else secrets.body(workload.body),
            "json_values": _json_values(workload.json_values, secrets),
            "needs": tuple(_need(need, secrets) for need in workload.needs),
        }
    )


def _need(need: Need, secrets: Secrets) -> Need:
    return need.model_copy(update={"settings": _json_values(need.settings, secrets)})


def kept_dependency(record: DependencyRecord, secrets: Secrets) -> DependencyRecord:
    """A dependency as it is kept."""
    return record.model_copy(
        update={
            "version": secrets.text(record.version),
            "settings": _json_values(record.settings, secrets),
            "address": secrets.text(record.address),
            "argv": tuple(map(secrets.text, record.argv)),
            "env": {name: secrets.named(name, value) for name, value in record.env.items()},
        }
    )


def kept_request(request: Request, secrets: Secrets) -> Request:
    """A request as it is kept."""
    return request.model_copy(
        update={
            "path": secrets.text(request.path),
            "headers": kept_headers(request.headers, secrets),
            "body": None if request.body is None else secrets.body(request.body),
        }
    )


def kept_headers(headers: tuple[tuple[str, str], ...], secrets: Secrets) -> tuple[tuple[str, str], ...]:
    """Headers as they are kept."""
    return tuple((name, secrets.named(name, value)) for name, value in headers)


def kept_record(record: StackRecord, secrets: Secrets) -> StackRecord:
    """A stack as it is kept."""
    return record.model_copy(
        update={
            "argv": tuple(map(secrets.text, record.argv)),
            "env": {name: secrets.named(name, value) for name, value in record.env.items()},
            "notes": tuple(kept_note(note, secrets) for note in record.notes),
            "sources": {secrets.text(path): digest for path, digest in record.sources.items()},
            "expected": None if record.expected is None else _expected(record.expected, secrets),
        }
    )


def _expected(expected: Expected, secrets: Secrets) -> Expected:
    examples = (one.model_copy(update={"body": secrets.body(one.body)}) for one in expected.examples)
    return expected.model_copy(
        update={
            "body": None if expected.body is None else secrets.body(expected.body),
            "json_values": _json_values(expected.json_values, secrets),
            "examples": tuple(examples),
        }
    )


def _json_values(values: Mapping[str, JsonScalar], secrets: Secrets) -> dict[str, JsonScalar]:
    return {path: _json_value(path, value, secrets) for path, value in values.items()}


def _json_value(path: str, value: JsonScalar, secrets: Secrets) -> JsonScalar:
    text = str(value)
    masked = secrets.named(path, text)
    # A number stays one, unless it is a secret.
    return value if masked == text else masked


def kept_trial(trial: Trial, secrets: Secrets) -> Trial:
    """A trial as it is kept."""
    return trial.model_copy(
        update={
            "failure": trial.failure and kept_note(trial.failure, secrets),
            "remedy": trial.remedy and kept_note(trial.remedy, secrets),
            "server_output": tuple(map(secrets.text, trial.server_output)),
            "result": None if trial.result is None else kept_result(trial.result, secrets),
            "findings": {name: _finding(found, secrets) for name, found in trial.findings.items()},
        }
    )


def _finding(found: ProbeFinding, secrets: Secrets) -> ProbeFinding:
    failure = None if found.failure is None else secrets.text(found.failure)
    return ProbeFinding(value=_any_json("", found.value, secrets), failure=failure)


def _any_json(name: str, value: JsonValue, secrets: Secrets) -> JsonValue:
    """A JSON value that stands under a name, masked in all its depth."""
    match value:
        case dict():
            return {secrets.text(key): _any_json(key, inside, secrets) for key, inside in value.items()}
        case list():
            return [_any_json(name, inside, secrets) for inside in value]
        case None | bool():
            return value
        case str():
            return secrets.named(name, value)
        case _:
            # What a probe counts under a name such as `session` is no secret by that.
            return value if secrets.text(str(value)) == str(value) else MASK


def kept_result(result: LoadFigures, secrets: Secrets) -> LoadFigures:
    """What the load generator saw, as it is kept."""
    names = apart(secrets.text(one.name) for one in result.endpoints)
    endpoints = (
        _counted(one, secrets).model_copy(update={"name": name, "path": secrets.text(one.path)})
        for one, name in zip(result.endpoints, names, strict=True)
    )
    misfits = tuple(map(secrets.text, result.bodies.misfits))
    command = tuple(map(secrets.text, result.driver.command))
    return _counted(result, secrets).model_copy(
        update={
            "driver": result.driver.model_copy(update={"command": command}),
            "endpoints": tuple(endpoints),
            "bodies": result.bodies.model_copy(update={"misfits": misfits}),
        }
    )


def _counted(counted: C, secrets: Secrets) -> C:
    samples = (_sample(sample, secrets) for sample in counted.failure_samples)
    return counted.model_copy(update={"failure_samples": tuple(samples)})


def _sample(sample: FailureSample, secrets: Secrets) -> FailureSample:
    return sample.model_copy(update={"detail": secrets.text(sample.detail)})


def kept_note(note: Note, secrets: Secrets) -> Note:
    """A note as it is kept."""
    return note.rewritten(secrets.text)


def kept_run(run: Run, secrets: Secrets) -> Run:
    """A whole run as it is kept."""
    return run.model_copy(
        update={
            "experiment": _experiment(run.experiment, secrets),
            "stacks": tuple(kept_record(record, secrets) for record in run.stacks),
            "dependencies": tuple(kept_dependency(record, secrets) for record in run.dependencies),
            "trials": tuple(kept_trial(trial, secrets) for trial in run.trials),
            "notes": tuple(kept_note(note, secrets) for note in run.notes),
        }
    )


def _experiment(plan: Experiment, secrets: Secrets) -> Experiment:
    workload = kept_workload(plan.workload, secrets)
    used, request, kept = plan.workload, plan.workload.request, workload.request
    masked = {
        "path": kept.path != request.path,
        "headers": kept.headers != request.headers,
        "body": kept.body != request.body,
        "expect_body": workload.body != used.body,
        "expect_json": workload.json_values != used.json_values,
    }
    apps = plan.apps
    if apps is not None:
        apps = apps.model_copy(update={"env": {name: secrets.named(name, text) for name, text in apps.env.items()}})
        masked["env"] = apps != plan.apps
    unkept = dict.fromkeys((*plan.unkept, *(name for name, differs in masked.items() if differs)))
    return plan.model_copy(update={"workload": workload, "apps": apps, "unkept": tuple(unkept)})


def kept_gate_run(gate: GateRun, secrets: Secrets) -> GateRun:
    """A gate as it is kept; its runs and the stacks of its sides are so already."""

    def kept_side(side: Side) -> Side:
        return side.model_copy(update={"asked": secrets.text(side.asked)})

    return gate.model_copy(
        update={
            "base": kept_side(gate.base),
            "head": kept_side(gate.head),
            "notes": tuple(kept_note(note, secrets) for note in gate.notes),
        }
    )


def kept_load_run(run: LoadRun, secrets: Secrets) -> LoadRun:
    """A load as it is kept."""
    return run.model_copy(
        update={
            "url": secrets.text(run.url),
            "headers": kept_headers(run.headers, secrets),
            "result": kept_result(run.result, secrets),
        }
    )


def apart(names: Iterable[str]) -> Iterator[str]:
    """Masked names, numbered where they have become the same: figures are told by them."""
    times = Counter[str]()
    for name in names:
        times[name] += 1
        yield name if times[name] == 1 else f"{name} ({times[name]})"
