"""All that a workload needs beside the stacks, while it runs: started, looked after, counted, stopped and recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import NamedTuple

from pydantic import ValidationError

from ..errors import DependencyFailed, UsageError, WebdynoError
from ..model.dependency_record import DependencyRecord
from ..model.fault import first_fault
from ..model.run import CpuPlan
from ..model.workload import Need
from .dependency import Dependency, Place, RunningDependency
from .table import find_dependency

Tell = Callable[[str], None]

_REPORT = "report it to the package that brings it"


class Wanted(NamedTuple):
    """A dependency that is to be started.

    Attributes:
        need: what the workload asks of it.
        dependency: as it was found.
        version: of what would run.
    """

    need: Need
    dependency: Dependency
    version: str


class _Member(NamedTuple):
    need: Need
    running: RunningDependency
    record: DependencyRecord


class DependencySet:
    """What runs beside the stacks; without members where a workload needs nothing."""

    def __init__(self, members: Sequence[_Member] = ()) -> None:
        self._members = members

    @property
    def records(self) -> tuple[DependencyRecord, ...]:
        """What ran, for the result."""
        return tuple(member.record for member in self._members)

    @property
    def apart(self) -> bool:
        """Nothing of it has a CPU that serves or loads."""
        return all(record.apart for record in self.records)

    @property
    def env(self) -> dict[str, str]:
        """What each stack is told, as environment variables."""
        return {name: value for record in self.records for name, value in record.env.items()}

    def check(self) -> None:
        """Make sure that all of it runs and does what it is there for.

        Raises:
            DependencyFailed: something does not.
        """
        for member in self._members:
            with _ours(member.need.name):
                member.running.check()

    def calls(self) -> dict[str, int]:
        """How often each was called since its start, by name; those that do not count are left out.

        Raises:
            DependencyFailed: one does not say, though its calls are held against the stacks.
        """
        counts = {}
        for member in self._members:
            name = member.need.name
            with _ours(name):
                count = member.running.calls()
            if count is not None and (type(count) is not int or count < 0):
                raise _failed(name, f"says that it was called {count!r:.40} times")
            if count is not None:
                counts[name] = count
            elif member.need.calls:
                raise _failed(name, "does not count its calls, though the workload holds them against the stacks")
        return counts

    def calls_since(self, before: Mapping[str, int]) -> dict[str, int]:
        """As `calls`, from an earlier count on.

        Raises:
            DependencyFailed: as there, or one has begun anew.
        """
        now = self.calls()
        for name, count in before.items():
            if name not in now or now[name] < count:
                raise _failed(name, "no longer knows of its earlier calls: it has begun anew")
        return {name: now[name] - before.get(name, 0) for name in now}


def find_wanted(needs: Sequence[Need]) -> list[Wanted]:
    """Find what a workload needs, before anything is started.

    Raises:
        UsageError: there is none of that name, it is named twice, is not installed, or does not take its settings.
    """
    names = [need.name for need in needs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"the workload names the dependency {twice} twice", "let the package that brings it name each once"
        )
    found = [(need, find_dependency(need.name)) for need in needs]
    return [Wanted(need, one, _version(need, one)) for need, one in found]


def _version(need: Need, dependency: Dependency) -> str:
    try:
        return dependency.version(need.settings)
    except WebdynoError:
        raise
    except Exception as error:
        raise UsageError(
            f"the version of the dependency {need.name} is not known: {_raised(error)}", _REPORT
        ) from error


@contextmanager
def run_dependencies(wanted: Sequence[Wanted], cpus: CpuPlan, starting: Tell, tell: Tell) -> Iterator[DependencySet]:
    """Run what a workload needs, on CPUs that neither serve nor load where there are some, else on the load's.

    To be called before this process binds itself to the load's. All of it is stopped with the context, the last one
    first.

    Args:
        wanted: what, in the order in which it is started.
        cpus: the run's.
        starting: told the name of each before it is started.
        tell: told of what did not stop as it should.

    Raises:
        DependencyFailed: something does not start, does not do what it is there for, or cannot be told to the stacks.
    """
    place = _place(cpus)
    with ExitStack() as held:
        members: list[_Member] = []
        for one in wanted:
            starting(one.need.name)
            members.append(_start(one, place, held, tell))
            _refuse_clash(members)
        running = DependencySet(members)
        running.check()
        running.calls()
        yield running


def _place(cpus: CpuPlan) -> Place:
    if not cpus.pinned:
        return Place()
    spare = os.sched_getaffinity(0) - {*cpus.server, *cpus.load}
    return Place(tuple(sorted(spare or cpus.load)), bool(spare))


def _start(one: Wanted, place: Place, held: ExitStack, tell: Tell) -> _Member:
    need = one.need
    with _ours(need.name):
        context = one.dependency.running(need.settings, place)
        running = context.__enter__()
        held.push(partial(_stop, context, need.name, tell))
        return _Member(need, running, _record(one, running, place))


def _record(one: Wanted, running: RunningDependency, place: Place) -> DependencyRecord:
    try:
        return DependencyRecord(
            name=one.need.name,
            version=one.version,
            settings=one.need.settings,
            address=running.address,
            argv=running.argv,
            env=dict(running.env),
            cpus=place.cpus,
            apart=place.apart,
        )
    except ValidationError as error:
        raise _failed(one.need.name, f"says of itself what cannot be: {first_fault(error)}") from error


def _refuse_clash(members: Sequence[_Member]) -> None:
    *others, last = members
    for other in others:
        for name in last.record.env.keys() & other.record.env.keys():
            raise _failed(last.need.name, f"tells the stacks {name}, and so does {other.need.name}")


def _stop(
    context: AbstractContextManager[RunningDependency],
    name: str,
    tell: Tell,
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    """End it; a failure there costs no result, since its processes end with the run in any case."""
    try:
        context.__exit__(kind, error, trace)
    except Exception as failure:  # noqa: BLE001 - told, and what ended the run goes on
        if failure is not error:
            tell(f"the dependency {name} did not stop as it should: {_raised(failure)}")


@contextmanager
def _ours(name: str) -> Iterator[None]:
    """Whatever another package's dependency raises, told as its own failure."""
    try:
        yield
    except DependencyFailed:
        raise
    except Exception as error:
        failed = _failed(name, f"failed: {_raised(error)}")
        if isinstance(error, WebdynoError):
            failed.remedy, failed.details = error.remedy, error.details
        raise failed from error


def _failed(name: str, what: str) -> DependencyFailed:
    return DependencyFailed(f"the dependency {name} {what}", _REPORT)


def _raised(error: Exception) -> str:
    return error.message if isinstance(error, WebdynoError) else f"{type(error).__name__}: {error}"
