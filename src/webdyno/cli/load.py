"""`webdyno load`: one server that is already there under load, told at once."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from ..analysis.load_result import LoadAnalysis, analyse_load
from ..analysis.thresholds import parse_threshold
from ..errors import Interrupted, NotGiven, UsageError
from ..lab.load import LoadPlan, measure_load
from ..lab.load_target import Target, parse_target
from ..load.job import LoadJob
from ..load.scenario_check import check_memory
from ..model.http_request import asks_to_close
from ..model.load_run import LoadRun
from ..report.load.comparison import compare_loads
from ..report.load.document import to_json
from ..report.load.terminal import render
from ..units import printable
from .environment import Filler
from .load_arrivals import read_load, read_window
from .load_live import LiveLoad
from .load_options import LoadOptions
from .load_part import in_words, part_of
from .load_request import read_expected, read_request, read_scenario_of, read_tls
from .load_values import Earlier, check_plot, read_earlier
from .output import give, rendered, say

EXIT_MISSED = 1
EXIT_INVALID = 3
_LOST = "nothing else holds what was measured: make room, and run it again"


def run_load(url: str, options: LoadOptions) -> None:
    """Carry out `webdyno load`, and exit.

    Raises:
        UsageError: something cannot be carried out as written; said before anything is sent.
        MeasurementError: the server cannot be reached or does not answer as expected.
        Interrupted: Ctrl-C or SIGTERM; its details tell the part that was measured.
    """
    thresholds = [parse_threshold(text) for text in options.threshold or ()]
    check_plot(options.plot)
    if options.compare and options.json and not options.plot:
        raise UsageError("--compare shows nothing with --json", "leave one of them out, or draw both: --plot FILE")
    earlier = read_earlier(options.compare) if options.compare else None
    filler = Filler()
    target = parse_target(filler.fill(url, "the URL"), url)
    run = _measure(_plan(target, options, filler), options)
    analysis = analyse_load(run, thresholds)
    _tell(run, analysis, earlier, options)
    raise typer.Exit(exit_code(analysis))


def exit_code(analysis: LoadAnalysis) -> int:
    """3 where the load is not valid, 1 where a threshold was missed, else 0."""
    if not analysis.valid:
        return EXIT_INVALID
    return 0 if all(outcome.met for outcome in analysis.thresholds) else EXIT_MISSED


def _plan(target: Target, options: LoadOptions, filler: Filler) -> LoadPlan:
    load = read_load(options)
    if options.no_keep_alive and options.requests_per_connection is not None:
        raise UsageError("--no-keep-alive and --requests-per-connection exclude each other", "give one of them")
    request = read_request(target.path, options, filler)
    scenario = read_scenario_of(options, target, request.headers)
    if scenario is not None:
        check_memory(scenario, load.connections)
    job = LoadJob(
        host=target.host,
        port=target.port,
        request=request,
        scenario=scenario,
        expected=read_expected(options, filler),
        load=load,
        window=read_window(options, load),
        seed=secrets.randbelow(2**31) if options.seed is None else options.seed,
        unix_socket=_socket_path(options.unix_socket),
        tls=read_tls(target, options),
        # A scenario's steps may differ in that.
        keep_alive=not (options.no_keep_alive or (scenario is None and asks_to_close(request.headers))),
        requests_per_connection=options.requests_per_connection,
        ticks=True,
        # The document holds them; without it nobody would see them.
        seconds=options.json,
    )
    name = printable(options.scenario.name) if options.scenario else None
    return LoadPlan(target, job, name, options.processes, filler.used)


def _socket_path(text: str | None) -> str | None:
    # It stands in documents and on screens.
    if text is not None and not (text and text.isprintable()):
        raise UsageError(
            f"--unix-socket {printable(text)!r} is empty or cannot be shown",
            "give the path on which the server listens",
        )
    return text


def _measure(plan: LoadPlan, options: LoadOptions) -> LoadRun:
    quiet = options.quiet or options.json
    live = LiveLoad(
        f"{plan.scenario} at {plan.target.url}" if plan.scenario else plan.target.url,
        plan.job.load,
        plan.job.window,
        quiet=quiet,
        blocks=_has_blocks(sys.stderr.encoding),
    )
    try:
        with live:
            return measure_load(plan, live, lambda text: print(text, file=sys.stderr))
    except Interrupted as error:
        part = part_of(live.ticks, plan)
        if part and options.json:
            give(part.model_dump_json(by_alias=True, indent=2) + "\n", _LOST)
        said = f"{error.message}: " + ("no result, only this part" if part else "nothing complete")
        raise Interrupted(said, details=in_words(part) if part else ()) from error


def _tell(run: LoadRun, analysis: LoadAnalysis, earlier: Earlier | None, options: LoadOptions) -> None:
    try:
        give(_text(run, analysis, earlier, options), _LOST)
    finally:
        if options.plot:
            _plot([("now", run), *([("earlier", earlier[0])] if earlier else [])], analysis, options.plot)


def _text(run: LoadRun, analysis: LoadAnalysis, earlier: Earlier | None, options: LoadOptions) -> str:
    if options.json:
        return to_json(run, analysis)
    console, blocks = Console(highlight=False), _has_blocks(sys.stdout.encoding)
    beside = compare_loads((run, analysis), earlier, str(options.compare)) if earlier else None
    return rendered(console, render(run, analysis, beside, width=console.width, blocks=blocks))


def _plot(runs: Sequence[tuple[str, LoadRun]], analysis: LoadAnalysis, path: Path) -> None:
    # Its libraries take half a second to import.
    from ..report.load.plot import draw
    from ..store.document import write_file

    drawn = draw(runs, analysis, path.suffix.lower().removeprefix("."))
    try:
        write_file(drawn, path)
    except NotGiven as error:
        remedy = "free some space or the permission; what was measured is told all the same"
        raise NotGiven(error.message, remedy) from error
    say(f"plot: {printable(str(path))}")


def _has_blocks(encoding: str | None) -> bool:
    try:
        "█".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
