"""Trial: one stack x workload x load, measured once, with everything needed to believe it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_validator

from .base import Value
from .load import Load, Window
from .note import Note

FailureKind = Literal["connect", "reset", "timeout", "status", "body", "protocol"]
Phase = Literal["pilot", "saturation", "rate", "duet"]
# A stack that fails more than one request in a hundred does less work than the others: its speed is not comparable.
FAILING_SHARE = 0.01
# Bounds far beyond anything measured, so that arithmetic on a stored document cannot overflow.
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]


class Second(Value):
    """What came back in one second of the measured window (the last one may be shorter), whenever it was due.

    Attributes:
        ok: successful responses that arrived in it; all seconds together make `LoadFigures.completed`.
        failed: requests that ended in a failure in it.
        p50_us, p99_us: percentiles of the window's reported time (service time under closed, response time under
            open load) of those successful responses in microseconds; None where there were none.
    """

    ok: Count
    failed: Count
    p50_us: float | None = None
    p99_us: float | None = None


class FailureSample(Value):
    """One failure kept as an example.

    Attributes:
        kind: as in `LoadFigures.failures`.
        detail: what was seen, shortened.
    """

    kind: FailureKind
    detail: str


class EngineUse(Value):
    """What is known about the load generator itself in the window; of several processes, the worst of each.

    Attributes:
        cpu_s: CPU seconds that its process used.
        loop_gap_max_s: the longest time its event loop did not turn, also while it awaited what counts afterwards; None
            where unknown.
        spinning: it waits for the next arrival by spinning, so that a full core says nothing about overload.
        busy_s: seconds from its loop's turning to some work until it was done with it, losing the core in between
            included, waking up late not; None where unknown.
        core_wait_s: seconds that it was ready to run and had no core, in the middle of work or waking up; None where
            unknown.
        render_s: seconds that it took to write the requests whose templates it fills in while measuring.
        ports_exhausted: connections that could not be opened because this machine had no local port left; None where
            unknown.
        descriptors_exhausted: connections that could not be opened because the process had no descriptor left; None
            where unknown.
        processes: how many processes the load came from.
    """

    cpu_s: Seconds
    loop_gap_max_s: float | None = None
    spinning: bool = False
    busy_s: Seconds | None = None
    core_wait_s: Seconds | None = None
    render_s: Seconds = 0.0
    ports_exhausted: Count | None = None
    descriptors_exhausted: Count | None = None
    processes: Annotated[int, Field(ge=1)] = 1


class DriverRecord(Value):
    """The load tool that counted and timed.

    Attributes:
        name: as `--driver` takes it.
        version: its own; empty where it is part of webdyno.
        command: how its program was called in the window, without what is secret; empty where it has none.
        checked: what made a response right: `all` that was expected of it, only a status `below-400`, or `nothing`.
    """

    name: str = "own"
    version: str = ""
    command: tuple[str, ...] = ()
    checked: Literal["all", "below-400", "nothing"] = "all"


class SecondTimes(Value):
    """Encoded histograms of one second of the window: of what ended in it, whenever it was due.

    Attributes:
        late, waited, lag, service, response: as in `Counted`; of `late`, what the generator turned to in that second,
            and of `waited` what got its connection in it.
    """

    late: str
    waited: str
    lag: str
    service: str
    response: str


class Counted(Value):
    """What became of requests that were due in the window, and how long it took.

    Every one of them ends in exactly one place:
    `scheduled == ok + sum(failures.values()) + dropped + unfinished`.
    Counts and histograms are of these requests, whose responses may come after the window; only `completed`,
    `ok_in_window` and the series are of what happened inside it. So the slow ones are not cut off from the percentiles,
    and an overloaded server gets no credit for the responses that it gave after the clock had stopped.
    What the load tool does not tell is None, or an empty histogram or series: never a 0.

    Attributes:
        scheduled: requests due in the window (open), sent in it (closed).
        ok: successful responses.
        completed: successful responses that arrived inside the window, whenever they were due: the throughput of open
            load.
        ok_in_window: successful responses, each counted by the share of its time between send and last byte that lies
            inside the window: the throughput of closed load. None under open load, in results of older versions, and
            where it is not reported.
        failures: failed requests by kind.
        dropped: arrivals given up because too many were waiting (open load only).
        unfinished: requests without a response when the trial ended; None where it is not reported.
        statuses: responses by HTTP status: right ones, and failures of the kinds `status` and `body`; None where it is
            not told.
        late: encoded histogram, intended moment -> the generator turned to it, every arrival: the part of the lag that
            is the generator's own fault. Nanoseconds.
        waited: encoded histogram, the generator turned to it -> a connection was free for it, every request that was
            sent: the part of the lag for which the server, or the limit on connections, is to blame. Nanoseconds;
            empty in results of older versions.
        lag: encoded histogram, intended moment -> send, every request that was sent. Nanoseconds.
        service: encoded histogram, send -> last byte, successful responses (where the load tool cannot tell them
            apart, wrong ones as well). Nanoseconds.
        response: encoded histogram, intended moment -> last byte, successful responses. Nanoseconds.
        punctual: encoded histogram, the generator turned to it -> last byte, successful responses: the response time
            without what the generator itself added to it by being late. Nanoseconds; empty under closed load, where
            that is not told, and in results of older versions.
        failed_response: encoded histograms, intended moment -> its end, of failed requests by kind. For `timeout` the
            true times are longer than these: they are censored.
        series: the window second by second.
        times: histograms for each second of `series`; empty where nobody asked for them.
        failure_samples: some failures as seen, at most a few of each kind.
    """

    scheduled: Count
    ok: Count
    completed: Count
    ok_in_window: Annotated[float, Field(ge=0, le=2**53)] | None = None
    failures: dict[FailureKind, Count] = Field(default_factory=dict)
    dropped: Count = 0
    unfinished: Count | None = None
    statuses: dict[int, Count] | None = None
    late: str = ""
    waited: str = ""
    lag: str = ""
    service: str = ""
    response: str = ""
    punctual: str = ""
    failed_response: dict[FailureKind, str] = Field(default_factory=dict)
    series: tuple[Second, ...] = ()
    times: tuple[SecondTimes, ...] = ()
    failure_samples: tuple[FailureSample, ...] = ()

    @property
    def failed(self) -> int:
        """All failed requests."""
        return sum(self.failures.values())

    @property
    def delivered(self) -> float:
        """Successful responses that the window may count: whole ones under open load, shares of them under closed load.

        Closed load starts all connections together, so that whole responses would be as many for 335 ms as for 400 ms
        in a window of a second. See `docs/statistics.md`.
        """
        return self.completed if self.ok_in_window is None else self.ok_in_window

    @property
    def attempts(self) -> int:
        """Requests whose end is known: right, failed or dropped."""
        return self.ok + self.failed + self.dropped

    @property
    def unanswered(self) -> int:
        """Requests that are known to have had no response when the trial ended."""
        return self.unfinished or 0


class EndpointResult(Counted):
    """One endpoint of a scenario.

    Attributes:
        name: of the step.
        method, path: its request, as written.
    """

    name: str
    method: str
    path: str


class Bodies(Value):
    """What was seen of bodies that may vary, in those right responses that were looked into, the warm-up included.

    Attributes:
        looked: how many were: a few hundred a second at most, so that the load generator keeps its pace.
        varied: of those, bodies that were none of the examples.
        misshapen: of those, bodies of another kind than every example: another media type, no JSON, another JSON shape,
            nothing where there was something.
        misfits: how, for some of them.
    """

    looked: Count = 0
    varied: Count = 0
    misshapen: Count = 0
    misfits: tuple[str, ...] = ()


class LoadFigures(Counted):
    """What the load tool counted and timed in the measured window, all endpoints together.

    Attributes:
        driver: which load tool that was.
        window_s: length of the window in seconds, as it really was.
        warmup_s: seconds from the first connection to the window's opening, as they really were; None in results of
            older versions.
        connects: connections opened in the window; None where it is not reported.
        reconnects: of those, the ones that replaced a connection that the server had closed; None as well.
        bytes_in: bytes received; None where it is not reported.
        answered: successful responses in all, those before and after the window included; None in results of older
            versions.
        in_flight_mean: mean number of requests between send and last byte (for Little's law); None where it is not
            told.
        timed_out_mean: of these, the mean number of those that then timed out; None in results of older versions, and
            where it is not reported.
        failed_in_window: failed requests that were sent, counted as in `ok_in_window`; closed load only.
        cut_s: seconds from send to end, in all, of the requests that an edge of the window cuts; None where it is not
            told.
        warmup_failed: requests of the warm-up that failed, or were given up, after the window had opened: in no other
            count.
        failed_outside: requests that failed and are not of the window: of the warm-up, and of what is sent while the
            window's last responses are awaited; None where it is not reported.
        endpoints: each step of a scenario; empty where there is but one request.
        bodies: what was seen of bodies that may vary; nothing where each had to be the same, or none was looked into.
        engine: the generator's own use; None where it is not reported.
    """

    driver: DriverRecord = DriverRecord()
    window_s: Annotated[float, Field(ge=1e-6, le=1e6)]
    warmup_s: Seconds | None = None
    connects: Count | None = None
    reconnects: Count | None = None
    bytes_in: Count | None = None
    answered: Count | None = None
    in_flight_mean: float | None = None
    timed_out_mean: float | None = None
    failed_in_window: float = 0.0
    cut_s: Seconds | None = None
    warmup_failed: Count = 0
    failed_outside: Count | None = None
    endpoints: tuple[EndpointResult, ...] = ()
    bodies: Bodies = Bodies()
    engine: EngineUse | None = None

    @property
    def throughput(self) -> float:
        """Successful responses per second."""
        return self.delivered / self.window_s

    def cycle_s(self, connections: int) -> float | None:
        """Mean seconds from one request of a connection to the next, by Little's law; None where none ended.

        What timed out is left out. Where most requests need a connection of their own, opening it is part of it; where
        it is not reported how many were under way, every connection counts as busy.

        Args:
            connections: of the closed load.
        """
        ended = self.delivered + self.failed_in_window
        if not ended:
            return None
        own = self.in_flight_mean is None or (self.connects or 0) > ended / 2
        busy = connections if own else self.in_flight_mean or 0.0
        return max(busy - (self.timed_out_mean or 0.0), 0.0) * self.window_s / ended


class ShortWindow(Value):
    """One of several windows of a trial.

    Attributes:
        at_s: seconds from the opening of the trial's first window to its own; other stacks were loaded in between.
        window_s: its length.
        delivered: successful responses in it, as in `Counted.delivered`.
        cpu_s: CPU seconds of the server's process tree; None where they cannot be seen.
        generator_cpu_s: CPU seconds of the load generator; None where they are not reported.
        generator_wait_s: seconds that it was ready to run and had no core; None where unknown.
        steal_percent, cpu_pressure_percent: as in `SystemUse`.
    """

    at_s: Seconds
    window_s: Seconds
    delivered: Annotated[float, Field(ge=0, le=2**53)]
    cpu_s: Seconds | None = None
    generator_cpu_s: Seconds | None = None
    generator_wait_s: Seconds | None = None
    steal_percent: float | None = None
    cpu_pressure_percent: float | None = None


class ResourceSample(Value):
    """The server's process tree at one moment.

    Attributes:
        at_s: seconds since the window opened.
        cpu_s: CPU seconds used since the window opened.
        rss_bytes, vms_bytes: summed over the processes (pages shared between them count in each).
        processes, threads, descriptors: their number; descriptors is None where they may not be read.
    """

    at_s: float
    cpu_s: Seconds
    rss_bytes: Count
    vms_bytes: Count
    processes: Count
    threads: Count
    descriptors: Count | None


class IdleUse(Value):
    """What a server's process tree used without a load.

    Attributes:
        seconds: for how long it was watched.
        cpu_s: CPU seconds that it used meanwhile.
    """

    seconds: Annotated[float, Field(ge=1e-3, le=1e9)]
    cpu_s: Seconds

    @property
    def cores(self) -> float:
        """How many cores it kept busy, on average."""
        return self.cpu_s / self.seconds


class SystemUse(Value):
    """The whole machine during the window.

    Attributes:
        cpu_percent: busy share of all cores, 0-100.
        used_percent: busy share of the CPUs that serve and load, stolen time left out, 0-100; None in results of older
            versions.
        steal_percent: share of the CPU time of the CPUs that serve and load which the hypervisor gave to others, 0-100;
            None where unknown.
        cpu_pressure_percent: share of time in which some runnable task waited for a CPU (PSI), 0-100;
            None where unknown.
        memory_used_bytes, memory_available_bytes: at the window's end.
        throttled_s: seconds that the control group was throttled; None where unknown.
    """

    cpu_percent: float
    used_percent: float | None = None
    steal_percent: float | None = None
    cpu_pressure_percent: float | None = None
    memory_used_bytes: Count
    memory_available_bytes: Count
    throttled_s: float | None = None


class ResourceUse(Value):
    """CPU and memory of the server's process tree in the window.

    Attributes:
        cpu_s: CPU seconds of the whole tree, from the kernel's nanosecond process clocks.
        samples: the tree over time, 5 per second or more.
        children_cpu_s: of that, what each process but the first used that lived through the whole window, most first.
        children_ended: processes that were there before the load and when the window opened, and not when it closed.
        children_begun: processes that were there when the window closed, and not when it opened.
        system: the whole machine.
    """

    cpu_s: Seconds
    samples: tuple[ResourceSample, ...]
    children_cpu_s: tuple[float, ...] = ()
    children_ended: Count = 0
    children_begun: Count = 0
    system: SystemUse

    @property
    def rss_peak_bytes(self) -> int:
        """Highest resident memory seen."""
        return max(sample.rss_bytes for sample in self.samples)

    @property
    def rss_mean_bytes(self) -> float:
        """Mean resident memory over the samples."""
        return sum(sample.rss_bytes for sample in self.samples) / len(self.samples)

    @property
    def vms_peak_bytes(self) -> int:
        """Highest virtual memory seen."""
        return max(sample.vms_bytes for sample in self.samples)

    @property
    def vms_mean_bytes(self) -> float:
        """Mean virtual memory over the samples."""
        return sum(sample.vms_bytes for sample in self.samples) / len(self.samples)


class ProbeFinding(Value):
    """What a probe of another package found in a trial.

    Attributes:
        value: what it gave; None where it failed.
        failure: why there is no value, or how it ended; None where all is well.
    """

    value: JsonValue = None
    failure: str | None = None


class Trial(Value):
    """One stack under one load, measured once.

    Attributes:
        block: 0 for the pilot, then 1, 2, ...
        position: place of the stack in its block's random order, from 0.
        stack: canonical notation, the key into the run's stack records.
        phase: `pilot`, `saturation` (closed load), `rate` (open load at the fixed rate), or `duet` (closed load, at
            the same time as the run's other stack and on the same cores).
        started: when the window, or the first of them, opened, UTC.
        load, window: what was asked for; of several windows, the first, which may have had a longer warm-up.
        windows: each of several windows, in their order: `result` and `resources` are of all together; empty where
            there was but one.
        conditions: what the figures depend on beside the notation, in short: files, packages, interpreter, CPUs.
        startup_s: seconds from process start to the first successful response of this fresh start.
        result: what the engine saw; None where the trial ended early.
        resources: what the probes saw; None where the trial ended early, or the processes cannot be seen.
        system: the whole machine, where there are no `resources` to have it.
        idle: what its processes used while it ran and was not loaded: between its windows, in which other stacks were,
            and in the pilot after its window. None where that was not looked at.
        findings: what the probes found that were asked for, by their names.
        calls: how often each dependency that counts its calls was called while the load ran, warm-up included, by name;
            empty where several stacks were loaded at the same time, whose calls cannot be told apart.
        failure: why there is no result or no successful response, or how the stack did less than it was asked to; None
            where all is well.
        remedy: what to do about the failure; None where there is nothing, and in results of older versions.
        server_output: last lines of the server's output where the trial or a request failed.
        output_bytes: how much the server had written to its output when the trial ended, since its start; 0 in results
            of older versions.
    """

    block: Count
    position: Count
    stack: str
    phase: Phase
    started: datetime
    load: Load
    window: Window
    windows: Annotated[tuple[ShortWindow, ...], Field(max_length=10_000)] = ()
    conditions: dict[str, str] = Field(default_factory=dict)
    startup_s: float | None = None
    result: LoadFigures | None = None
    resources: ResourceUse | None = None
    system: SystemUse | None = None
    idle: IdleUse | None = None
    findings: dict[str, ProbeFinding] = Field(default_factory=dict)
    calls: dict[str, Count] = Field(default_factory=dict)
    failure: Note | None = None
    remedy: Note | None = None
    server_output: tuple[str, ...] = ()
    output_bytes: Count = 0

    @field_validator("remedy", mode="before")
    @classmethod
    def _no_text(cls, given: object) -> object:
        # It was empty at first where there was none.
        return given or None
