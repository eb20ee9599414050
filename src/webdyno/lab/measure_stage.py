"""One stage: what runs is put under its load, at the same time or in windows that alternate, and becomes trials."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from ..errors import MeasurementError
from ..loadgen.consecutive import join_windows
from ..loadgen.driver import Generator
from ..loadgen.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from ..model.fact import Fact, fact
from ..model.load import Window
from ..model.trial import IdleUse, LoadFigures, ShortWindow, Trial
from ..probes.host import machine_conditions
from ..probes.probe import Subject
from ..probes.watch import Probes
from ..serving.served import Served
from ..stacks.conditions import conditions
from ..texts.catalogue import as_note
from .fairness import kept_date, repeated, skipped_calls
from .fresh_start import FreshStart
from .plan import arrival_seed, stretch, window_order
from .stage import Stage, window_s

# CPU time is read some 0.1 ms off: within so long that is a thousandth of a core.
_LEAST_IDLE_S = 0.1


class Running(NamedTuple):
    """A stack that was started and answers.

    Attributes:
        place: among those that were started together.
        start, server: itself.
    """

    place: int
    start: FreshStart
    server: Served


class _Watched:
    """What runs under a stage's load: its probes, and what came of its windows so far."""

    def __init__(self, running: Running, probes: Probes) -> None:
        self.running = running
        self.probes = probes
        self.began: datetime | None = None
        self.opened: list[float] = []
        self.results: list[LoadFigures] = []
        self.calls: Counter[str] = Counter()
        self.error: MeasurementError | None = None
        # How much longer windows with requests without a response have taken than planned: one that leaves these would
        # hold up all others in each cycle.
        self.awaited_s = 0.0
        self._idle_s = self._idle_used = 0.0
        self._paused_at, self._paused_used = time.monotonic(), probes.used_s()

    def mark(self, event: LoadEvent) -> None:
        """Tell the probes of a window's ends."""
        if isinstance(event, WindowOpened):
            self.began = self.began or datetime.now(UTC)
            self.opened.append(event.at)
            self.probes.opened(event.at)
        elif isinstance(event, WindowClosed):
            self.probes.closed(event.at)

    def pause(self) -> None:
        """It is not loaded from here on."""
        self._paused_at, self._paused_used = time.monotonic(), self.probes.used_s()

    def resume(self) -> None:
        """It is going to be loaded, or no longer watched."""
        used = self.probes.used_s()
        if used is not None and self._paused_used is not None:
            self._idle_used += used - self._paused_used
            self._idle_s += time.monotonic() - self._paused_at

    @property
    def idle(self) -> IdleUse | None:
        """What it used without a load; None where that was not seen for long enough."""
        return IdleUse(seconds=self._idle_s, cpu_s=self._idle_used) if self._idle_s >= _LEAST_IDLE_S else None


def measure_stage(stage: Stage, running: Sequence[Running], generator: Generator) -> list[Trial]:
    """Put what runs under one load: all of it, or what the stage names.

    Args:
        stage: which load, and in which windows.
        running: one stack, or several of one block.
        generator: with a process for each that is loaded at the same time.

    Returns:
        A trial of each that was loaded, in their order. Where all are loaded at the same time and one fails, all have.
    """
    loaded = [one for one in running if stage.loaded is None or one.place in stage.loaded]
    bench = running[0].start.bench
    cpus = frozenset((*bench.cpus.server, *bench.cpus.load))
    with ExitStack() as stack:
        watched = [
            _Watched(one, stack.enter_context(Probes(_subject(one.server, cpus), bench.probes))) for one in loaded
        ]
        for cycle, turn in _turns(stage, watched):
            _load(stage, cycle, turn, generator)
        if stage.idle_s:
            time.sleep(stage.idle_s)
        for one in watched:
            one.resume()
    trials = [_trial(one, stage) for one in watched]
    lost = next((one for one, trial in zip(loaded, trials, strict=True) if trial.result is None), None)
    if stage.cycles is not None or lost is None:
        return trials
    return [
        without_partner(lost.start, one.start, stage) if trial.result else trial
        for one, trial in zip(loaded, trials, strict=True)
    ]


def without_partner(other: FreshStart, start: FreshStart, stage: Stage) -> Trial:
    """What befalls one of a duet when the other fails: it had the cores for itself, so its figures are of no use."""
    failure = fact("partner-failed", stack=other.record.notation)
    return start.without_result(stage, as_note(failure), as_note(fact("see-there")))


