"""Trials: a fresh start put under each load, or the two of a duet at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from ..errors import DependencyFailed, MeasurementError
from ..loadgen.driver import Generator
from ..loadgen.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from ..model.fact import Fact, fact
from ..model.run import StackRecord
from ..model.trial import LoadFigures, Trial
from ..model.workload import Expected
from ..probes.host import machine_conditions
from ..probes.probe import Subject
from ..probes.watch import Probes
from ..serving.served import Served
from ..stacks.conditions import conditions
from ..texts.catalogue import as_note
from .fairness import kept_date, repeated, skipped_calls
from .fresh_start import Bench, FreshStart, Turn
from .plan import arrival_seed
from .stage import Stage, Stages


def measure_fresh_start(
    bench: Bench,
    records: Sequence[StackRecord],
    turn: Turn,
    stages: Stages,
    measuring: Callable[[Stage], None],
    save: Callable[[Trial], None],
) -> list[Expected | None]:
    """Start a stack, check its answers, and put it under each load; every trial is saved as soon as it ended.

    A failure is saved as a failed trial and ends this fresh start; only that of a dependency is raised.

    Args:
        bench: what stays the same.
        records: the stack; several are started together and loaded at the same time.
        turn: block, and position of the first.
        stages: the trials, one after the other.
        measuring: told when a load begins.
        save: given each trial.

    Returns:
        What the answers of each were held against, None where a stack did not get that far.

    Raises:
        DependencyFailed: what the workload needs has failed: no trial since then says anything of a stack.
    """
    stage = next(stages)
    starts = [FreshStart(bench, one, replace(turn, position=turn.position + at)) for at, one in enumerate(records)]
    starting, servers = starts[0], list[Served]()
    try:
        with bench.load_generator(len(starts)) as generator, ExitStack() as stack:
            generator.start()
            for starting in starts:
                servers.append(stack.enter_context(starting.running(generator)))
            following: Stage | None = stage
            while following is not None:
                stage = following
                measuring(stage)
                trials = _measure(starts, servers, stage, generator)
                bench.beside.check()
                for trial in trials:
                    save(trial)
                following = _after(stages, trials)
    except DependencyFailed:
        raise
    except MeasurementError as error:
        bench.beside.check()
        for start in starts:
            save(start.failed(stage, error) if start is starting else _without(starting, start, stage))
    return [start.expected for start in starts]


def _after(stages: Stages, trials: Sequence[Trial]) -> Stage | None:
    """What comes next; nothing after a trial that failed."""
    if any(trial.result is None for trial in trials):
        return None
    try:
        return stages.send(trials)
    except StopIteration:
        return None


def _without(other: FreshStart, start: FreshStart, stage: Stage) -> Trial:
    """What befalls one of a duet when the other fails: it had the cores for itself, so its figures are of no use."""
    failure = fact("partner-failed", stack=other.record.notation)
    return start.without_result(stage, as_note(failure), as_note(fact("see-there")))


def _measure(
    starts: Sequence[FreshStart], servers: Sequence[Served], stage: Stage, generator: Generator
) -> list[Trial]:
    """Put what runs under one load at the same time: all of it, or what the stage names."""
    loaded = range(len(starts)) if stage.loaded is None else stage.loaded
    starts, servers = [starts[at] for at in loaded], [servers[at] for at in loaded]
    bench = starts[0].bench
    jobs = [_job(start, server, stage) for start, server in zip(starts, servers, strict=True)]
    before = bench.beside.calls()
    opened = [datetime.now(UTC)] * len(starts)
    with ExitStack() as stack:
        watched = frozenset((*bench.cpus.server, *bench.cpus.load))
        subjects = [Subject(server.pid, server.address.host, server.address.port, watched) for server in servers]
        probes = [stack.enter_context(Probes(subject, bench.probes)) for subject in subjects]

        def mark(at: int, event: LoadEvent) -> None:
            if isinstance(event, WindowOpened):
                opened[at] = datetime.now(UTC)
                probes[at].opened(event.at)
            elif isinstance(event, WindowClosed):
                probes[at].closed(event.at)

        try:
            results = generator.run_each(jobs, mark)
        except MeasurementError as error:
            return [start.failed(stage, error) for start in starts]
    calls = bench.beside.calls_since(before) if len(starts) == 1 else {}
    trials = [
        _trial(start, server, stage, began, result, watching, calls)
        for start, server, began, result, watching in zip(starts, servers, opened, results, probes, strict=True)
    ]
    lost = next((start for start, trial in zip(starts, trials, strict=True) if trial.result is None), None)
    if lost is None:
        return trials
    return [
        _without(lost, start, stage) if trial.result else trial for start, trial in zip(starts, trials, strict=True)
    ]


def _job(start: FreshStart, server: Served, stage: Stage) -> LoadJob:
    assert start.expected
    address = server.address
    return LoadJob(
        host=address.host,
        port=address.port,
        tls=address.tls,
        request=address.as_sent(start.workload.request),
        expected=start.expected,
        load=stage.load,
        window=stage.window,
        seed=arrival_seed(start.turn.block, start.bench.seed),
    )


def _trial(
    start: FreshStart,
    server: Served,
    stage: Stage,
    began: datetime,
    result: LoadFigures,
    probes: Probes,
    calls: Mapping[str, int],
) -> Trial:
    """What a stack's server did, once it is known to have lived and to have done the work."""
    turn = start.turn
    try:
        server.check_alive()
        why = _did_less(start, server, result, calls)
    except MeasurementError as error:
        return start.failed(stage, error)
    remedy = _more_time(stage.window.timeout_s) if not why and set(result.failures) == {"timeout"} else None
    why = why if result.ok or result.delivered else _nothing_right(result)
    return Trial(
        block=turn.block,
        position=turn.position,
        stack=start.record.notation,
        phase=stage.phase,
        started=began,
        load=stage.load,
        window=stage.window,
        conditions=conditions(start.record) | machine_conditions(),
        startup_s=start.startup_s,
        result=result,
        resources=probes.use(),
        system=probes.system(),
        findings=probes.findings(),
        calls=dict(calls),
        failure=why and as_note(why),
        remedy=remedy and as_note(remedy),
        server_output=server.output_tail() if result.failed or not result.ok else (),
        output_bytes=server.output_bytes,
    )


def _did_less(start: FreshStart, server: Served, result: LoadFigures, calls: Mapping[str, int]) -> Fact | None:
    """Why the answers are not worth what they seem, asked right after the load; `calls` are those of dependencies."""
    workload = start.workload
    ask = partial(server.wait_ready, workload.readiness, start.bench.start_timeout_s)
    why = skipped_calls(workload, calls, result)
    if why is None and workload.varies:
        why = repeated(workload, [ask(), ask()])
    # The app of a user may set its Date, or keep what it likes.
    return kept_date(ask) if why is None and start.record.stack.is_reference else why


def _nothing_right(result: LoadFigures) -> Fact:
    kinds = tuple(fact("caused", count=count, cause=fact(f"cause.{kind}")) for kind, count in result.failures.items())
    if not kinds:
        what = fact("nothing-right.unanswered", count=result.unanswered + (result.timed_out_mean or 0))
    elif result.failure_samples:
        what = fact("nothing-right.kinds-and-sample", kinds=kinds, sample=result.failure_samples[0].detail)
    else:
        what = fact("nothing-right.kinds", kinds=kinds)
    return fact("nothing-right", window_s=result.window_s, what=what)


def _more_time(timeout_s: float) -> Fact:
    return fact("more-time", timeout_s=timeout_s, longer_s=2 * timeout_s)
