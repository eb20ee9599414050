"""Schedule: the pilot that completes the plan, then the blocks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ..model.load import OpenLoad
from ..model.run import StackRecord, interface_name
from ..model.trial import Trial
from ..model.verdict import Closing
from ..model.workload import Expected
from .contract import unlike
from .events import BlockDone, Launching, Measuring, PilotDone, Remark, RunStarted
from .fresh_start import Bench, Place, Stage
from .plan import LEAST_BLOCKS, block_order, blocks_that_fit, common_rate, looks_at
from .question import MOST_BLOCKS, Question
from .session import Session
from .stopping import Decided, Watch, blocks_to_go, not_reached
from .trial import measure_fresh_start
from .windows import filled, lengthened, long_enough, slowest_s

# A stack that fails more than this share of its requests in the pilot does not set the common rate.
WORST_FAILED_SHARE = 0.01
# A pilot in whose window nothing was sent for longer tells less than half of what a stack carries.
SLEPT_SHARE = 0.5
# Windows are lengthened only as far as so many blocks still fit, where no number is asked for.
BLOCKS_KEPT = 6
# Of the time limit, for blocks that take longer than the pilot led to expect and for telling the results.
RESERVED_SHARE = 0.05


class Schedule:
    """Goes through the fresh starts of an experiment and keeps to its time."""

    def __init__(
        self,
        session: Session,
        question: Question,
        records: Sequence[StackRecord],
        bench: Bench,
        watch: Watch,
        decided: Decided | None = None,
    ) -> None:
        self.session = session
        self.records = {record.notation: record for record in records}
        self.question = question
        self.bench = bench
        self.watch = watch
        self.decided = decided
        self.closings: tuple[Closing, ...] = ()
        self.usable: list[str] = []
        self.rate = question.rate
        self.window = self.rate_window = question.window
        self.blocks_planned = question.blocks or 0
        self._overhead_s: dict[frozenset[str], float] = {}
        self._blocks_left = 0

    def pilot(self) -> bool:
        """Start every stack once: is it the right service, and how much does it carry, roughly?

        Returns:
            True where there is something left to measure in blocks.
        """
        notations = list(self.records)
        window = self.question.window.model_copy(update={"duration_s": self.question.window.duration_s / 2})
        self.session.emit(RunStarted(run_id=self.session.run.id, remaining_s=self.question.max_time_s))
        if not self.question.metrics and self.question.arrivals not in self.question.driver.abilities:
            self.session.note(f"response times were not measured: {self.question.driver.name} sends no open load")
        for position, notation in enumerate(block_order(notations, 0, self.question.seed)):
            place = Place(0, position, [Stage("pilot", self.question.saturation, window)])
            self._fresh_start([notation], place, self.question.max_time_s - self.session.elapsed_s())
            if _slept(self.session.run.trials[-1]):
                # Its figure would decide the rate and the windows of the whole run.
                self._fresh_start([notation], place, self.question.max_time_s - self.session.elapsed_s())
        trials = self.session.run.trials
        pilots = [trial for trial in trials if trial.result and not trial.failure and not _slept(trial)]
        self.usable = [notation for notation in notations if any(trial.stack == notation for trial in pilots)]
        if not self.usable:
            self.session.note("no stack answered as expected in the pilot, so there is nothing to measure")
            return False
        if len(self.usable) < min(2, len(notations)):
            alone = "a duet needs both" if self.question.duet else "it is measured alone"
            self.session.note(f"only {self.usable[0]} answered as expected in the pilot: {alone}")
            if self.question.duet:
                return False
        self._complete_plan(pilots)
        return True

    def blocks(self) -> None:
        """Measure every usable stack once a block, in random order, until the blocks or the time are used up.

        Where a precision is asked for, until it is reached; where someone looks, until that finds enough. A duet
        measures both at the same time.
        """
        for block in range(1, self.blocks_planned + 1):
            self._blocks_left = max(self._to_come(block - 1) - 1, 0)
            if block > LEAST_BLOCKS and self._too_late():
                self._end_early(block - 1)
                return
            # So that a run which is killed knows how long it lasted.
            self.session.change(measured_s=round(self.session.elapsed_s(), 3))
            order = block_order(self.usable, block, self.question.seed)
            together = self._together(order)
            for position, notations in enumerate(together):
                left = sum(map(self._fresh_start_s, together[position:]))
                place = Place(block, position, self._stages())
                self._fresh_start(notations, place, left + self._blocks_left * self._block_s())
            if self._is_enough(block):
                self.session.change(experiment=self._experiment(blocks=block))
                return
        if self._goes_on:
            self._end_early(self.blocks_planned)

    @property
    def _goes_on(self) -> bool:
        """Whether the blocks have no planned number."""
        return self.question.precision is not None or self.decided is not None

    def _is_enough(self, block: int) -> bool:
        if self.question.precision is not None:
            return self._is_precise(block)
        if self.decided is None or block not in (self.session.run.experiment.looks or ()):
            return False
        enough = self.decided(self.session.run)
        left_s = 0.0 if enough else self._to_come(block) * self._block_s()
        further = "decided" if enough else f"not decided yet, about {left_s:.0f} s left"
        self.session.emit(Remark(text=f"after {block} blocks: {further}"))
        return enough

    def _is_precise(self, block: int) -> bool:
        self.closings = tuple(self.watch(self.session.run))
        left_s = self._to_come(block) * self._block_s()
        self.session.emit(BlockDone(block=block, closings=self.closings, remaining_s=left_s))
        return blocks_to_go(self.closings) == 0

    def _to_come(self, done: int) -> int:
        """How many blocks come after so many, as far as is known."""
        if not self._goes_on:
            return self.blocks_planned - done
        fit, to_go = max(int(self._left_s() / self._block_s()), 0), blocks_to_go(self.closings)
        return fit if to_go is None else min(fit, to_go)

    def _end_early(self, done: int) -> None:
        if self.decided is not None:
            looks = tuple(look for look in self.session.run.experiment.looks or () if look < done)
            self.session.change(experiment=self._experiment(blocks=done, looks=looks))
            return
        text = f"stopped after {done} of {self.blocks_planned} blocks: another would pass the time limit"
        if self.question.precision is not None:
            text = not_reached(done, self.closings, self.question.precision)
        self.session.note(text)
        self.session.change(experiment=self._experiment(blocks=done))

    def _complete_plan(self, pilots: list[Trial]) -> None:
        wanted = self.question.response_times
        if wanted and self.rate is None:
            rate = common_rate([carried for trial in pilots if (carried := _carried(trial))])
            self.rate = OpenLoad(rate=rate, arrivals=self.question.arrivals) if rate else None
        if wanted and self.rate is None:
            self.session.note(
                "response time at a common rate was not measured: no stack answered without errors in the pilot"
            )
        if self.rate and self.question.workload.request.websocket:
            # A stack may hold no more WebSockets than the closed load opens: every further one would time out.
            self.rate = self.rate.model_copy(update={"connections": self.question.saturation.connections})
        self._fit_windows(pilots)
        fit = blocks_that_fit(self._left_s(), self._block_s())
        self.blocks_planned = MOST_BLOCKS if self._goes_on else self.question.blocks or fit
        looks = None if self.decided is None else looks_at(int(self._left_s() / self._block_s()))
        if self.question.blocks is None and self._left_s() < LEAST_BLOCKS * self._block_s():
            about = self.session.elapsed_s() + LEAST_BLOCKS * self._block_s()
            self.session.note(
                f"the time limit is too short for {LEAST_BLOCKS} blocks, which take about {about:.0f} s in all"
            )
        self._note_unlike()
        known = None if self._goes_on else self.blocks_planned
        left_s = max(self._left_s(), LEAST_BLOCKS * self._block_s()) if known is None else known * self._block_s()
        self.session.change(experiment=self._experiment(rate=self.rate, blocks=known, looks=looks, window=self.window))
        self.session.emit(PilotDone(rate=self.rate, blocks=known, remaining_s=left_s))

    def _fit_windows(self, pilots: list[Trial]) -> None:
        """Make the windows long enough for the slowest stack's answers, as far as the time limit allows."""
        mean_s, asked = slowest_s(pilots), self.question.window
        self.rate_window = filled(asked, mean_s)
        windows = len(self._stages()) * len(self._together(self.usable))
        room_s = (self._left_s() / (self.question.blocks or BLOCKS_KEPT) - self._block_s()) / windows
        self.window = long_enough(asked, mean_s, room_s)
        self.rate_window = filled(self.window, mean_s)
        if (text := lengthened(asked, self.window, mean_s)) is not None:
            self.session.note(text)

    def _note_unlike(self) -> None:
        workload, interfaces = self.question.workload, {record.interface for record in self.records.values()}
        asked: dict[str, list[str]] = {}
        for interface in sorted(interfaces):
            asked.setdefault(workload.of(interface).request.path, []).append(interface_name(interface))
        if len(asked) > 1:
            each = ", ".join(f"{' and '.join(names)} apps {path}" for path, names in asked.items())
            self.session.note(f"each kind of app is asked to work in its own way: {each}")
        if not workload.fixed:
            known = {name: record.expected for name, record in self.records.items() if record.expected}
            if text := unlike(known):
                self.session.note(text)

    def _stages(self) -> list[Stage]:
        closed = Stage("duet" if self.question.duet else "saturation", self.question.saturation, self.window)
        return [closed, Stage("rate", self.rate, self.rate_window)] if self.rate else [closed]

    def _experiment(self, **fields: object) -> object:
        return self.session.run.experiment.model_copy(update=fields)

    def _fresh_start(self, notations: Sequence[str], place: Place, remaining_s: float) -> None:
        emit, began = self.session.emit, time.monotonic()
        for at, notation in enumerate(notations):
            emit(Launching(block=place.block, position=place.position + at, stack=notation, remaining_s=remaining_s))

        def measuring(stage: Stage) -> None:
            left = remaining_s - (time.monotonic() - began)
            for notation in notations:
                emit(
                    Measuring(
                        block=place.block, stack=notation, phase=stage.phase, seconds=_seconds(stage), remaining_s=left
                    )
                )

        records = [self.records[notation] for notation in notations]
        found = measure_fresh_start(self.bench, records, place, measuring, self.session.save)
        if place.block == 0:
            self._learned({one.notation: expected for one, expected in zip(records, found, strict=True) if expected})
        measured_s = sum(map(_seconds, place.stages))
        self._overhead_s[frozenset(notations)] = max(0.0, time.monotonic() - began - measured_s)

    def _learned(self, expected: Mapping[str, Expected]) -> None:
        for notation, one in expected.items():
            self.records[notation] = self.records[notation].model_copy(update={"expected": one})
        self.session.learned(self.records.values())

    def _together(self, order: Sequence[str]) -> list[Sequence[str]]:
        """Which stacks run at the same time: each alone, or both of a duet."""
        return [order] if self.question.duet else [[notation] for notation in order]

    def _fresh_start_s(self, notations: Sequence[str]) -> float:
        # Before the first block of a duet, each is known alone.
        alone = sum(self._overhead_s[frozenset([notation])] for notation in notations)
        overhead_s = self._overhead_s.get(frozenset(notations), alone)
        return overhead_s + sum(map(_seconds, self._stages()))

    def _block_s(self) -> float:
        return sum(map(self._fresh_start_s, self._together(self.usable)))

    def _too_late(self) -> bool:
        return self.question.blocks is None and self._left_s() < self._block_s()

    def _left_s(self) -> float:
        return self.question.max_time_s * (1 - RESERVED_SHARE) - self.session.elapsed_s()


def _seconds(stage: Stage) -> float:
    return stage.window.warmup_s + stage.window.duration_s


def _slept(trial: Trial) -> bool:
    """Whether the load generator stood still for so long, as where the machine is suspended, that nothing is known."""
    result, engine = trial.result, trial.result and trial.result.engine
    return bool(result and engine and (engine.loop_gap_max_s or 0.0) > SLEPT_SHARE * result.window_s)


def _carried(trial: Trial) -> float | None:
    result = trial.result
    if result is None or not result.delivered or result.failed > WORST_FAILED_SHARE * result.attempts:
        return None
    return result.throughput
