"""The fresh starts of a run, one group of stacks after the other: told, timed, and what they show is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..errors import DependencyFailed
from ..model.run import StackRecord
from ..model.trial import Trial
from ..model.workload import Expected
from .clock import Clock
from .events import Launching, Measuring
from .fresh_start import Turn
from .session import Session
from .stage import Stage, Stages

# Starts stacks and puts them under each load: `measure_fresh_start` on a bench.
Measure = Callable[
    [
        Sequence[StackRecord],
        Turn,
        Stages,
        Callable[[StackRecord], None],
        Callable[[Stage], None],
        Callable[[Trial], None],
    ],
    list[Expected | None],
]


class Starts:
    """Carries out fresh starts.

    Attributes:
        records: the stacks by notation, with what was learned of their answers in the pilot.
    """

    def __init__(self, session: Session, clock: Clock, records: Sequence[StackRecord], measure: Measure) -> None:
        self.records = {record.notation: record for record in records}
        self._session = session
        self._clock = clock
        self._measure = measure

    def start(self, group: Sequence[str], turn: Turn, stages: Stages, windows_s: float, remaining_s: float) -> None:
        """Start the stacks of a group and go through the stages.

        Args:
            group: notations.
            turn: where in the experiment.
            stages: the trials.
            windows_s: how long their windows take, as planned.
            remaining_s: until the run ends, as far as is known.

        Raises:
            DependencyFailed: what the workload needs has failed.
        """
        emit, began_s = self._session.emit, self._clock.elapsed_s()

        def left_s() -> float:
            return remaining_s - (self._clock.elapsed_s() - began_s)

        def launching(record: StackRecord) -> None:
            position = turn.position + group.index(record.notation)
            emit(Launching(block=turn.block, position=position, stack=record.notation, remaining_s=left_s()))

        def measuring(stage: Stage) -> None:
            loaded = tuple(group if stage.loaded is None else (group[place] for place in stage.loaded))
            seconds = stage.seconds(len(group))
            emit(Measuring(block=turn.block, stacks=loaded, phase=stage.phase, seconds=seconds, remaining_s=left_s()))

        records = [self.records[notation] for notation in group]
        try:
            found = self._measure(records, turn, stages, launching, measuring, self._session.save)
        except DependencyFailed as failed:
            # Perhaps it was more than the dependency can bear.
            failed.message += f", while {' and '.join(group)} ran"
            raise
        if turn.block == 0:
            self._learn({one.notation: expected for one, expected in zip(records, found, strict=True) if expected})
        self._clock.learn(group, self._clock.elapsed_s() - began_s, windows_s)

    def _learn(self, expected: Mapping[str, Expected]) -> None:
        for notation, one in expected.items():
            self.records[notation] = self.records[notation].model_copy(update={"expected": one})
        self._session.learned(self.records.values())
