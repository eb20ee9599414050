"""What is told of one load beside its figures: how it was sent, what went wrong, what its conditions were."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.failure_counts import ErrorCounts
from ...analysis.load.analyse_load import LoadAnalysis
from ...model.fact import Fact, fact
from ...model.load import TimeKind
from ...model.load_run import LoadRun
from ...model.trial import DriverRecord, EngineUse, LoadFigures, SystemUse

# Below it nobody would do anything about it.
RENDERING_SHOWN = 0.005
MOST_SAMPLES = 4


def asked(run: LoadRun) -> Fact:
    """The request or the scenario, and where it was sent."""
    if run.unix_socket:
        return fact("load.request.over", request=run.title, socket=run.unix_socket)
    return fact("load.request", request=run.title)


def how(run: LoadRun) -> Fact:
    """The load, how long it took, and what was sent."""
    window, load = run.window, run.load.what
    # It lasts until the load is steady.
    warmup_s = window.warmup_s and max(window.warmup_s, run.result.warmup_s or 0)
    what = fact("load.how.cold", load=load, duration_s=window.duration_s)
    if warmup_s:
        what = fact("load.how", load=load, duration_s=window.duration_s, warmup_s=warmup_s)
    return fact("load.how.body", how=what, size=run.body_bytes) if run.body_bytes else what


def right(run: LoadRun) -> Iterator[Fact]:
    """What made a response a successful one, and of how many."""
    yield fact("load.status", status=run.expected_status) if run.expected_status else fact("load.as-steps")
    if run.load.kind == "open":
        yield fact("load.due", rate=run.result.scheduled / run.result.window_s)


def what_failed(run: LoadRun, analysis: LoadAnalysis) -> Iterator[Fact]:
    """Each kind of failure with its number and how long it took, then the statuses that were not expected."""
    errors = analysis.errors
    for cause, count in errors.by_cause.items():
        if count:
            yield _took(analysis, cause, caused(cause, count))
    if errors.failed and (others := _other_statuses(errors, run.expected_status)):
        yield fact("load.statuses" if run.expected_status else "load.statuses.all", statuses=others)


def caused(cause: str, count: int) -> Fact:
    """How many requests failed in one way."""
    return fact("caused", count=count, cause=fact(f"cause.{cause}"))


def _took(analysis: LoadAnalysis, kind: str, what: Fact) -> Fact:
    """How long failures of a kind took; of those that timed out it is known anyway, and some took no time at all."""
    times = next((times for times in analysis.failed if times.kind == kind), None)
    if kind == "timeout" or times is None or not times.p50:
        return what
    if times.p99 is None:
        return fact("load.took", what=what, p50_s=times.p50 / 1e3)
    return fact("load.took.p99", what=what, p50_s=times.p50 / 1e3, p99_s=times.p99 / 1e3)


def _other_statuses(errors: ErrorCounts, expected: int | None) -> tuple[Fact, ...]:
    others = (seen for seen in sorted(errors.statuses.items()) if seen[0] != expected)
    return tuple(fact("load.status-count", status=status, count=count) for status, count in others)


def samples(errors: ErrorCounts) -> list[Fact]:
    """A few failures as seen, each once."""
    details = dict.fromkeys(sample.detail for sample in errors.samples)
    return [fact("load.sample", sample=detail) for detail in list(details)[:MOST_SAMPLES]]


def kind_of_time(kind: TimeKind) -> Fact:
    """What a time is called."""
    return fact("times.response") if kind == "response time" else fact("times.service")


def from_when(kind: TimeKind) -> Fact:
    """From when to when it lasts."""
    return fact("load.from-due") if kind == "response time" else fact("load.from-send")


def connections(run: LoadRun) -> Fact:
    """How many there were, and how many had to be opened."""
    result, each, most = run.result, run.requests_per_connection, run.load.connections
    opened = None if result.connects is None else fact("load.opened", count=result.connects)
    if opened and result.reconnects and run.keep_alive:
        opened = fact("load.opened.again", count=result.connects or 0, again=result.reconnects)
    limit = fact("load.at-most.each", count=most, each=each) if each else fact("load.at-most", count=most)
    if not run.keep_alive:
        new = fact("load.new-each.opened", opened=opened) if opened else fact("load.new-each")
        return fact("load.connections", parts=(fact("load.at-most", count=most), new))
    return fact("load.connections", parts=(limit, opened) if opened else (limit,))


def generator(result: LoadFigures) -> Fact:
    """What the load generator used itself."""
    driver, parts = result.driver, list[Fact]()
    if driver != DriverRecord():
        parts.append(fact("load.driver", driver=driver.name, version=driver.version))
    if result.engine is None:
        return fact("load.generator", parts=(*parts, fact("load.driver.unwatched")))
    return fact("load.generator", parts=(*parts, *_use(result.engine, result.window_s)))


def _use(engine: EngineUse, window_s: float) -> Iterator[Fact]:
    use = fact("load.core.spinning" if engine.spinning else "load.core", share=engine.cpu_s / window_s)
    several = engine.processes > 1
    yield fact("load.core.busiest", processes=engine.processes, use=use) if several else use
    if engine.render_s / window_s >= RENDERING_SHOWN:
        yield fact("load.templates", share=engine.render_s / window_s)
    if engine.loop_gap_max_s is not None:
        yield fact("load.pause", pause_s=engine.loop_gap_max_s)


def received(count: int, window_s: float) -> Fact:
    """How many bytes came back."""
    return fact("load.received", size=count, per_s=count / window_s)


def machine(system: SystemUse) -> Fact:
    """How busy the machine was from which the load came."""
    busy = system.cpu_percent / 100
    if system.steal_percent is None:
        return fact("load.machine", busy=busy)
    return fact("load.machine.steal", busy=busy, steal=system.steal_percent / 100)
