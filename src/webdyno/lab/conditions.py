"""Are the conditions of a kept run still there? Asked before anything is measured that would be added to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import UsageError
from ..model.dependency_record import DependencyRecord
from ..model.fact import Fact, fact
from ..model.run import CpuPlan, HostFacts, Run, StackRecord

# What stands in place of a secret: its name, where the user gave it by name.
_HIDDEN = re.compile(r"\$\{[^{}]*\}|\*+")
_MACHINE = {
    "cpu_model": "CPU",
    "architecture": "architecture",
    "cores": "usable CPUs",
    "cores_total": "CPUs",
    "virtualisation": "virtualisation",
}
_SHIFTING = {
    "kernel": "kernel",
    "system": "system",
    "governor": "CPU governor",
    "memory_bytes": "memory in bytes",
    "python": "Python of webdyno",
}
_OF_STACK = {
    "python": "Python",
    "interface": "interface",
    "served_as": "interface of its server",
    "cwd": "working directory",
    "parts": "parts",
    "address": "address",
}
_MOST_SHOWN = 8


class Conditions(NamedTuple):
    """Under which blocks are measured.

    Attributes:
        host: the machine.
        cpus: which CPUs serve and which load.
        stacks: as they are kept, without their secrets.
        dependencies: what runs beside.
        driver: the load tool's version; empty where it is part of webdyno.
    """

    host: HostFacts
    cpus: CpuPlan
    stacks: Sequence[StackRecord]
    dependencies: Sequence[DependencyRecord]
    driver: str = ""


def refuse_changed(run: Run, now: Conditions) -> tuple[Fact, ...]:
    """Refuse conditions under which blocks would say something else than those that the run has.

    Returns:
        What may shift the figures of all stacks alike, which cancels in their ratios.

    Raises:
        UsageError: with each difference.
    """
    changed = [*_machine(run, now), *_stacks(run, now), *_dependencies(run, now)]
    if changed:
        first, *others = changed
        raise UsageError(
            f"run {run.id} cannot be continued: {first}",
            "continue it as it was begun, or begin a new run: webdyno compare",
            tuple(others[:_MOST_SHOWN]),
        )
    return tuple(_shifted(run, now))


def alike(one: str, other: str) -> bool:
    """Whether two texts are the same but for secrets in them, which are hidden."""
    return one == other or _HIDDEN.sub("***", one) == _HIDDEN.sub("***", other)


def _machine(run: Run, now: Conditions) -> Iterator[str]:
    for name, what in _MACHINE.items():
        before, after = getattr(run.host, name), getattr(now.host, name)
        if before != after:
            yield f"the machine had {what} {before}, and this one has {after}"
    if run.cpus != now.cpus:
        yield f"its servers ran on CPU {_numbers(run.cpus.server)}, and would run on {_numbers(now.cpus.server)}"
    if run.host.webdyno != now.host.webdyno:
        yield f"webdyno {run.host.webdyno} measured it, and this is {now.host.webdyno}"


def _numbers(cpus: Sequence[int]) -> str:
    return ",".join(map(str, cpus))


def _stacks(run: Run, now: Conditions) -> Iterator[str]:
    before = {record.notation: record for record in run.stacks}
    for record in now.stacks:
        was = before.get(record.notation)
        differences = ["it was not set up"] if was is None else _of_stack(was, record)
        yield from (f"{record.notation}: {difference}" for difference in differences)


def _of_stack(before: StackRecord, now: StackRecord) -> Iterator[str]:
    for name, what in _OF_STACK.items():
        was, found = getattr(before, name), getattr(now, name)
        if was != found:
            yield f"{what} {_shown(found)} instead of {_shown(was)}"
    # Where its interpreter lies says nothing: what is in it does.
    if not alike(" ".join(before.argv[1:]), " ".join(now.argv[1:])):
        yield f"command {' '.join(now.argv[1:])!r} instead of {' '.join(before.argv[1:])!r}"
    yield from (f"package {text}" for text in _differing(before.packages, now.packages))
    for name in sorted(before.env.keys() | now.env.keys()):
        was, found = before.env.get(name), now.env.get(name)
        if was is None or found is None or not alike(was, found):
            yield f"variable {name} {_shown(found)} instead of {_shown(was)}"
    for path in sorted(before.sources.keys() | now.sources.keys()):
        if before.sources and before.sources.get(path) != now.sources.get(path):
            yield f"{path} has changed"


def _dependencies(run: Run, now: Conditions) -> Iterator[str]:
    before = {record.name: record for record in run.dependencies}
    for record in now.dependencies:
        was = before.get(record.name)
        if was is not None and was.version != record.version:
            yield f"the dependency {record.name} has version {record.version} instead of {was.version}"


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield f"{name} {now.get(name, 'missing')} instead of {before.get(name, 'none')}"


def _shown(value: object) -> str:
    return str(value) if value else "none"


def _shifted(run: Run, now: Conditions) -> Iterator[Fact]:
    for name, what in _SHIFTING.items():
        before, after = getattr(run.host, name), getattr(now.host, name)
        if before != after:
            yield fact("continued.host", what=what, before=_shown(before), now=_shown(after))
    drivers = [trial.result.driver.version for trial in run.trials if trial.result]
    # The version of webdyno's own is that of webdyno.
    if drivers and run.experiment.driver != "own" and drivers[-1] != now.driver:
        yield fact("continued.host", what=run.experiment.driver, before=_shown(drivers[-1]), now=_shown(now.driver))
    known = {record.notation: record for record in run.stacks}
    if unseen := tuple(one.notation for one in now.stacks if one.stack.url is not None and one.stack.pid is None):
        yield fact("continued.unseen", stacks=unseen)
    if unread := tuple(one.notation for one in now.stacks if one.sources and not known[one.notation].sources):
        yield fact("continued.sources", stacks=unread)
