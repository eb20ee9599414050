"""An experiment: set-up, pilot, then blocks of fresh starts in random order, each trial saved as soon as it ended."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from ..dependencies.dependency_set import DependencySet, find_wanted, run_dependencies
from ..errors import UsageError
from ..model.dependency_record import DependencyRecord
from ..model.fact import Fact, fact
from ..model.kept import kept_record, learn_workload
from ..model.new_id import new_id
from ..model.notation import ParsedStack
from ..model.run import AppPlan, CpuPlan, Experiment, Run, StackRecord
from ..model.secrets import Secrets
from ..probes.cpu_plan import plan_cpus
from ..probes.host import host_facts
from ..processes.guard import guarding
from ..serving.process_check import refuse_shared
from ..serving.running_server import find_running
from ..stacks.app_settings import AppSettings
from ..stacks.matrix import refuse_crowd, refuse_without
from ..stacks.prepare import check, prepare
from ..store.database import Store
from .clock import Clock
from .conditions import Conditions, refuse_changed
from .continuing import going_on, seen_after
from .ending import AtLooks, Decided, Ending, Planned, Precise, Quick, Watch, WhenDecided
from .events import Emit, Remark, SoFar, StackReady, StartingDependency, setting_up
from .fresh_start import Bench
from .interruption import Interruption
from .measure_trials import measure_fresh_start
from .question import Question
from .schedule import Schedule
from .session import Session
from .starts import Starts


def run_experiment(
    question: Question,
    store: Store | None = None,
    emit: Emit = lambda event: None,
    watch: Watch = lambda run: (),
    decided: Decided | None = None,
    so_far: SoFar | None = None,
) -> Run:
    """Set up every stack, measure it in a pilot and in blocks, and keep each trial.

    Secrets that the question holds are used, and masked in all that is returned, stored, emitted or raised.
    Ctrl-C and SIGTERM end the run early with what was measured (`state` is `interrupted`); before the pilot they raise.

    Args:
        question: what to measure.
        store: where trials are kept as they end; None keeps them in the returned run only.
        emit: told of every step.
        watch: says how near every asked ratio is, where the question asks for a precision.
        decided: says at planned looks whether enough is known; None where nobody looks.
        so_far: says after each block what there is to show; None where nobody sees it.

    Raises:
        UsageError: a stack cannot be set up as written, or what the workload needs is not installed.
        DependencyFailed: what the workload needs failed; what was measured until then is kept.
        Offline: packages are missing and there is no network.
        MeasurementError: blocks were to be added to a run, and there was no time for one, or a stack is gone.
        Interrupted: nothing was measured yet, or no block was added.
    """
    hidden = _secrets(question)

    def tell(text: str) -> None:
        emit(Remark(text=hidden.text(text), always=True))

    with (
        hidden.out_of_errors(),
        Interruption() as interruption,
        guarding(tell),
    ):
        # Whether they are installed: asked before packages are.
        question.driver.version()
        wanted = find_wanted(question.workload.needs)
        began = time.monotonic()
        records = _set_up(question, emit, hidden)
        cpus = _plan_cpus(question.kept.stacks if question.kept else records)
        with run_dependencies(wanted, cpus, partial(_starting, emit), tell) as beside:
            _refuse_told_twice(question, beside)
            for name, value in beside.env.items():
                hidden.learn(name, value)
            run = question.kept or _new_run(question, records, cpus, beside.records, time.monotonic() - began)
            session = Session(run, store, emit, interruption, hidden)
            if question.kept is not None:
                session.go_on(_going_on(question, question.kept, records, cpus, beside.records, hidden))
            bench = _bench(question, cpus, beside)
            with session.recording(), _pinned(cpus):
                clock = Clock(question.max_time_s, session.elapsed_s)
                starts = Starts(session, clock, records, partial(measure_fresh_start, bench))
                schedule = Schedule(session, question, starts, clock, _ending(question, watch, decided), so_far)
                if schedule.pilot():
                    schedule.blocks()
        return session.run


def _going_on(
    question: Question,
    kept: Run,
    records: Sequence[StackRecord],
    cpus: CpuPlan,
    dependencies: tuple[DependencyRecord, ...],
    hidden: Secrets,
) -> Run:
    """The kept run, where the conditions are what they were."""
    host, found = host_facts(), [kept_record(record, hidden) for record in records]
    now = Conditions(host, cpus, found, dependencies, question.driver.version())
    return going_on(kept, host, datetime.now(UTC), refuse_changed(kept, now), question.precision)


def _refuse_told_twice(question: Question, beside: DependencySet) -> None:
    """Refuse a variable of the user's that a dependency sets: one of the two would silently go unheard."""
    for record in beside.records:
        for name in record.env.keys() & question.settings.env.keys():
            message = f"--env {name} is what the dependency {record.name} tells every stack"
            raise UsageError(message, "leave it out, or take another --workload")


