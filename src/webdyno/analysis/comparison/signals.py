"""What the machine was seen doing to each trial: rules set beforehand that look at no figure of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.block_differences import Disturbed, Signal, SignalName
from ...model.run import Run
from ...model.trial import Phase
from ..measured_trial import MeasuredTrial, with_results

# So much more than usual is a disturbance. Shares of the window: a hundredth of stolen time can be seen in results, as
# for `steal` and `throttled`; waits of the generator as for `core-shared`. Of CPU time that nobody of ours used, calm
# runs show up to 0.1 CPUs more or less, since it is a difference of clocks; and of pressure up to a tenth.
LEAST: Mapping[SignalName, float] = {
    "steal": 0.01,
    "throttled": 0.01,
    "core-wait": 0.05,
    "others": 0.15,
    "pressure": 0.15,
}


def disturbed_trials(run: Run, phase: Phase) -> Iterator[Disturbed]:
    """The trials of a phase that were disturbed, in the order of blocks."""
    trials = [one for one in with_results(run.trials) if one.trial.phase == phase and one.trial.block]
    seen = {(one.trial.block, one.trial.stack): _seen(one, trials, run) for one in trials}
    usual = {stack: _usual([one for (_, of), one in seen.items() if of == stack]) for _, stack in seen}
    for block, stack in sorted(seen):
        found = [
            Signal(name=name, value=value, usual=usual[stack][name])
            for name, value in seen[block, stack].items()
            if value - usual[stack][name] > LEAST[name]
        ]
        if found:
            found.sort(key=lambda one: (one.value - one.usual) / LEAST[one.name], reverse=True)
            yield Disturbed(block=block, stack=stack, signals=tuple(found))


def _usual(several: Sequence[Mapping[SignalName, float]]) -> dict[SignalName, float]:
    """Of each signal the lower quartile over the blocks: a neighbour who is there half of the time is not usual.

    Nor is one who is there in all blocks but a few that were clearly calmer.
    """
    found = {}
    for name, least in LEAST.items():
        values = sorted(one[name] for one in several if name in one)
        if values:
            quartile = values[(len(values) - 1) // 4]
            found[name] = quartile if quartile - values[0] <= least else values[0]
    return found


def _seen(one: MeasuredTrial, trials: Sequence[MeasuredTrial], run: Run) -> dict[SignalName, float]:
    """What was read of each signal; what could not be read, or is not of the CPUs that serve and load, is left out."""
    cpus = len({*run.cpus.server, *run.cpus.load})
    bound = {record.notation for record in run.stacks if record.stack.url is None} if run.cpus.pinned else set()
    system, engine, window_s = one.system, one.result.engine, one.result.window_s
    found: dict[SignalName, float | None] = {}
    if system:
        found |= {
            "steal": _share(system.steal_percent),
            "pressure": _share(system.cpu_pressure_percent) if cpus == run.host.cores_total else None,
            "throttled": None if system.throttled_s is None else system.throttled_s / window_s,
            "others": _others(one, trials, cpus) if one.trial.stack in bound else None,
        }
    if engine and engine.core_wait_s is not None:
        found["core-wait"] = engine.core_wait_s / window_s
    return {name: value for name, value in found.items() if value is not None}


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _others(one: MeasuredTrial, trials: Sequence[MeasuredTrial], cpus: int) -> float | None:
    """Of the watched CPUs, how many others used: what was busy, less the stack and the load generator."""
    if one.system is None or one.system.used_percent is None:
        return None
    # In a duet the other stack and its generator ran at the same time.
    beside = [each for each in trials if each.trial.block == one.trial.block] if one.trial.phase == "duet" else [one]
    ours = 0.0
    for each in beside:
        resources, engine = each.trial.resources, each.result.engine
        if resources is None or engine is None:
            return None
        ours += (resources.cpu_s + engine.cpu_s * engine.processes) / each.result.window_s
    # The clocks of both differ, so that a calm machine can seem to have used less than we did.
    return max(one.system.used_percent / 100 * cpus - ours, 0.0)
