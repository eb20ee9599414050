"""Question: what the user wants to know, checked but not yet planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from ..errors import UsageError
from ..loadgen.arrivals import MOST_ARRIVALS
from ..loadgen.demand import of_load, of_request, of_window
from ..loadgen.driver import Ability, Driver
from ..loadgen.drivers.own import DRIVER as OWN
from ..loadgen.drivers.table import refuse_beyond
from ..model.floor import MarginFloor
from ..model.load import ClosedLoad, OpenLoad, Window
from ..model.metric import Metric
from ..model.notation import ParsedStack
from ..model.run import Run
from ..model.workload import Workload
from ..probes.probe import Probe
from ..stacks.app_settings import AppSettings
from .designs.design import Asked, Design, Plan
from .designs.table import IN_TURN
from .unseen import refuse_unseen, refuse_untold

MOST_STACKS = 26


@dataclass(frozen=True)
class Question:
    """Which stacks, doing what, under which loads, for how long.

    Attributes:
        stacks: the first one is the baseline of every ratio.
        settings: where the user's own apps live and what they need.
        workload: the request, and what must come back.
        saturation: the closed load.
        rate: the open load, or None to take half of what the slowest stack carries in the pilot.
        arrivals: of the open load when the pilot sets its rate.
        window: warm-up, length and time-out of each trial.
        blocks: how many, or None for as many as fit into `max_time_s`.
        precision: half of the 95 % interval of every asked ratio, relative, at which the blocks end; None to plan them.
        quick: the blocks end once the order of all stacks is known.
        metrics: those that get verdicts, of which the precision is asked; empty: all, and throughput for the precision.
        max_time_s: seconds after set-up.
        seed: of everything random.
        response_times: measure under the open load as well, not only at saturation.
        design: how the stacks share the time.
        driver: the load tool.
        probes: those of other packages that watch each trial, by name.
        floor: the smallest differences that this machine can show; None where nobody has found them.
        of_gate: it is for a gate, which judges what is measured.
        hidden: secrets in all of this, by the name that is written in their place.
        kept: the run whose plan all of this is, and to which blocks are added: `blocks` so many more, `max_time_s` from
            now on. None for a new run.
    """

    stacks: tuple[ParsedStack, ...]
    settings: AppSettings
    workload: Workload
    saturation: ClosedLoad
    rate: OpenLoad | None
    arrivals: Literal["constant", "poisson"]
    window: Window
    blocks: int | None
    max_time_s: float
    seed: int
    precision: float | None = None
    quick: bool = False
    metrics: tuple[Metric, ...] = ()
    response_times: bool = True
    design: Design = IN_TURN
    driver: Driver = OWN
    probes: Mapping[str, Probe] = field(default_factory=dict)
    floor: MarginFloor | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    of_gate: bool = False
    kept: Run | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises:
            UsageError: no stacks, too many, the same one twice, or times that do not fit together.
        """
        notations = [str(parsed.stack) for parsed in self.stacks]
        if not notations:
            raise UsageError("no stack is named", "for example: webdyno compare flask@gunicorn fastapi@granian")
        if len(notations) > MOST_STACKS:
            raise UsageError(f"{len(notations)} stacks are too many for one run", f"name at most {MOST_STACKS}")
        for notation in notations:
            if notations.count(notation) > 1:
                raise UsageError(f"{notation} is named twice", "name each stack once")
        if self.rate and self.rate.rate * (self.window.warmup_s + self.window.duration_s) > MOST_ARRIVALS:
            raise UsageError(
                f"--rate {self.rate.rate:g} for --duration {self.window.duration_s:g}s is more than "
                f"{MOST_ARRIVALS:,} requests in one window",
                "give a lower rate or a shorter duration",
            )
        if self.rate and self.rate.rate * self.window.duration_s < 1:
            raise UsageError(
                f"at --rate {self.rate.rate:g} no request is due within --duration {self.window.duration_s:g}s",
                "give a higher rate or a longer duration",
            )
        self._check_precision()
        self._check_quick()
        refuse_beyond(self.driver, self._needed())
        stacks = [parsed.stack for parsed in self.stacks]
        running = any(stack.url is not None for stack in stacks)
        self.design.check(Asked(len(self.stacks), self.metrics, self.rate, self.workload, running))
        refuse_unseen(stacks, self.metrics)
        refuse_untold(stacks, self.workload)
        shortest = self._block_s(notations)
        if self.blocks is None and self.max_time_s < shortest:
            raise UsageError(
                f"--max-time {self.max_time_s:g}s is too short: one block of {len(notations)} stacks measures for "
                f"{shortest:g}s",
                "give more time, a shorter --duration, or fewer stacks",
            )

    def _needed(self) -> set[Ability]:
        """What is asked of the load tool; that each response is checked is not, but where the user says what for."""
        workload = self.workload
        needed = {*of_request(workload.request), *of_window(self.window)}
        if self.rate:
            needed.update(of_load(self.rate))
        elif self.response_times or not {"p50", "p99"}.isdisjoint(self.metrics):
            needed.add(self.arrivals)
        own = workload.part is None
        conditions: dict[Ability, bool] = {
            "status": workload.status is not None and (own or workload.status >= HTTPStatus.BAD_REQUEST),
            "bodies": own and (workload.body is not None or bool(workload.json_values)),
            "duet": self.design.at_once > 1,
            "tls": any((parsed.stack.url or "").startswith("https:") for parsed in self.stacks),
        }
        return needed | {ability for ability, asked in conditions.items() if asked}

    def _check_precision(self) -> None:
        if self.precision is None:
            return
        if self.blocks is not None:
            raise UsageError("--precision and --blocks both say when to end", "give one of them")
        if len(self.stacks) < 2:
            raise UsageError("--precision is that of a ratio, and there is one stack only", "name a second stack")

    def _check_quick(self) -> None:
        if self.quick and len(self.stacks) < 2:
            raise UsageError("--quick is about the order of stacks, and there is one only", "name a second stack")

    def _block_s(self, notations: Sequence[str]) -> float:
        """How long the windows of a block take; the pilot sets a rate that is not given."""
        rate = self.rate or (OpenLoad(rate=1) if self.response_times else None)
        plan = Plan(self.saturation, rate, self.window, self.window)
        return sum(self.design.seconds(plan, len(group)) for group in self.design.groups(notations, lambda _: True))
