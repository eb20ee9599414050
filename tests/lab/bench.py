"""A bench that starts no process and takes no time: trials come from a script, and its clock goes on as they would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.factories import CPUS, HOST, Truth, record
from webdyno.lab.clock import Clock
from webdyno.lab.continuing import going_on
from webdyno.lab.ending import Ending
from webdyno.lab.events import Event, SoFar
from webdyno.lab.fresh_start import Turn
from webdyno.lab.interruption import Interruption
from webdyno.lab.question import Question
from webdyno.lab.schedule import Schedule
from webdyno.lab.session import Session
from webdyno.lab.stage import Stage, Stages
from webdyno.lab.starts import Starts
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, OpenLoad, Window
from webdyno.model.notation import parse_notation
from webdyno.model.note import Note
from webdyno.model.run import Experiment, Run, StackRecord
from webdyno.model.trial import EngineUse, LoadFigures, Trial
from webdyno.model.workload import HELLO, Expected
from webdyno.stacks.app_settings import AppSettings
from webdyno.store.database import Store

STACKS = ("bare-asgi@uvicorn", "bare-asgi@granian")
_EMPTY = Histogram().encode()


def question(stacks: tuple[str, ...] = STACKS, **given: object) -> Question:
    """Windows of 1 s without warm-up, and a rate that is known."""
    asked: dict[str, object] = {
        "settings": AppSettings(),
        "workload": HELLO,
        "saturation": ClosedLoad(connections=2),
        "rate": OpenLoad(rate=50.0),
        "arrivals": "poisson",
        "window": Window(warmup_s=0.0, duration_s=1.0),
        "blocks": None,
        "max_time_s": 100.0,
        "seed": 1,
    }
    return Question(stacks=tuple(map(parse_notation, stacks)), **(asked | given))  # type: ignore[arg-type]


def result(window_s: float, throughput: float, failed: int = 0, gap_s: float = 0.0) -> LoadFigures:
    """What a load of so many right responses a second shows."""
    ok = round(throughput * window_s)
    return LoadFigures(
        window_s=window_s,
        scheduled=ok + failed,
        ok=ok,
        completed=ok,
        ok_in_window=float(ok),
        failed_in_window=float(failed),
        timed_out_mean=0.0,
        failures={"status": failed} if failed else {},
        unfinished=0,
        statuses={200: ok},
        connects=2,
        reconnects=0,
        bytes_in=ok * 100,
        cut_s=0.0,
        in_flight_mean=2.0,
        late=_EMPTY,
        lag=_EMPTY,
        service=_EMPTY,
        response=_EMPTY,
        series=(),
        failure_samples=(),
        engine=EngineUse(cpu_s=0.1, loop_gap_max_s=gap_s, spinning=True, ports_exhausted=0, descriptors_exhausted=0),
    )


@dataclass
class FakeBench:
    """Carries out fresh starts as `measure_fresh_start` would.

    Attributes:
        throughput: of each stack; one that is not named does not start.
        overhead_s: what a fresh start takes beside its windows.
        failing: failed requests of each trial, by stack.
        naps: how long the generator stands still in the next trials, one after the other.
        before: called before each fresh start, with its turn.
        started: the groups of stacks and where they stood, as they came; `stages`: the stages of each.
    """

    throughput: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STACKS, 1000.0))
    overhead_s: float = 0.5
    failing: Mapping[str, int] = field(default_factory=dict)
    naps: list[float] = field(default_factory=list)
    before: Callable[[Turn], None] = lambda turn: None
    started: list[tuple[tuple[str, ...], Turn]] = field(default_factory=list)
    stages: list[list[Stage]] = field(default_factory=list)
    at_s: float = 1000.0

    def now(self) -> float:
        """The time on its clock."""
        return self.at_s

    def measure(
        self,
        records: Sequence[StackRecord],
        turn: Turn,
        stages: Stages,
        launching: Callable[[StackRecord], None],
        measuring: Callable[[Stage], None],
        save: Callable[[Trial], None],
    ) -> list[Expected | None]:
        """Pretend."""
        for one in records:
            launching(one)
        self.before(turn)
        self.started.append((tuple(one.notation for one in records), turn))
        self.stages.append([])
        self.at_s += self.overhead_s
        stage: Stage | None = next(stages)
        while stage is not None:
            self.stages[-1].append(stage)
            measuring(stage)
            self.at_s += stage.seconds(len(records))
            trials = [self._trial(records[at], turn, at, stage) for at in stage.loaded or range(len(records))]
            for trial in trials:
                save(trial)
            try:
                stage = stages.send(trials) if all(trial.result for trial in trials) else None
            except StopIteration:
                stage = None
        return [Expected(status=200) if one.notation in self.throughput else None for one in records]

    def _trial(self, stack: StackRecord, turn: Turn, at: int, stage: Stage) -> Trial:
        carried = self.throughput.get(stack.notation)
        if isinstance(stage.load, OpenLoad) and carried is not None:
            carried = min(carried, stage.load.rate)
        gap_s = self.naps.pop(0) if self.naps else 0.0
        found = (
            None
            if carried is None
            else result(stage.window.duration_s, carried, self.failing.get(stack.notation, 0), gap_s)
        )
        return Trial(
            block=turn.block,
            position=turn.position + at,
            stack=stack.notation,
            phase=stage.phase,
            started=datetime.now(UTC),
            load=stage.load,
            window=stage.window,
            result=found,
            failure=None if found else Note(text="it does not start"),
        )


@dataclass
class Scene:
    """A session and its schedule on a fake bench; `events`: all that was told."""

    bench: FakeBench
    session: Session
    schedule: Schedule
    events: list[Event]

    @property
    def run(self) -> Run:
        """The run so far."""
        return self.session.run

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted so far."""
        return tuple(note.text for note in self.run.notes)

    def go(self) -> Run:
        """Carry out all of it, as `run_experiment` does."""
        with self.session.recording():
            if self.schedule.pilot():
                self.schedule.blocks()
        return self.run


def _begun(asked: Question, notations: tuple[str, ...], records: Sequence[StackRecord]) -> Run:
    return Run(
        id="20261129-060000-fade",
        state="running",
        started=datetime.now(UTC),
        experiment=Experiment(
            stacks=notations,
            workload=asked.workload,
            saturation=asked.saturation,
            rate=asked.rate,
            window=asked.window,
            design=asked.design.name,
            max_time_s=asked.max_time_s,
            seed=asked.seed,
            baseline=notations[0],
        ),
        host=HOST,
        cpus=CPUS,
        stacks=tuple(records),
    )


@contextmanager
def on_stage(
    asked: Question,
    ending: Ending,
    bench: FakeBench | None = None,
    store: Store | None = None,
    so_far: SoFar | None = None,
    kept: Run | None = None,
) -> Iterator[Scene]:
    """Set the scene: the stacks are prepared, and nothing is started yet; `kept` is a run that blocks are added to."""
    bench = bench or FakeBench()
    notations = tuple(str(parsed.stack) for parsed in asked.stacks)
    records = [record(Truth(notation, 1000.0, 50.0)) for notation in notations]
    run = kept or _begun(asked, notations, records)
    events: list[Event] = []
    with Interruption() as interruption:
        session = Session(run, store, events.append, interruption, now=bench.now)
        if kept:
            session.go_on(going_on(kept, kept.host, datetime.now(UTC)))
        clock = Clock(asked.max_time_s, session.elapsed_s)
        starts = Starts(session, clock, records, bench.measure)
        yield Scene(bench, session, Schedule(session, asked, starts, clock, ending, so_far), events)
