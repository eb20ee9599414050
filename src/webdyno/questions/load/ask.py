"""Put one running server under load, and say what came of it."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

from ...analysis.load_result import analyse_load
from ...analysis.thresholds import Threshold, parse_threshold
from ...errors import Interrupted, UsageError
from ...lab.load import LoadPlan, measure_load
from ...lab.load_target import parse_target
from ...load.drivers.table import find_driver
from ...load.job import LoadEvent, LoadJob, Tick
from ...load.scenario_check import check_memory
from ...model.http_request import asks_to_close
from ...model.load_run import LoadPart
from ...model.secrets import Secrets
from ...report.result import LoadResult
from ...units import printable
from ..compare import ignore
from ..option import checked
from ..options import LoadOptions
from .arrivals import read_load, read_window
from .part import in_words, part_of
from .request import read_expected, read_request, read_scenario_of, read_tls


class LoadInterrupted(Interrupted):
    """A load was ended early.

    Attributes:
        part: what had been measured of its window; None where that is nothing.
    """

    def __init__(self, message: str, part: LoadPart | None) -> None:
        said = f"{message}: " + ("no result, only this part" if part else "nothing complete")
        super().__init__(said, details=in_words(part) if part else ())
        self.part = part


Tell = Callable[[str], None]
Emit = Callable[[LoadEvent], None]


def load(url: str, *, emit: Emit = ignore, tell: Tell = warnings.warn, **options: Unpack[LoadOptions]) -> LoadResult:
    """Put one running server under load: closed, or open where arrivals are given.

    >>> found = webdyno.load("http://127.0.0.1:8000/", rate=500, duration=10)  # doctest: +SKIP
    >>> print(found.analysis.latency)  # doctest: +SKIP

    Args:
        url: `http[s]://HOST[:PORT][/PATH][?QUERY]`.
        emit: told of what the load generator says meanwhile, about once a second.
        tell: told of processes that could not be ended.
        **options: see `docs/python.md`; times in seconds.

    Returns:
        The load and its analysis. `analysis.valid` says whether it may be used.

    Raises:
        UsageError: something cannot be carried out as written; said before anything is sent.
        MeasurementError: the server cannot be reached or does not answer as expected.
        LoadInterrupted: Ctrl-C or SIGTERM.
    """
    asked = checked(LoadOptions, options)
    thresholds = thresholds_of(asked)
    return measured(plan_load(url, asked), thresholds, emit, tell)


def thresholds_of(options: LoadOptions) -> list[Threshold]:
    """What is to be met.

    Raises:
        UsageError: one cannot be read.
    """
    return [parse_threshold(text) for text in options["threshold"] or ()]


def plan_load(url: str, options: LoadOptions, *, seconds: bool = True) -> LoadPlan:
    """What is to be done, not yet begun.

    Args:
        url: where to.
        options: checked.
        seconds: keep the figures of each second.

    Raises:
        UsageError: it cannot be carried out as written.
    """
    hidden = options.get("hidden", {})
    target = parse_target(url, Secrets(hidden).text(url) if hidden else url)
    load = read_load(options)
    if options["no_keep_alive"] and options["requests_per_connection"] is not None:
        raise UsageError("--no-keep-alive and --requests-per-connection exclude each other", "give one of them")
    request = read_request(target.path, options)
    scenario = read_scenario_of(options, target, request.headers)
    if scenario is not None:
        check_memory(scenario, load.connections)
    seed = options["seed"]
    job = LoadJob(
        host=target.host,
        port=target.port,
        request=request,
        scenario=scenario,
        expected=read_expected(options),
        load=load,
        window=read_window(options, load),
        seed=secrets.randbelow(2**31) if seed is None else seed,
        unix_socket=_socket_path(options["unix_socket"]),
        tls=read_tls(target, options),
        # A scenario's steps may differ in that.
        keep_alive=not (options["no_keep_alive"] or (scenario is None and asks_to_close(request.headers))),
        requests_per_connection=options["requests_per_connection"],
        ticks=True,
        seconds=seconds,
    )
    file = options["scenario"]
    driver = find_driver(options["driver"])
    return LoadPlan(target, job, printable(Path(file).name) if file else None, options["processes"], driver, hidden)


def measured(plan: LoadPlan, thresholds: Sequence[Threshold], emit: Emit, tell: Tell) -> LoadResult:
    """Carry out a plan.

    Raises:
        MeasurementError: the server cannot be reached or does not answer as expected.
        LoadInterrupted: Ctrl-C or SIGTERM.
    """
    ticks: list[Tick] = []

    def told(event: LoadEvent) -> None:
        if isinstance(event, Tick):
            ticks.append(event)
        emit(event)

    try:
        run = measure_load(plan, told, tell)
    except Interrupted as error:
        raise LoadInterrupted(error.message, part_of(ticks, plan)) from error
    return LoadResult(run, analyse_load(run, thresholds))


def _socket_path(text: str | None) -> str | None:
    # It stands in documents and on screens.
    if text is not None and not (text and text.isprintable()):
        raise UsageError(
            f"--unix-socket {printable(text)!r} is empty or cannot be shown",
            "give the path on which the server listens",
        )
    return text
