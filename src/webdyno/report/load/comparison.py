"""Two loads side by side: figures and ratios, and what keeps them from being compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...analysis.load.analyse_load import LoadAnalysis
from ...model.fact import Fact, fact
from ...model.http_request import as_typed
from ...model.load import Load, OpenLoad, Profile
from ...model.load_run import LoadRun
from ...texts.catalogue import told
from ...units import format_number, format_percent, printable
from .load_facts import kind_of_time

ABSENT = "-"
_LONGEST_NAME = 16


class BesideRow(NamedTuple):
    """One figure of both; `ratio` is now divided by earlier."""

    name: str
    now: str
    earlier: str
    ratio: str


class SideBySide(NamedTuple):
    """Two loads side by side.

    Attributes:
        title: which the earlier one is.
        rows: the figures.
        remarks: what differs in how they were measured, and what it is not: a verdict.
    """

    title: Fact
    rows: tuple[BesideRow, ...]
    remarks: tuple[Fact, ...]


def compare_loads(now: tuple[LoadRun, LoadAnalysis], earlier: tuple[LoadRun, LoadAnalysis], name: str) -> SideBySide:
    """Put two loads side by side.

    Args:
        now: the new one.
        earlier: the one to hold it against.
        name: of the earlier one, such as its file.
    """
    when = earlier[0].started.strftime("%Y-%m-%d %H:%M UTC")
    return SideBySide(
        fact("beside.title", name=name, when=when),
        tuple(_rows(now[1], earlier[1])),
        tuple(_remarks(now, earlier)),
    )


def _rows(now: LoadAnalysis, earlier: LoadAnalysis) -> Iterator[BesideRow]:
    yield _row(told(fact("load.label.rate")), now.throughput, earlier.throughput)
    # Times of two kinds have no ratio.
    if now.latency.kind == earlier.latency.kind:
        for field, label in (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p999", "p99.9"), ("max", "max")):
            name = f"{told(kind_of_time(now.latency.kind))} {label}"
            yield _row(f"{name} ms", getattr(now.latency, field), getattr(earlier.latency, field))
        before = {one.name: one.latency for one in earlier.endpoints}
        for one in now.endpoints:
            if one.name in before:
                yield _row(f"{printable(one.name)[:_LONGEST_NAME]} p99 ms", one.latency.p99, before[one.name].p99)
    shares = format_percent(now.errors.rate), format_percent(earlier.errors.rate)
    yield BesideRow(told(fact("load.label.errors")), *shares, "")


def _row(name: str, now: float | None, earlier: float | None) -> BesideRow:
    ratio = f"{format_number(now / earlier)}x" if now is not None and earlier else ABSENT
    return BesideRow(name, _number(now), _number(earlier), ratio)


def _number(value: float | None) -> str:
    return ABSENT if value is None else format_number(value)


def _remarks(now: tuple[LoadRun, LoadAnalysis], earlier: tuple[LoadRun, LoadAnalysis]) -> Iterator[Fact]:
    if not now[1].valid:
        yield fact("beside.invalid.now")
    if not earlier[1].valid:
        yield fact("beside.invalid.earlier")
    kinds = now[1].latency.kind, earlier[1].latency.kind
    if kinds[0] != kinds[1]:
        yield fact("beside.kinds", now=kind_of_time(kinds[0]), earlier=kind_of_time(kinds[1]))
    yield from _differences(now[0], earlier[0])
    yield fact("beside.no-verdict")


def _differences(now: LoadRun, earlier: LoadRun) -> Iterator[Fact]:
    for what, read in _CONDITIONS.items():
        new, old = read(now), read(earlier)
        # What only one of the two loads has is told by the kind of load.
        if new != old and new is not None and old is not None:
            yield fact("beside.differs", what=fact(f"condition.{what}"), now=new, earlier=old)
    if now.load.what == earlier.load.what and _profile(now.load) != _profile(earlier.load):
        yield fact("beside.same-words")
    if now.scenario and earlier.scenario and _steps(now) != _steps(earlier):
        yield fact("beside.steps")


def _profile(load: Load) -> Profile | None:
    return load.profile if isinstance(load, OpenLoad) else None


def _steps(run: LoadRun) -> list[tuple[str, str, str]]:
    return [(step.name, step.method, step.path) for step in run.result.endpoints]


def _yes(holds: bool) -> Fact:
    return fact("value.yes") if holds else fact("value.no")


def _kept(run: LoadRun) -> Fact | None:
    if not run.scenario:
        return None
    return fact("value.kept") if run.cookies else fact("value.not-kept")


def _headers(run: LoadRun) -> Fact | str:
    return ", ".join(f"{name}: {as_typed(value)}" for name, value in run.headers) or fact("value.none")


def _each(run: LoadRun) -> Fact | str:
    if not run.keep_alive:
        return "1"
    return f"{run.requests_per_connection}" if run.requests_per_connection else fact("value.any")


_CONDITIONS: dict[str, Callable[[LoadRun], Fact | str | None]] = {
    "request": lambda run: run.title,
    "headers": _headers,
    "body": lambda run: fact("value.bytes", size=run.body_bytes),
    "status": lambda run: f"{run.expected_status}" if run.expected_status else None,
    "body-check": lambda run: _yes(run.body_checked),
    "cookies": _kept,
    "address": lambda run: None if run.unix_socket else run.address,
    "way": lambda run: run.unix_socket or "TCP",
    "certificates": lambda run: fact("value.any") if run.insecure else fact("value.checked"),
    "load": lambda run: run.load.what,
    "connections": lambda run: f"{run.load.connections:,}",
    "waiting": lambda run: f"{run.load.waiting:,}" if isinstance(run.load, OpenLoad) else None,
    "each": _each,
    "driver": lambda run: run.result.driver.name,
    "processes": lambda run: f"{run.result.engine.processes}" if run.result.engine else None,
    "warmup": lambda run: fact("value.seconds", seconds=run.window.warmup_s),
    "duration": lambda run: fact("value.seconds", seconds=run.window.duration_s),
    "timeout": lambda run: fact("value.seconds", seconds=run.window.timeout_s),
    "webdyno": lambda run: run.webdyno,
}
