"""What a design decides: who runs at the same time, under which loads, and which metrics come of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...model.load import ClosedLoad, OpenLoad, Window
from ...model.metric import Metric
from ...model.workload import Workload
from ..stage import Stage, Stages, in_order


class Asked(NamedTuple):
    """Of a question, what a design may have to refuse.

    Attributes:
        stacks: how many.
        metrics: those that are asked for by name.
        rate: of the open load, where one is asked for.
        workload: what is requested.
        running: some stack is a server that already runs.
    """

    stacks: int
    metrics: Sequence[Metric]
    rate: OpenLoad | None
    workload: Workload
    running: bool = False


class Plan(NamedTuple):
    """The loads and windows of the blocks, as the pilot has completed them.

    Attributes:
        saturation: the closed load.
        rate: the open load; None where response times are not measured.
        window, rate_window: of the closed and of the open load, as long as a block measures each stack under it.
        slowest_s: mean seconds from one request of a connection to the next, of the slowest stack; 0 where unknown.
    """

    saturation: ClosedLoad
    rate: OpenLoad | None
    window: Window
    rate_window: Window
    slowest_s: float = 0.0


class Design(ABC):
    """How the stacks of a run share its time.

    Attributes:
        name: as it is stored with the run.
        metrics: those that it can tell of.
        judged: those that get verdicts where none is asked for by name; empty for all of `metrics`.
        least_stacks: with fewer that answer as expected there is nothing to measure.
        at_once: how many stacks are loaded at the same time.
        keeps_floor: the smallest differences that `webdyno doctor` found hold for it.
        idles: stacks run while others are loaded, so that what they use meanwhile counts against these.
    """

    name: str
    metrics: tuple[Metric, ...]
    judged: tuple[Metric, ...] = ()
    least_stacks: int = 1
    at_once: int = 1
    keeps_floor: bool = False
    idles: bool = False

    def check(self, asked: Asked) -> None:  # noqa: B027
        """Refuse what it cannot measure.

        Raises:
            UsageError: with what to leave out.
        """

    @abstractmethod
    def groups(self, order: Sequence[str], fit: Callable[[Sequence[str]], bool]) -> list[Sequence[str]]:
        """Which stacks are started together, in the order in which a block goes through them.

        Args:
            order: the usable stacks in the block's random order.
            fit: whether so many find room in memory at the same time.
        """

    @abstractmethod
    def planned(self, plan: Plan) -> Sequence[Stage]:
        """The trials that one group goes through, at most: so much time is planned for."""

    def stages(self, plan: Plan) -> Stages:
        """The trials of one group, once it is started."""
        return in_order(*self.planned(plan))

    def seconds(self, plan: Plan, stacks: int) -> float:
        """How long the windows of a group of so many stacks take, at most."""
        return sum(stage.seconds(stacks) for stage in self.planned(plan))
