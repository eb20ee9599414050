"""`webdyno load`: one server that is already there under load, told at once."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from ..analysis.load_result import LoadAnalysis, analyse_load
from ..analysis.thresholds import parse_threshold
from ..errors import Interrupted
from ..lab.load import LoadPlan, measure_load
from ..lab.load_target import parse_target
from ..model.load_run import LoadRun
from ..report.load.comparison import compare_loads
from ..report.load.document import to_json
from ..report.load.terminal import render
from .load_live import LiveLoad
from .load_values import check_plot, expected_body, read_earlier, read_load, read_request, read_window
from .values import body_bytes

EXIT_MISSED = 1
EXIT_INVALID = 3


@dataclass(frozen=True)
class LoadOptions:
    """The options as the user typed them; see `webdyno load --help`."""

    connections: int | None
    rate: float | None
    arrivals: str | None
    duration: str
    warmup: str
    timeout: str
    method: str
    header: list[str] | None
    body: str | None
    status: int | None
    expect_body: str | None
    seed: int | None
    threshold: list[str] | None
    compare: Path | None
    plot: Path | None
    json: bool
    quiet: bool


def run_load(url: str, options: LoadOptions) -> None:
    """Carry out `webdyno load`, and exit.

    Raises:
        UsageError: something cannot be carried out as written; said before anything is sent.
        MeasurementError: the server cannot be reached or does not answer as expected.
        Interrupted: Ctrl-C or SIGTERM; its details tell the part that was measured.
    """
    thresholds = [parse_threshold(text) for text in options.threshold or ()]
    check_plot(options.plot)
    earlier = read_earlier(options.compare) if options.compare else None
    target = parse_target(url)
    plan = LoadPlan(
        target=target,
        request=read_request(target.path, options.method, options.header, body_bytes(options.body)),
        status=options.status,
        body=expected_body(options.expect_body),
        load=read_load(options.connections, options.rate, options.arrivals),
        window=read_window(options.duration, options.warmup, options.timeout),
        seed=secrets.randbelow(2**31) if options.seed is None else options.seed,
    )
    run = _measure(plan, quiet=options.quiet or options.json)
    analysis = analyse_load(run, thresholds)
    _tell(run, analysis, earlier, options)
    raise typer.Exit(exit_code(analysis))


def exit_code(analysis: LoadAnalysis) -> int:
    """3 where the load is not valid, 1 where a threshold was missed, else 0."""
    if not analysis.valid:
        return EXIT_INVALID
    return 0 if all(outcome.met for outcome in analysis.thresholds) else EXIT_MISSED


def _measure(plan: LoadPlan, *, quiet: bool) -> LoadRun:
    live = LiveLoad(plan.target.url, plan.load, plan.window, quiet=quiet, blocks=_has_blocks(sys.stderr.encoding))
    try:
        with live:
            return measure_load(plan, live)
    except Interrupted as error:
        part = live.part()
        said = f"{error.message}: " + ("no result, only this part" if part else "nothing complete")
        raise Interrupted(said, details=part) from error


def _tell(run: LoadRun, analysis: LoadAnalysis, earlier: LoadRun | None, options: LoadOptions) -> None:
    if options.json:
        print(to_json(run, analysis), end="")
    else:
        console = Console(highlight=False)
        beside = (
            compare_loads((run, analysis), (earlier, analyse_load(earlier)), str(options.compare)) if earlier else None
        )
        blocks = _has_blocks(sys.stdout.encoding)
        console.print(render(run, analysis, beside, width=console.width, blocks=blocks))
    if options.plot:
        _plot([("now", run), *([("earlier", earlier)] if earlier else [])], analysis, options.plot)


def _plot(runs: Sequence[tuple[str, LoadRun]], analysis: LoadAnalysis, path: Path) -> None:
    # Its libraries take half a second to import.
    from ..report.load.plot import draw
    from ..store.document import write_file

    write_file(draw(runs, analysis, path.suffix.lower().removeprefix(".")), path)
    print(f"plot: {path}", file=sys.stderr)


def _has_blocks(encoding: str | None) -> bool:
    try:
        "█".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