def _subject(server: Served, cpus: frozenset[int]) -> Subject:
    return Subject(server.pid, server.address.host, server.address.port, cpus)


def _turns(stage: Stage, watched: Sequence[_Watched]) -> Iterator[tuple[int, Sequence[_Watched]]]:
    """Who is loaded at the same time, one turn after the other, each with the number of its cycle."""
    if stage.cycles is None:
        yield 0, watched
        return
    start = watched[0].running.start
    for cycle in range(stage.cycles):
        for at in window_order(len(watched), start.turn.block, stage.phase, cycle, start.bench.seed):
            one = watched[at]
            if one.error is None and one.awaited_s <= stage.window.timeout_s:
                yield cycle, [one]


def _load(stage: Stage, cycle: int, turn: Sequence[_Watched], generator: Generator) -> None:
    """One window of those whose turn it is."""
    start = turn[0].running.start
    beside, window = start.bench.beside, stage.window
    if cycle:
        window = stage.resumed(stretch(start.turn.block, stage.phase, cycle, start.bench.seed))
    for one in turn:
        one.resume()
    before, began = beside.calls(), time.monotonic()
    try:
        jobs = [_job(one.running, stage, cycle, window) for one in turn]
        for one, result in zip(turn, generator.run_each(jobs, lambda at, event: turn[at].mark(event)), strict=True):
            one.results.append(result)
            if result.failures.get("timeout") or result.unanswered or result.timed_out_mean or result.warmup_failed:
                one.awaited_s += time.monotonic() - began - window_s(window)
    except MeasurementError as error:
        for one in turn:
            one.error = error
    if len(turn) == 1:
        turn[0].calls.update(beside.calls_since(before))
    for one in turn:
        one.pause()


def _job(running: Running, stage: Stage, cycle: int, window: Window) -> LoadJob:
    start, address = running.start, running.server.address
    assert start.expected
    return LoadJob(
        host=address.host,
        port=address.port,
        tls=address.tls,
        request=address.as_sent(start.workload.request),
        expected=start.expected,
        load=stage.load,
        window=window,
        seed=arrival_seed(start.turn.block, cycle, start.bench.seed),
        # To close them is work for the server, which is not what it does when it is idle.
        parks=stage.cycles is not None or stage.idle_s > 0,
    )


def _trial(watched: _Watched, stage: Stage) -> Trial:
    """What a stack's server did, once it is known to have lived and to have done the work."""
    start, server = watched.running.start, watched.running.server
    if watched.error:
        return start.failed(stage, watched.error)
    probes, calls = watched.probes, dict(watched.calls)
    try:
        result = join_windows(watched.results)
        server.check_alive()
        why = _did_less(start, server, result, calls)
    except MeasurementError as error:
        return start.failed(stage, error)
    remedy = _more_time(stage.window.timeout_s) if not why and set(result.failures) == {"timeout"} else None
    why = why if result.ok or result.delivered else _nothing_right(result)
    return Trial(
        block=start.turn.block,
        position=start.turn.position,
        stack=start.record.notation,
        phase=stage.phase,
        started=watched.began or datetime.now(UTC),
        load=stage.load,
        window=stage.window,
        windows=_windows(watched) if len(watched.results) > 1 else (),
        conditions=conditions(start.record) | machine_conditions(),
        startup_s=start.startup_s,
        result=result,
        resources=probes.use(),
        system=probes.system(),
        idle=watched.idle,
        findings=probes.findings(),
        calls=calls,
        failure=why and as_note(why),
        remedy=remedy and as_note(remedy),
        server_output=server.output_tail() if result.failed or not result.ok else (),
        output_bytes=server.output_bytes,
    )


def _windows(watched: _Watched) -> tuple[ShortWindow, ...]:
    return tuple(
        ShortWindow(
            at_s=round(opened - watched.opened[0], 6),
            window_s=result.window_s,
            delivered=result.delivered,
            cpu_s=use.cpu_s,
            generator_cpu_s=result.engine and result.engine.cpu_s,
            generator_wait_s=result.engine and result.engine.core_wait_s,
            steal_percent=use.system.steal_percent,
            cpu_pressure_percent=use.system.cpu_pressure_percent,
        )
        for opened, result, use in zip(watched.opened, watched.results, watched.probes.each(), strict=True)
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
