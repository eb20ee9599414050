"""Results that somebody else has kept, perhaps before anything was masked."""

from __future__ import annotations

from collections.abc import Sequence

from .gate_run import GateRun
from .kept import apart, kept_gate_run, kept_load_run, kept_run, learn_workload
from .load_run import LoadRun
from .notation import masked_notation
from .run import Run
from .secrets import Secrets
from .side import Side


def masked_run(run: Run) -> Run:
    """The run without its secrets."""
    secrets = Secrets()
    learn_workload(secrets, run.experiment.workload)
    for env in (record.env for records in (run.stacks, run.dependencies) for record in records):
        for name, value in env.items():
            secrets.learn(name, value)
    return kept_run(_renamed(run), secrets)


def masked_gate_run(gate: GateRun) -> GateRun:
    """The gate without its secrets."""
    names = _masked_names(gate.runs[0].experiment.stacks)

    def masked_side(side: Side) -> Side:
        return side.model_copy(update={"stack": names[side.stack], "asked": masked_notation(side.asked)})

    sides = {"base": masked_side(gate.base), "head": masked_side(gate.head)}
    masked = gate.model_copy(update=sides | {"runs": tuple(map(masked_run, gate.runs))})
    return kept_gate_run(masked, Secrets())


def _masked_names(notations: Sequence[str]) -> dict[str, str]:
    return dict(zip(notations, apart(map(masked_notation, notations)), strict=True))


def _renamed(run: Run) -> Run:
    """The run under other names where there are secrets in those of its stacks, which are refused today."""
    names = _masked_names(run.experiment.stacks)
    if all(name == notation for notation, name in names.items()):
        return run
    baseline = names.get(run.experiment.baseline, run.experiment.baseline)
    experiment = run.experiment.model_copy(update={"stacks": tuple(names.values()), "baseline": baseline})
    stacks = (
        record.model_copy(
            update={
                "notation": names.get(record.notation, record.notation),
                "stack": record.stack.model_copy(update={"app": masked_notation(record.stack.app)}),
            }
        )
        for record in run.stacks
    )
    trials = (trial.model_copy(update={"stack": names.get(trial.stack, trial.stack)}) for trial in run.trials)
    return run.model_copy(update={"experiment": experiment, "stacks": tuple(stacks), "trials": tuple(trials)})


def masked_load_run(run: LoadRun) -> LoadRun:
    """The load without its secrets."""
    secrets = Secrets()
    for name, value in run.headers:
        secrets.learn(name, value)
    secrets.learn_text(run.url)
    return kept_load_run(run, secrets)
