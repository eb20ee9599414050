"""Dependencies that start no process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from webdyno.dependencies.dependency import Dependency, Place, RunningDependency, Settings
from webdyno.dependencies.dependency_set import DependencySet, Wanted, run_dependencies
from webdyno.model.run import CpuPlan
from webdyno.model.workload import Need

ANYWHERE = CpuPlan(server=(0,), load=(0,), apart=False, pinned=False)


@dataclass
class Fake:
    """A dependency that starts no process; `log`: what happened to it.

    Attributes:
        counts: what it says of its calls, one after the other, the last one for ever.
        on_start, on_check, on_stop: raised there.
    """

    name: str = "fake"
    env: dict[str, str] = field(default_factory=dict)
    counts: Sequence[object] = (None,)
    on_start: BaseException | None = None
    on_check: BaseException | None = None
    on_stop: BaseException | None = None
    log: list[str] = field(default_factory=list)

    def wanted(self, calls: int = 0) -> Wanted:
        need = Need(name=self.name, calls=calls)
        return Wanted(need, Dependency(self.name, "", lambda settings: "1", self._running), "1")

    @contextmanager
    def _running(self, settings: Settings, place: Place) -> Iterator[RunningDependency]:
        if self.on_start:
            raise self.on_start
        self.log.append(f"start {self.name}")
        try:
            yield FakeRunning(self)
        finally:
            self.log.append(f"stop {self.name}")
            if self.on_stop:
                raise self.on_stop


class FakeRunning(RunningDependency):
    def __init__(self, fake: Fake) -> None:
        super().__init__("nowhere", fake.env)
        self._fake, self._counts = fake, list(fake.counts)

    def check(self) -> None:
        if self._fake.on_check:
            raise self._fake.on_check

    def calls(self) -> int | None:
        count = self._counts.pop(0) if len(self._counts) > 1 else self._counts[0]
        return count  # type: ignore[return-value]


@contextmanager
def running(*wanted: Wanted, tell: Callable[[str], None] = print) -> Iterator[DependencySet]:
    with run_dependencies(wanted, ANYWHERE, lambda name: None, tell) as found:
        yield found
