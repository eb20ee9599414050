"""The question of a kept run, asked once more: its plan stands, and what it does not keep must be given again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from ..errors import UsageError
from ..lab.conditions import alike
from ..lab.designs.table import DESIGNS
from ..lab.question import Question
from ..loadgen.drivers.table import find_driver
from ..model.kept import kept_workload, learn_workload
from ..model.notation import parse_notation
from ..model.run import AppPlan, Run
from ..model.secrets import Secrets
from ..model.workload import Workload
from ..probes.table import asked_probes
from ..stacks.app_settings import AppSettings
from ..store.database import Store
from .option import flag, options_of
from .options import OF_CONTINUED, OF_REQUEST, CompareOptions

ALLOWED = OF_CONTINUED | {"hidden", "blocks", "precision"}
"""The options that may be given beside a run; all others are its plan."""
_ANEW = "begin a new run: webdyno compare"
_MASKED = re.compile(r"\*\*\*|\$\{[^{}]+\}")


def kept_run_of(store: Store, name: str | None) -> Run:
    """The run that blocks are to be added to.

    Args:
        store: where it is kept.
        name: its identifier or the beginning of it; None for the newest comparison.

    Raises:
        UsageError: there is none, or blocks cannot be added to it.
    """
    run = store.load() if name is None else store.read(name)
    if not isinstance(run, Run):
        raise UsageError(f"{run.id} is a {run.document}, and blocks are added to comparisons", "see webdyno runs")
    if run.state == "running":
        raise UsageError(f"run {run.id} is being measured right now", "wait until it has ended")
    if run.experiment.of_gate:
        raise UsageError(f"run {run.id} was measured for a gate, which has rules of its own", "run the gate again")
    if run.rules_not_kept:
        raise UsageError(f"run {run.id} ended by rules that are not kept: a gate's, or those of decided", _ANEW)
    if not run.blocks_begun:
        raise UsageError(f"run {run.id} ended before its first block", _ANEW)
    if run.experiment.apps is None:
        raise UsageError(f"run {run.id} is of an older webdyno, which did not keep what its apps need", _ANEW)
    return run


def question_of(run: Run, given: Mapping[str, object], checked: CompareOptions) -> Question:
    """The question whose answer the run is so far.

    Args:
        run: the kept run.
        given: the options that were given.
        checked: all options.

    Raises:
        UsageError: an option is none of `ALLOWED`, is another one than the run's, or a secret is missing.
    """
    _refuse_plan(run, given)
    plan, apps = run.experiment, cast("AppPlan", run.experiment.apps)
    took_part = {trial.stack for trial in run.trials if trial.block}
    blocks, precision = checked["blocks"], checked["precision"]
    if precision is None and blocks is None:
        precision = plan.precision
    hidden = given.get("hidden") or {}
    return Question(
        stacks=tuple(parse_notation(notation) for notation in plan.stacks if notation in took_part),
        settings=_settings(apps, _env(run, apps, checked["env"] or {})),
        workload=_workload(run, checked, Secrets(cast("Mapping[str, str]", hidden))),
        saturation=plan.saturation,
        rate=plan.rate,
        arrivals=plan.rate.arrivals if plan.rate else "poisson",
        window=plan.window,
        blocks=blocks,
        max_time_s=checked["max_time"] if given.get("max_time") is not None else plan.max_time_s,
        seed=plan.seed,
        precision=precision,
        metrics=plan.metrics,
        response_times=plan.rate is not None,
        design=DESIGNS[plan.design],
        driver=find_driver(plan.driver),
        probes=asked_probes(plan.probes),
        floor=run.floor,
        hidden=cast("Mapping[str, str]", hidden),
        kept=run,
    )


def _refuse_plan(run: Run, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        # A number 0 is given: it equals False, and is not it.
        unsaid = value is None or value is False or value in ((), {}, [])
        if name not in ALLOWED and not unsaid:
            called = flag(name, options_of(CompareOptions)[name])
            message = f"{called} is for a new run: run {run.id} goes on as it was planned"
            raise UsageError(message, "leave it out, or begin a new run without --continue")


def _settings(apps: AppPlan, env: Mapping[str, str]) -> AppSettings:
    return AppSettings(
        cwd=Path(apps.cwd),
        app_dirs=tuple(map(Path, apps.app_dirs)),
        python=None if apps.python is None else Path(apps.python),
        env=env,
        start_timeout_s=apps.start_timeout_s,
    )


def _env(run: Run, apps: AppPlan, given: Mapping[str, str]) -> dict[str, str]:
    masked = {name for name, value in apps.env.items() if "env" in run.experiment.unkept and _MASKED.search(value)}
    for name, value in given.items():
        if name not in apps.env or (name not in masked and value != apps.env[name]):
            raise _other(run, f"--env {name}")
    if missing := sorted(masked - given.keys()):
        raise _missing(run, "--env", missing)
    return apps.env | dict(given)


def _workload(run: Run, given: CompareOptions, secrets: Secrets) -> Workload:
    kept, unkept = run.experiment.workload, run.experiment.unkept
    for name in OF_REQUEST:
        if name in unkept and given[name] is None:  # type: ignore[literal-required]
            raise _missing(run, flag(name, options_of(CompareOptions)[name]), _names(kept, name))
    asked = {name: given[name] for name in OF_REQUEST if given[name] is not None}  # type: ignore[literal-required]
    request = kept.request.model_copy(
        update={name: asked[name] for name in ("path", "headers", "body") if name in asked}
    )
    expected = {"body": "expect_body", "json_values": "expect_json"}
    update = {field: asked[name] for field, name in expected.items() if name in asked}
    workload = Workload.model_validate(kept.model_copy(update=update | {"request": request}).model_dump())
    learn_workload(secrets, workload)
    for name, was, now in _pairs(kept, kept_workload(workload, secrets)):
        if name in asked and not alike(was, now):
            raise _other(run, flag(name, options_of(CompareOptions)[name]))
    return workload


def _pairs(one: Workload, other: Workload) -> Iterator[tuple[str, str, str]]:
    """What may be given again, by its option, in both."""
    for name in OF_REQUEST:
        yield name, _text(one, name), _text(other, name)


def _text(workload: Workload, name: str) -> str:
    match name:
        case "path":
            return workload.request.path
        case "headers":
            return "\n".join(f"{field}: {value}" for field, value in workload.request.headers)
        case "body":
            return repr(workload.request.body)
        case "expect_body":
            return repr(workload.body)
        case _:
            return "\n".join(f"{path}={value}" for path, value in sorted(workload.json_values.items()))


def _names(workload: Workload, option: str) -> list[str]:
    """Of what holds a secret, where it has several parts."""
    pairs: dict[str, Mapping[str, object]] = {
        "headers": dict(workload.request.headers),
        "expect_json": workload.json_values,
    }
    values = pairs.get(option, {})
    return [name for name, value in values.items() if _MASKED.search(str(value))]


def _missing(run: Run, option: str, names: list[str]) -> UsageError:
    what = f"{option} {', '.join(names)}" if names else option
    return UsageError(
        f"{what} of run {run.id} holds a secret, which is not kept", f"give {what} again, as for the first blocks"
    )


def _other(run: Run, option: str) -> UsageError:
    return UsageError(f"{option} is not what run {run.id} was measured with", "give what it had, or leave it out")
