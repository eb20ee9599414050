"""Two loads side by side: figures and ratios, and what keeps them from being compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...analysis.load.analyse_load import LoadAnalysis
from ...model.http_request import as_typed
from ...model.load import Load, OpenLoad, Profile
from ...model.load_run import LoadRun
from ...units import format_number, format_percent, printable

ABSENT = "-"
_LONGEST_NAME = 16
NO_VERDICT = (
    "Each column is a single run, and single runs differ by themselves: this is no verdict. "
    "`webdyno compare` measures both in turn and says how sure a difference is."
)


class BesideRow(NamedTuple):
    """One figure of both; `ratio` is now divided by earlier."""

    name: str
    now: str
    earlier: str
    ratio: str


class SideBySide(NamedTuple):
    """Two loads side by side.

    Attributes:
        name: of the earlier one.
        rows: the figures.
        remarks: what differs in how they were measured, and what it is not: a verdict.
    """

    name: str
    rows: tuple[BesideRow, ...]
    remarks: tuple[str, ...]


def compare_loads(now: tuple[LoadRun, LoadAnalysis], earlier: tuple[LoadRun, LoadAnalysis], name: str) -> SideBySide:
    """Put two loads side by side.

    Args:
        now: the new one.
        earlier: the one to hold it against.
        name: of the earlier one, such as its file.
    """
    when = earlier[0].started.strftime("%Y-%m-%d %H:%M UTC")
    return SideBySide(
        f"{printable(name)} ({when})",
        tuple(_rows(now[1], earlier[1])),
        tuple(_remarks(now, earlier)),
    )


def _rows(now: LoadAnalysis, earlier: LoadAnalysis) -> Iterator[BesideRow]:
    yield _row("requests/s", now.throughput, earlier.throughput)
    # Times of two kinds have no ratio.
    if now.latency.kind == earlier.latency.kind:
        for field, label in (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p999", "p99.9"), ("max", "max")):
            name = f"{now.latency.kind} {label}"
            yield _row(f"{name} ms", getattr(now.latency, field), getattr(earlier.latency, field))
        before = {one.name: one.latency for one in earlier.endpoints}
        for one in now.endpoints:
            if one.name in before:
                yield _row(f"{printable(one.name)[:_LONGEST_NAME]} p99 ms", one.latency.p99, before[one.name].p99)
    yield BesideRow("errors", format_percent(now.errors.rate), format_percent(earlier.errors.rate), "")


def _row(name: str, now: float | None, earlier: float | None) -> BesideRow:
    ratio = f"{format_number(now / earlier)}x" if now is not None and earlier else ABSENT
    return BesideRow(name, _number(now), _number(earlier), ratio)


def _number(value: float | None) -> str:
    return ABSENT if value is None else format_number(value)


def _remarks(now: tuple[LoadRun, LoadAnalysis], earlier: tuple[LoadRun, LoadAnalysis]) -> Iterator[str]:
    for which, (_, analysis) in (("this one", now), ("the earlier one", earlier)):
        if not analysis.valid:
            yield f"Not comparable: {which} is not valid."
    if now[1].latency.kind != earlier[1].latency.kind:
        yield f"The times are of two kinds, {now[1].latency.kind} and {earlier[1].latency.kind}: they are not shown."
    yield from _differences(now[0], earlier[0])
    yield NO_VERDICT


def _differences(now: LoadRun, earlier: LoadRun) -> Iterator[str]:
    for what, read in _CONDITIONS.items():
        new, old = read(now), read(earlier)
        # What only one of the two loads has is told by the kind of load.
        if new != old and new is not None and old is not None:
            yield f"They differ in the {what}: {printable(new)}, earlier {printable(old)}."
    if str(now.load) == str(earlier.load) and _profile(now.load) != _profile(earlier.load):
        yield "They differ in the load, though the words for it are the same."
    if now.scenario and earlier.scenario and _steps(now) != _steps(earlier):
        yield "They differ in the steps of the scenario."


def _profile(load: Load) -> Profile | None:
    return load.profile if isinstance(load, OpenLoad) else None


def _steps(run: LoadRun) -> list[tuple[str, str, str]]:
    return [(step.name, step.method, step.path) for step in run.result.endpoints]


_CONDITIONS: dict[str, Callable[[LoadRun], str | None]] = {
    "request": lambda run: run.title,
    "headers": lambda run: ", ".join(f"{name}: {as_typed(value)}" for name, value in run.headers) or "none",
    "body that was sent": lambda run: f"{run.body_bytes} bytes",
    "right status": lambda run: f"{run.expected_status}" if run.expected_status else None,
    "check of bodies": lambda run: "yes" if run.body_checked else "no",
    "cookies of users": lambda run: ("kept" if run.cookies else "not kept") if run.scenario else None,
    "address": lambda run: None if run.unix_socket else run.address,
    "way to the server": lambda run: run.unix_socket or "TCP",
    "trust in certificates": lambda run: "any" if run.insecure else "checked",
    "load": lambda run: str(run.load),
    "number of connections": lambda run: f"{run.load.connections:,}",
    "arrivals that may wait": lambda run: f"{run.load.waiting:,}" if isinstance(run.load, OpenLoad) else None,
    "requests per connection": lambda run: f"{run.requests_per_connection or 'any'}" if run.keep_alive else "1",
    "load tool": lambda run: run.result.driver.name,
    "number of generator processes": lambda run: f"{run.result.engine.processes}" if run.result.engine else None,
    "warm-up": lambda run: f"{run.window.warmup_s:g} s",
    "length": lambda run: f"{run.window.duration_s:g} s",
    "time-out": lambda run: f"{run.window.timeout_s:g} s",
    "webdyno": lambda run: run.webdyno,
}
