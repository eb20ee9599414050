"""Trials: what one block starts together, put under each load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from ..errors import DependencyFailed, MeasurementError
from ..loadgen.driver import Generator
from ..model.fact import fact
from ..model.run import StackRecord
from ..model.trial import Trial
from ..model.workload import Expected
from ..texts.catalogue import as_note, in_sentence
from .fresh_start import Bench, FreshStart, Turn
from .measure_stage import Running, measure_stage, without_partner
from .stage import Stage, Stages


def measure_fresh_start(
    bench: Bench,
    records: Sequence[StackRecord],
    turn: Turn,
    stages: Stages,
    launching: Callable[[StackRecord], None],
    measuring: Callable[[Stage], None],
    save: Callable[[Trial], None],
) -> list[Expected | None]:
    """Start stacks, check their answers, and put them under each load; every trial is saved as soon as it ended.

    A failure is saved as a failed trial, after which the stack is not loaded again; only that of a dependency is
    raised. Where stacks are loaded at the same time, the failure of one ends the fresh start of all.

    Args:
        bench: what stays the same.
        records: what is started together.
        turn: block, and position of the first.
        stages: the trials, one after the other.
        launching: told before each is started.
        measuring: told when a load begins.
        save: given each trial.

    Returns:
        What the answers of each were held against, None where a stack did not get that far.

    Raises:
        DependencyFailed: what the workload needs has failed: no trial since then says anything of a stack.
    """
    starts = [FreshStart(bench, one, replace(turn, position=turn.position + at)) for at, one in enumerate(records)]
    first = next(stages)
    processes = len(starts) if first.cycles is None else 1
    try:
        with bench.load_generator(processes) as generator, ExitStack() as stack:
            generator.start()
            running: list[Running] = []
            for place, start in enumerate(starts):
                launching(start.record)
                try:
                    running.append(Running(place, start, stack.enter_context(start.running(generator))))
                except MeasurementError as error:
                    bench.beside.check()
                    for trial in _failed(start, error, starts, first):
                        save(trial)
                    if first.cycles is None:
                        return [one.expected for one in starts]
            stack.callback(_begin_end, running)
            _go_through(first, stages, running, generator, measuring, save)
    except DependencyFailed:
        raise
    except MeasurementError as error:
        bench.beside.check()
        for start in starts:
            save(start.failed(first, error))
    return [start.expected for start in starts]


def _begin_end(running: Sequence[Running]) -> None:
    """Have all end at the same time, instead of one after the other."""
    for one in running:
        one.server.begin_end()


def _failed(lost: FreshStart, error: MeasurementError, starts: Sequence[FreshStart], stage: Stage) -> list[Trial]:
    """The trials that come of a start which failed: also those of its partners, where all were to be loaded at once."""
    if stage.cycles is not None:
        trial = lost.failed(stage, error)
        if len(starts) > 1 and trial.remedy:
            # It started alone in the pilot: another may hold the port, file or lock that it wants as well.
            trial = trial.model_copy(update={"remedy": as_note(fact("or-in-turn", remedy=in_sentence(trial.remedy)))})
        return [trial]
    return [lost.failed(stage, error) if one is lost else without_partner(lost, one, stage) for one in starts]


def _go_through(
    stage: Stage,
    stages: Stages,
    running: Sequence[Running],
    generator: Generator,
    measuring: Callable[[Stage], None],
    save: Callable[[Trial], None],
) -> None:
    """Measure one stage after the other, while there is something that runs."""
    while running:
        measuring(stage)
        trials = measure_stage(stage, running, generator)
        running[0].start.bench.beside.check()
        for trial in trials:
            save(trial)
        lost = {trial.stack for trial in trials if trial.result is None}
        if lost and stage.cycles is None:
            return
        running = [one for one in running if one.start.record.notation not in lost]
        try:
            stage = stages.send(trials)
        except StopIteration:
            return