def _bench(question: Question, cpus: CpuPlan, beside: DependencySet) -> Bench:
    start_timeout_s = max(question.settings.start_timeout_s, question.window.timeout_s)
    return Bench(question.workload, cpus, question.seed, start_timeout_s, question.driver, question.probes, beside)


def _ending(question: Question, watch: Watch, decided: Decided | None) -> Ending:
    if question.kept is not None:
        return _ending_again(question, question.kept, watch, decided)
    if question.precision is not None:
        return Precise(question.precision, watch)
    if decided is None:
        return Planned(question.blocks)
    return Quick(decided) if question.quick else AtLooks(decided)


def _ending_again(question: Question, kept: Run, watch: Watch, decided: Decided | None) -> Ending:
    """When the blocks end that are added to a run."""
    ending: Ending
    if question.precision is not None:
        ending = Precise(question.precision, watch)
    elif question.blocks is not None:
        ending = Planned(kept.blocks_begun + question.blocks)
    else:
        assert decided, "somebody must say when it is"
        return WhenDecided(decided, seen_after(kept))
    ending.looks = seen_after(kept)
    return ending


def _secrets(question: Question) -> Secrets:
    found = Secrets(question.hidden)
    learn_workload(found, question.workload)
    for name, value in question.settings.env.items():
        found.learn(name, value)
    return found


def _set_up(question: Question, emit: Emit, hidden: Secrets) -> list[StackRecord]:
    for parsed in question.stacks:
        check(parsed, question.settings)
        refuse_without(parsed.stack, question.workload)
        refuse_crowd(parsed.stack, question.workload, question.saturation.connections)
    # A server that is not there is told of before environments are made for the others.
    running = [parsed.stack for parsed in question.stacks if parsed.stack.url is not None]
    found = {str(stack): find_running(stack) for stack in running}
    refuse_shared([stack.pid for stack in running])
    records = []
    for parsed in question.stacks:
        notation = str(parsed.stack)
        record = found.get(notation) or _prepared(parsed, question, emit)
        emit(StackReady(record=kept_record(record, hidden)))
        records.append(record)
    return records


def _prepared(parsed: ParsedStack, question: Question, emit: Emit) -> StackRecord:
    notation = str(parsed.stack)
    emit(setting_up(notation, fact("setting-up.environment")))
    return prepare(parsed, question.settings, partial(_setting_up, emit, notation))


def _setting_up(emit: Emit, notation: str, what: Fact) -> None:
    emit(setting_up(notation, what))


def _starting(emit: Emit, name: str) -> None:
    emit(StartingDependency(dependency=name))


def _plan_cpus(records: Sequence[StackRecord]) -> CpuPlan:
    return plan_cpus(max(int(record.stack.option("workers") or 1) for record in records))


def _new_run(
    question: Question,
    records: Sequence[StackRecord],
    cpus: CpuPlan,
    dependencies: tuple[DependencyRecord, ...],
    setup_s: float,
) -> Run:
    started = datetime.now(UTC)
    notations = tuple(record.notation for record in records)
    return Run(
        id=new_id(started),
        state="running",
        started=started,
        setup_s=round(setup_s, 3),
        experiment=Experiment(
            stacks=notations,
            workload=question.workload,
            saturation=question.saturation,
            rate=question.rate,
            window=question.window,
            blocks=question.blocks,
            precision=question.precision,
            quick=question.quick,
            of_gate=question.of_gate,
            metrics=question.metrics,
            design=question.design.name,
            driver=question.driver.name,
            probes=tuple(question.probes),
            max_time_s=question.max_time_s,
            seed=question.seed,
            baseline=notations[0],
            apps=_apps(question.settings),
        ),
        host=host_facts(),
        cpus=cpus,
        floor=question.floor,
        stacks=tuple(records),
        dependencies=dependencies,
    )


def _apps(settings: AppSettings) -> AppPlan:
    return AppPlan(
        cwd=str(settings.cwd),
        app_dirs=tuple(map(str, settings.app_dirs)),
        python=None if settings.python is None else str(settings.python),
        env=dict(settings.env),
        start_timeout_s=settings.start_timeout_s,
    )


@contextmanager
def _pinned(cpus: CpuPlan) -> Iterator[None]:
    """Keep this process, with its probes, away from the servers' cores."""
    if not cpus.pinned:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus.load)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
