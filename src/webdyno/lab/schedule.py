"""Schedule: the pilot that completes the plan, then the blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import MeasurementError
from ..model.fact import Fact, fact
from ..model.trial import Trial
from ..texts.catalogue import noted
from ..texts.failure import failure
from .clock import Clock, Room
from .designs.design import Plan
from .designs.table import IN_TURN
from .ending import Ending
from .events import PilotDone, RunStarted, SoFar
from .fresh_start import Turn
from .memory import Memory
from .pilot import chosen_rate, differences, filled_plan, first_pilots, fitted_plan, slept, usable
from .plan import LEAST_BLOCKS, block_order
from .question import Question
from .session import Session
from .stage import Stage, in_order
from .starts import Starts
from .windows import lengthened, slowest_s

# An idle server wakes for its timers, which takes far less than a hundredth of a core; what uses more does work.
WATCH_IDLE_S = 0.25
MOST_IDLE_USE = 0.02


class Schedule:
    """Goes through the fresh starts of an experiment and keeps to its time.

    Where the session's run has blocks, others are added to them: its plan stands, and the pilot only shows whether all
    stacks are still there.
    """

    def __init__(
        self,
        session: Session,
        question: Question,
        starts: Starts,
        clock: Clock,
        ending: Ending,
        so_far: SoFar | None = None,
    ) -> None:
        self._session = session
        self._had = session.run.blocks_begun
        self._question = question
        self._design = question.design
        self._starts = starts
        self._clock = clock
        self._ending = ending
        self._so_far = so_far
        self._usable: list[str] = []
        self._plan = Plan(question.saturation, question.rate, question.window, question.window)
        self._memory = Memory({}, 0)

    def pilot(self) -> bool:
        """Start every stack once: is it the right service, and how much does it carry, roughly?

        Returns:
            True where there is something left to measure in blocks.
        """
        question, notations, before = self._question, list(self._starts.records), self._session.run.trials
        self._session.emit(RunStarted(run_id=self._session.run.id, remaining_s=question.max_time_s))
        if not before and not question.metrics and question.arrivals not in question.driver.abilities:
            self._session.note(fact("no-open-load", driver=question.driver.name))
        for position, notation in enumerate(block_order(notations, 0, question.seed)):
            self._start_pilot(notation, position)
            if slept(self._session.run.trials[-1]):
                # Its figure would decide the rate and the windows of the whole run.
                self._start_pilot(notation, position)
        pilots = usable(self._session.run.trials[len(before) :])
        self._usable = [notation for notation in notations if any(trial.stack == notation for trial in pilots)]
        self._memory = Memory.seen(pilots)
        if self._had:
            self._go_on(first_pilots(before), self._session.run.trials[len(before) :])
            return True
        if not self._enough_usable(len(notations)):
            return False
        self._settle_design(pilots)
        self._complete_plan(pilots)
        return True

    def blocks(self) -> None:
        """Measure every usable stack once a block, in random order, until the ending or the time limit is reached.

        Raises:
            MeasurementError: the run was to be continued, and there was no time for a further block.
        """
        for block in range(self._had + 1, self._ending.planned + 1):
            room = self._room()
            to_come = max(self._ending.to_come(block - 1, room) - 1, 0)
            if block > LEAST_BLOCKS and self._ending.bounded and room.left_s < room.block_s:
                self._end(block - 1, self._ending.cut_short(block - 1))
                return
            self._session.keep_time()
            self._measure_block(block, to_come)
            if self._so_far is not None:
                self._session.emit(self._so_far(self._session.run))
            seen = self._ending.look(block, self._session.run, self._room())
            if seen.event:
                self._session.emit(seen.event)
            if self._ending.looks != self._session.run.experiment.looks:
                self._change_plan(looks=self._ending.looks)
            if seen.enough:
                self._end(block)
                return
        if self._ending.known is None:
            self._end(self._ending.planned, self._ending.cut_short(self._ending.planned))

    def _go_on(self, pilots: list[Trial], tried: Sequence[Trial]) -> None:
        """Take the plan of the blocks before, which these pilots led to.

        Args:
            pilots: of the run's beginning.
            tried: those of now.

        Raises:
            MeasurementError: a stack of theirs is gone.
        """
        if gone := tuple(notation for notation in self._starts.records if notation not in self._usable):
            what = fact("not-continued", run=self._session.run.id, stacks=gone, count=len(gone))
            raise failure(MeasurementError, what, fact("begin-anew"), tuple(_why(gone, tried)))
        self._plan = filled_plan(self._question, self._question.rate, usable(pilots))
        room = self._room()
        self._ending.plan(room)
        known = self._ending.known
        left_s = room.left_s if known is None else (known - self._had) * room.block_s
        self._change_plan(blocks=known, looks=self._ending.looks)
        self._session.emit(PilotDone(rate=self._plan.rate, blocks=known, remaining_s=left_s))

    def _start_pilot(self, notation: str, position: int) -> None:
        window = self._question.window
        half = window.model_copy(update={"duration_s": window.duration_s / 2})
        idle_s = min(WATCH_IDLE_S, half.duration_s / 2) if self._design.idles else 0.0
        stage = Stage("pilot", self._question.saturation, half, idle_s=idle_s)
        left_s = self._clock.pilot_left_s()
        self._starts.start([notation], Turn(0, position), in_order(stage), stage.seconds(1), left_s)

    def _enough_usable(self, stacks: int) -> bool:
        """Whether the design can do with those that answered; says so where some did not."""
        if not self._usable:
            self._session.note(fact("no-usable-stack"))
            return False
        enough = len(self._usable) >= self._design.least_stacks
        if len(self._usable) < min(2, stacks):
            stack = self._usable[0]
            alone = fact("one-usable.alone", stack=stack)
            self._session.note(
                alone if enough else fact("one-usable.needs-both", stack=stack, design=self._design.name)
            )
        return enough

    def _settle_design(self, pilots: list[Trial]) -> None:
        """Where some keep the cores busy without a load, one runs at a time."""
        uses = {trial.stack: trial.idle.cores for trial in pilots if trial.idle}
        busiest = max(uses, key=uses.__getitem__, default=None)
        if self._design.idles and busiest is not None and uses[busiest] > MOST_IDLE_USE:
            self._design = IN_TURN
            self._session.note(fact("busy-when-idle", stack=busiest, use=uses[busiest]))
            self._change_plan(design=IN_TURN.name)
        elif len(groups := self._groups(self._usable)) > 1 and self._design.idles:
            self._session.note(fact("little-memory", groups=len(groups), room=self._memory.room_bytes))

    def _complete_plan(self, pilots: list[Trial]) -> None:
        question, rate = self._question, chosen_rate(self._question, pilots)
        if question.response_times and rate is None:
            self._session.note(fact("no-fixed-rate"))
        self._plan = filled_plan(question, rate, pilots)
        windows = sum(
            len(self._design.planned(self._plan)) * (len(group) // self._design.at_once)
            for group in self._groups(self._usable)
        )
        self._plan = fitted_plan(question, self._plan, pilots, self._room(), windows)
        if (longer := lengthened(question.window, self._plan.window, slowest_s(pilots))) is not None:
            self._session.note(longer)
        room = self._room()
        self._ending.plan(room)
        least_s = LEAST_BLOCKS * room.block_s
        if self._ending.bounded and room.left_s < least_s:
            about = self._session.elapsed_s() + least_s
            self._session.note(fact("short-limit", blocks=LEAST_BLOCKS, about_s=about))
        for difference in differences(question, self._starts.records):
            self._session.note(difference)
        known = self._ending.known
        left_s = max(room.left_s, least_s) if known is None else known * room.block_s
        self._change_plan(rate=rate, blocks=known, looks=self._ending.looks, window=self._plan.window)
        self._session.emit(PilotDone(rate=rate, blocks=known, remaining_s=left_s))

    def _measure_block(self, block: int, to_come: int) -> None:
        """Start every group once; `to_come` blocks are left after this one."""
        groups = self._groups(block_order(self._usable, block, self._question.seed))
        position = 0
        for at, group in enumerate(groups):
            remaining_s = sum(map(self._start_s, groups[at:])) + to_come * self._room().block_s
            stages = self._design.stages(self._plan)
            self._starts.start(group, Turn(block, position), stages, self._windows_s(group), remaining_s)
            position += len(group)

    def _end(self, done: int, note: Fact | None = None) -> None:
        if note is not None:
            if 0 < done == self._had:
                what = fact("nothing-added", run=self._session.run.id, why=note)
                raise failure(MeasurementError, what, fact("longer-limit"))
            self._session.note(note)
        self._change_plan(blocks=done, looks=self._ending.looks)

    def _change_plan(self, **fields: object) -> None:
        self._session.change(experiment=self._session.run.experiment.model_copy(update=fields))

    def _windows_s(self, group: Sequence[str]) -> float:
        return self._design.seconds(self._plan, len(group))

    def _start_s(self, group: Sequence[str]) -> float:
        return self._clock.start_s(group, self._windows_s(group))

    def _room(self) -> Room:
        return Room(self._clock.left_s(), sum(map(self._start_s, self._groups(self._usable))))

    def _groups(self, order: Sequence[str]) -> list[Sequence[str]]:
        return self._design.groups(order, self._memory.fits)


def _why(stacks: Sequence[str], trials: Sequence[Trial]) -> Iterator[str]:
    for trial in trials:
        if trial.stack in stacks and trial.failure:
            yield f"{trial.stack}: {noted(trial.failure)}"
