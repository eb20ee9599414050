"""Put one running server under load, and say what came of it."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from ...analysis.load.threshold import parse_threshold
from ...analysis.validity.rule import rules_of_others
from ...errors import Interrupted, UsageError
from ...lab.measure_load import LoadPlan, measure_load
from ...loadgen.drivers.table import find_driver
from ...loadgen.job import LoadEvent, LoadJob, Tick
from ...loadgen.scenario_check import check_memory
from ...model.http_request import asks_to_close
from ...model.load_run import LoadPart
from ...model.new_id import new_id
from ...model.secrets import Secrets
from ...model.target import parse_target
from ...report.result import LoadResult
from ...units import printable
from ..analysed import result_of
from ..compare import ignore
from ..keeping import keep, opened
from ..option import check_texts, checked
from ..options import LoadOptions
from .part import in_words, part_of
from .request import read_expected, read_request, read_scenario_of, read_tls
from .timing import read_load, read_window


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
    check_texts("give an address as a text: http://127.0.0.1:8000/", url=url)
    asked = checked(LoadOptions, options)
    check_thresholds(asked)
    return measured(plan_load(url, asked), asked, emit, tell)


def check_thresholds(options: LoadOptions) -> None:
    """See that what is to be met can be read.

    Raises:
        UsageError: one cannot.
    """
    for text in options["threshold"] or ():
        parse_threshold(text)


def plan_load(url: str, options: LoadOptions, *, seconds: bool = True) -> LoadPlan:
    """What is to be done, not yet begun.

    Args:
        url: where to.
        options: checked.
        seconds: keep the figures of each second.

    Raises:
        UsageError: it cannot be carried out as written.
    """
    # One that cannot be loaded is refused before anything is measured.
    rules_of_others()
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


def measured(plan: LoadPlan, options: LoadOptions, emit: Emit, tell: Tell) -> LoadResult:
    """Carry out a plan, and keep what came of it.

    Raises:
        UsageError: what it is to be kept in cannot be used; said before anything is sent.
        MeasurementError: the server cannot be reached or does not answer as expected.
        LoadInterrupted: Ctrl-C or SIGTERM.
    """
    ticks: list[Tick] = []

    def told(event: LoadEvent) -> None:
        if isinstance(event, Tick):
            ticks.append(event)
        emit(event)

    with opened(options["store"]) as store:
        try:
            run = measure_load(plan, told, tell)
        except Interrupted as error:
            raise LoadInterrupted(error.message, part_of(ticks, plan)) from error
        thresholds = tuple(options["threshold"] or ())
        result = result_of(run.model_copy(update={"id": new_id(run.started), "thresholds": thresholds}))
        return replace(result, not_kept=keep(store, result.run))


def _socket_path(text: str | None) -> str | None:
    # It stands in documents and on screens.
    if text is not None and not (text and text.isprintable()):
        raise UsageError(
            f"--unix-socket {printable(text)!r} is empty or cannot be shown",
            "give the path on which the server listens",
        )
    return text
