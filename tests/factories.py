"""Synthetic runs with known truth: realistic documents without measuring anything.

`make_run()` gives the default experiment of `webdyno compare`; `make_run(stacks=..., blocks=...)` any other one.
For partial runs, cut the trials of a whole one: `run.model_copy(update={"trials": run.trials[:20]})`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from webdyno.analysis.comparison.analyse import analyse
from webdyno.analysis.comparison.analysis import Analysis
from webdyno.model.fact import Fact, fact
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, OpenLoad, Window
from webdyno.model.notation import parse_stack
from webdyno.model.note import Note
from webdyno.model.run import AppPlan, CpuPlan, Experiment, HostFacts, Run, RunState, StackRecord
from webdyno.model.trial import (
    EngineUse,
    FailureKind,
    FailureSample,
    LoadFigures,
    Phase,
    ResourceSample,
    ResourceUse,
    Second,
    SystemUse,
    Trial,
)
from webdyno.model.workload import HELLO, Expected
from webdyno.texts.catalogue import as_note

MIB = 1024 * 1024
CONNECTIONS = 32
STARTED = datetime(2025, 11, 21, 8, 30, tzinfo=UTC)
ASGIREF_500 = "status 500, expected 200: CurrentThreadExecutor already quit or is broken"

HOST = HostFacts(
    cpu_model="AMD EPYC 7B13",
    architecture="x86_64",
    cores=2,
    cores_total=2,
    memory_bytes=8 * 1024 * MIB,
    kernel="6.1.0-28-cloud-amd64",
    system="Debian GNU/Linux 12 (bookworm)",
    virtualisation="kvm",
    governor=None,
    python="CPython 3.11.9",
    webdyno="0.1.0",
)
CPUS = CpuPlan(server=(1,), load=(0,), apart=True, pinned=True)


@dataclass(frozen=True)
class Truth:
    """What a stack is really like; every trial scatters around it.

    Attributes:
        notation: the stack.
        throughput: answers per second at saturation, right or wrong.
        cpu_us: microseconds of server CPU per answer.
        response_ms: median response time at the fixed rate; `tail`: sigma of its log-normal distribution.
        rss_mib: resident memory of the tree.
        failing: share of answers that fail with `failure_kind` and `failure_detail`.
        reconnecting: share of answers after which the server closes the connection.
        broken_blocks: blocks whose saturation trial has no result but `failure` and `remedy`.
        notes: remarks of its stack record.
    """

    notation: str
    throughput: float
    cpu_us: float
    response_ms: float = 0.6
    tail: float = 0.45
    rss_mib: float = 48.0
    failing: float = 0.0
    failure_kind: FailureKind = "status"
    failure_detail: str = ASGIREF_500
    reconnecting: float = 0.0
    broken_blocks: tuple[int, ...] = ()
    failure: Note = field(
        default=Note(text="quart@gunicorn: the server exited with status 1 during the load"), hash=False
    )
    remedy: Note | None = field(default=None, hash=False)
    notes: tuple[Fact | str, ...] = field(default=(), hash=False)


SYNC_NOTE = fact("server.gunicorn-closes")

DEFAULT_TRUTHS = (
    Truth("flask@gunicorn", 3286, 290, 0.9, rss_mib=52, reconnecting=1.0, notes=(SYNC_NOTE,)),
    Truth("flask@gunicorn?worker_class=gthread&threads=8", 3561, 275, 0.8, 0.6, rss_mib=53),
    Truth("flask@gunicorn?worker_class=uvicorn&wrap=asgiref", 2019, 480, 1.9, 0.7, rss_mib=61, failing=0.48),
    Truth("quart@gunicorn?worker_class=uvicorn", 7014, 140, 0.45, rss_mib=64, broken_blocks=(3,)),
    Truth("fastapi@gunicorn?worker_class=uvicorn", 9854, 100, 0.34, rss_mib=67),
    Truth("fastapi@granian", 11592, 84, 0.27, rss_mib=71),
)


@cache
def make_run(
    stacks: tuple[Truth, ...] = DEFAULT_TRUTHS,
    *,
    blocks: int = 6,
    seed: int = 7,
    rate: float | None = 1640.0,
    block_sd: float = 0.05,
    trial_sd: float = 0.015,
    state: RunState = "complete",
    window: Window = Window(),  # noqa: B008 - frozen
    notes: tuple[str, ...] = (),
) -> Run:
    """An experiment as `webdyno compare` would store it.

    Args:
        stacks: the truth about each stack; the first is the baseline.
        blocks: measured blocks, after a pilot.
        seed: of everything random.
        rate: the fixed rate of the open load; None leaves that phase out.
        block_sd: standard deviation of the log of what a block does to all its stacks alike.
        trial_sd: standard deviation of the log of what each trial adds of its own.
        state: how the run ended.
        window: of every trial.
        notes: remarks on the run.
    """
    rng = np.random.default_rng(seed)
    clock = _Clock(STARTED + timedelta(seconds=20))
    trials = [_trial(rng, clock, truth, 0, at, "pilot", window, rate, 1.0) for at, truth in enumerate(stacks)]
    for block in range(1, blocks + 1):
        shared = float(np.exp(rng.normal(0, block_sd)))
        for position, index in enumerate(rng.permutation(len(stacks)).tolist()):
            for phase in _phases(rate):
                factor = shared * float(np.exp(rng.normal(0, trial_sd)))
                trials.append(_trial(rng, clock, stacks[index], block, position, phase, window, rate, factor))
    return Run(
        id=f"{STARTED:%Y%m%dT%H%M%S}-7f3a",
        state=state,
        started=STARTED,
        finished=None if state == "running" else clock.now,
        setup_s=19.2,
        measured_s=(clock.now - STARTED).total_seconds() - 20,
        experiment=Experiment(
            stacks=tuple(truth.notation for truth in stacks),
            workload=HELLO,
            saturation=ClosedLoad(connections=CONNECTIONS),
            rate=OpenLoad(rate=rate) if rate else None,
            window=window,
            blocks=blocks,
            seed=seed,
            baseline=stacks[0].notation,
            apps=AppPlan(cwd="/srv/shop", start_timeout_s=60.0),
        ),
        host=HOST,
        cpus=CPUS,
        stacks=tuple(record(truth) for truth in stacks),
        trials=tuple(trials),
        notes=tuple(Note(text=note) for note in notes),
    )


def analysed(run: Run) -> Analysis:
    """The analysis of a run, carried out once for each run object."""
    if id(run) not in _ANALYSED:
        # The run is kept with it, so that its id is not given to another.
        _ANALYSED[id(run)] = run, analyse(run)
    return _ANALYSED[id(run)][1]


_ANALYSED: dict[int, tuple[Run, Analysis]] = {}


def record(truth: Truth) -> StackRecord:
    """The stack as it ran."""
    stack = parse_stack(truth.notation)
    server = stack.server or "uvicorn"
    interface = "wsgi" if stack.app in ("flask", "bare-wsgi") else "asgi"
    return StackRecord(
        stack=stack,
        notation=truth.notation,
        interface=interface,
        served_as="asgi" if stack.option("wrap") else interface,
        argv=("python", "-m", server, "--bind", "127.0.0.1:{port}", "--workers", "1", f"service_{interface}:app"),
        env={"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="services/" + stack.app.replace(":", "_"),
        python="3.11.9",
        packages={stack.app.replace(":", "."): "3.1.2", server: "23.0.0", "click": "8.3.1"},
        locked=True,
        expected=Expected(status=200, length=27, body=b'{"message":"Hello, World!"}'),
        notes=tuple(as_note(one) if isinstance(one, Fact) else Note(text=one) for one in truth.notes),
    )


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def tick(self, seconds: float) -> datetime:
        before = self.now
        self.now += timedelta(seconds=seconds)
        return before


def _phases(rate: float | None) -> tuple[Phase, ...]:
    return ("saturation", "rate") if rate else ("saturation",)


def _trial(
    rng: np.random.Generator,
    clock: _Clock,
    truth: Truth,
    block: int,
    position: int,
    phase: Phase,
    window: Window,
    rate: float | None,
    factor: float,
) -> Trial:
    load = OpenLoad(rate=rate) if phase == "rate" and rate else ClosedLoad(connections=CONNECTIONS)
    started = clock.tick(window.warmup_s + window.duration_s + 0.2)
    broken = phase == "saturation" and block in truth.broken_blocks
    result = None if broken else _result(rng, truth, load, window.duration_s, factor)
    return Trial(
        block=block,
        position=position,
        stack=truth.notation,
        phase=phase,
        started=started,
        load=load,
        window=window,
        startup_s=None if broken else 0.4 + float(rng.uniform(0, 0.05)),
        result=result,
        resources=None if result is None else _resources(rng, truth, result, factor),
        failure=truth.failure if broken else None,
        remedy=truth.remedy if broken else None,
        server_output=("Traceback (most recent call last):", "RuntimeError: no more") if broken else (),
    )


def _result(
    rng: np.random.Generator, truth: Truth, load: ClosedLoad | OpenLoad, window_s: float, factor: float
) -> LoadFigures:
    if isinstance(load, ClosedLoad):
        answers = round(truth.throughput * factor * window_s)
        scheduled, mean_s = answers, load.connections / (truth.throughput * factor)
        service = _times_ns(rng, answers, mean_s / np.exp(0.25**2 / 2), 0.25)
        lag = rng.integers(500, 3_000, answers)
    else:
        answers = scheduled = int(rng.poisson(load.rate * window_s))
        service = _times_ns(rng, answers, truth.response_ms / 1000 / factor, truth.tail)
        lag = rng.integers(5_000, 30_000, answers)
    right = rng.random(answers) >= truth.failing
    ok = int(right.sum())
    service, response = service[right], service[right] + lag[right]
    failed = answers - ok
    reconnects = round(answers * truth.reconnecting)
    samples = (FailureSample(kind=truth.failure_kind, detail=truth.failure_detail),) * min(failed, 2)
    return LoadFigures(
        window_s=window_s,
        scheduled=scheduled,
        ok=ok,
        completed=ok,
        ok_in_window=float(ok) if isinstance(load, ClosedLoad) else None,
        failed_in_window=float(failed) if isinstance(load, ClosedLoad) else 0.0,
        timed_out_mean=0.0,
        failures={truth.failure_kind: failed} if failed else {},
        unfinished=scheduled - answers,
        statuses={200: ok} | ({500: failed} if failed and truth.failure_kind == "status" else {}),
        connects=reconnects,
        reconnects=reconnects,
        bytes_in=answers * 152,
        cut_s=0.0,
        in_flight_mean=answers / window_s * float(service.mean()) / 1e9 if ok else 0.0,
        late=_encoded(lag),
        lag=_encoded(lag),
        service=_encoded(service),
        response=_encoded(response),
        series=_series(ok, failed, window_s, response if isinstance(load, OpenLoad) else service),
        failure_samples=samples,
        engine=EngineUse(
            cpu_s=min(0.7, answers / 130_000) * window_s if isinstance(load, ClosedLoad) else window_s,
            loop_gap_max_s=0.002,
            spinning=isinstance(load, OpenLoad),
            ports_exhausted=0,
            descriptors_exhausted=0,
        ),
    )


def _times_ns(rng: np.random.Generator, count: int, median_s: float, sigma: float) -> npt.NDArray[np.int64]:
    return (rng.lognormal(np.log(median_s * 1e9), sigma, count)).astype(np.int64)


def _encoded(values: npt.NDArray[np.int64]) -> str:
    histogram = Histogram()
    histogram.record(values)
    return histogram.encode()


def _series(ok: int, failed: int, window_s: float, times: npt.NDArray[np.int64]) -> tuple[Second, ...]:
    p50, p99 = (float(value) / 1000 for value in np.percentile(times, (50, 99))) if ok else (None, None)
    lengths = [min(1.0, window_s - at) for at in np.arange(0, window_s, 1.0).tolist()]
    return tuple(
        Second(ok=round(ok * part / window_s), failed=round(failed * part / window_s), p50_us=p50, p99_us=p99)
        for part in lengths
    )


def _resources(rng: np.random.Generator, truth: Truth, result: LoadFigures, factor: float) -> ResourceUse:
    cpu_s = (result.ok + result.failed) * truth.cpu_us / 1e6 / factor**0.5
    moments = np.arange(0, result.window_s + 1e-9, 0.2).tolist()
    samples = tuple(
        ResourceSample(
            at_s=at,
            cpu_s=cpu_s * at / result.window_s,
            rss_bytes=int((truth.rss_mib + 0.5 * at + float(rng.uniform(0, 0.2))) * MIB),
            vms_bytes=int(truth.rss_mib * 4 * MIB),
            processes=2,
            threads=4,
            descriptors=12 + CONNECTIONS,
        )
        for at in moments
    )
    system = SystemUse(
        cpu_percent=71.0,
        used_percent=71.0,
        steal_percent=0.1,
        cpu_pressure_percent=3.0,
        memory_used_bytes=1200 * MIB,
        memory_available_bytes=6600 * MIB,
        throttled_s=None,
    )
    return ResourceUse(cpu_s=cpu_s, samples=samples, system=system)
