"""The commands and their help. What they need is imported when they run, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Unpack

import typer

from ..questions.options import (
    CompareOptions,
    DoctorOptions,
    ExplainOptions,
    GateOptions,
    InitOptions,
    LoadOptions,
    OwnAppOptions,
    StoreOptions,
)
from .examples import (
    COMPARE_EXAMPLES,
    DOCTOR_EXAMPLES,
    EXPLAIN_EXAMPLES,
    GATE_EXAMPLES,
    INIT_EXAMPLES,
    LOAD_EXAMPLES,
    REPORT_EXAMPLES,
    SERVE_EXAMPLES,
)
from .grouped_help import GroupedCommand
from .options import option, taking

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Put Python web stacks on a dynamometer: which one carries more, at which latency,
for how much CPU and memory, and how sure that is.

\b
Examples:
  webdyno compare                                   the default stacks, 150 s
  webdyno compare flask@gunicorn fastapi@granian    these two
  webdyno compare shop.main:app@gunicorn shop.api:app@uvicorn --path /api/items
  webdyno init                                      a webdyno.toml for the app that is here
  webdyno load http://127.0.0.1:8000/ -d 10s         one running server
  webdyno list servers                              what can be named, with options
  webdyno doctor                                    is this machine fit to measure?
  webdyno explain flask@gunicorn fastapi@granian    which part makes the difference
  webdyno gate shop.main:app --base main --head HEAD  is the change slower?
  webdyno report --html last.html                   the last run again, no measuring

\b
Exit codes: 0 done, 1 a threshold was missed or a regression confirmed, 2 wrong use,
3 nothing valid measured, or the result could not be written, 130 interrupted (what
was measured is kept).""",
)

StackArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STACK",
        help="APP[==VERSION][@SERVER[==VERSION]][?key=value&...]; the first is the baseline. Put it in single quotes: "
        "&, ? and () mean something to a shell.",
        show_default=False,
    ),
]


JsonOption = Annotated[bool, option("Output", None, "Print one JSON document instead of the text.", "--json")]
QuietOption = Annotated[bool, option("Output", None, "Show no progress.", "--quiet", "-q")]


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__
        from .output import give

        give(f"webdyno {__version__}\n", "run it again")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command(epilog=COMPARE_EXAMPLES, cls=GroupedCommand)
@taking(CompareOptions)
def compare(
    *,
    stacks: StackArgument = None,
    html: Annotated[
        Path, option("Output", "FILE", "Where the report with charts is written. [default: report.html]")
    ] = Path("report.html"),
    no_html: Annotated[bool, option("Output", None, "Write no HTML report.", "--no-html")] = False,
    json: JsonOption = False,
    markdown: Annotated[bool, option("Output", None, "Print Markdown instead of the table.", "--markdown")] = False,
    quiet: QuietOption = False,
    **options: Unpack[CompareOptions],
) -> None:
    """Measure which stack carries more, and at which latency, CPU and memory cost.

    Every stack is started afresh in each block, in random order, on the same CPU budget, and put under a closed load
    (throughput, CPU per request) and an open load at one common rate (response time).
    """
    from .compare import ReportOptions, run_compare

    run_compare(stacks, ReportOptions(None if no_html else html, json=json, markdown=markdown, quiet=quiet), options)


@app.command(epilog=EXPLAIN_EXAMPLES, cls=GroupedCommand)
@taking(ExplainOptions)
def explain(
    *,
    one: Annotated[str, typer.Argument(metavar="STACK", help="A reference stack, as in compare.")],
    other: Annotated[str, typer.Argument(metavar="STACK", help="Another one.")],
    json: JsonOption = False,
    quiet: QuietOption = False,
    **options: Unpack[ExplainOptions],
) -> None:
    """Say which part of two stacks makes the difference: server, wrapper, framework or handler.

    Beside the two it measures what they are made of: an app without a framework on each server, in each wrapper, and
    the framework with a def handler. So it is known what a request costs at each layer, in CPU time.
    """
    from .explain import run_explain

    run_explain(one, other, options, json=json, quiet=quiet)


@app.command(epilog=SERVE_EXAMPLES, cls=GroupedCommand)
@taking(OwnAppOptions)
def serve(
    *,
    stack: Annotated[str, typer.Argument(metavar="STACK", help="As in compare.")],
    port: Annotated[
        int | None, typer.Option(help="Port to listen on. [default: a free one]", show_default=False, min=1, max=65535)
    ] = None,
    **options: Unpack[OwnAppOptions],
) -> None:
    """Run one stack in the foreground exactly as the trials do, and print its URL and command line."""
    from .serve import run_serve

    run_serve(stack, options, port=port)


@app.command(epilog=LOAD_EXAMPLES, cls=GroupedCommand)
@taking(LoadOptions)
def load(
    *,
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="URL", help="http[s]://HOST[:PORT][/PATH][?QUERY] of a running server.", show_default=False
        ),
    ] = None,
    compare: Annotated[Path | None, option("Output", "FILE", "Show an earlier --json beside it.")] = None,
    plot: Annotated[Path | None, option("Output", "FILE", "Draw the percentiles as .svg, .png or .html.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    **options: Unpack[LoadOptions],
) -> None:
    """Put one running server under load: webdyno's own wrk, timed so that a stall cannot hide."""
    from .load.command import LoadReport, run_load

    run_load(url, options, LoadReport(compare=compare, plot=plot, json=json, quiet=quiet))


@app.command(epilog=GATE_EXAMPLES, cls=GroupedCommand)
@taking(GateOptions)
def gate(
    *,
    base: Annotated[
        str | None, option("Sides", "REF|STACK", "What was: a git ref, or a stack where no APP is given.")
    ] = None,
    head: Annotated[str | None, option("Sides", "REF|STACK", "What is to come.")] = None,
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="APP",
            help="Your app with its server, as in compare: shop.main:app@gunicorn. It is checked out at both refs.",
            show_default=False,
        ),
    ] = None,
    inconclusive: Annotated[
        str | None,
        option("Sides", "pass|fail", "Exit with 0 or 1 where the limits cannot be decided. [default: exit with 3]"),
    ] = None,
    markdown: Annotated[Path | None, option("Output", "FILE", "Write a summary for a pull request there.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    **options: Unpack[GateOptions],
) -> None:
    """Is the head worse than the base? Both are measured here, in turn, and a regression is confirmed once more.

    It passes where the whole confidence interval of head/base lies within each limit, and fails where one lies beyond
    a limit in two measurements. Otherwise it is inconclusive, and says what would decide it. It goes on until the
    limits are decided, or --max-time is up.
    Of the refs it runs the app and what installing its requirements runs; no hook and no filter of git.
    With $GITHUB_STEP_SUMMARY set, the Markdown summary is also appended there. See docs/ci.md.
    """
    from .gate import GateReport, run_gate

    run_gate(base, head, app, options, GateReport(inconclusive, markdown, json=json, quiet=quiet))


@app.command(epilog=DOCTOR_EXAMPLES, cls=GroupedCommand)
@taking(DoctorOptions)
def doctor(*, json: JsonOption = False, quiet: QuietOption = False, **options: Unpack[DoctorOptions]) -> None:
    """Is this machine fit to measure? Says what it sees, whether it matters and what to do.

    Then it compares a stack with itself, and says how small a difference can be seen here; later comparisons into the
    same store take nothing below that for a difference.
    """
    from .doctor import run_doctor

    run_doctor(options, json=json, quiet=quiet)


@app.command(epilog=INIT_EXAMPLES, cls=GroupedCommand)
@taking(InitOptions)
def init(**options: Unpack[InitOptions]) -> None:
    """Find the app that is here, and write a webdyno.toml for it.

    Sources are read first (Flask, FastAPI, Quart, Starlette, Django, Litestar, Falcon, Sanic, aiohttp and others, other
    WSGI and ASGI callables, factories such as create_app), and not run. Then the likeliest app is imported in its own
    interpreter, and the next one where that fails. Others stand in the file as comments.
    """
    from .init import run_init

    run_init(options)


@app.command("list")
def list_(
    what: Annotated[
        str, typer.Argument(metavar="stacks|servers|apps|workloads|drivers", help="What to list.")
    ] = "stacks",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what can be named: apps, servers with their options, every stack made of them, and what they are asked."""
    from .listing import run_list

    run_list(what, json=json)


@app.command(cls=GroupedCommand)
@taking(StoreOptions)
def runs(*, json: JsonOption = False, **options: Unpack[StoreOptions]) -> None:
    """Show the runs that are kept, newest first."""
    from .runs import run_runs

    run_runs(options, json=json)


@app.command(epilog=REPORT_EXAMPLES, cls=GroupedCommand)
@taking(StoreOptions)
def report(
    *,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="Id of a run or its beginning, or a JSON document. [default: the newest]",
            show_default=False,
        ),
    ] = None,
    html: Annotated[Path | None, option("Output", "FILE", "Write the page with charts there.")] = None,
    json: JsonOption = False,
    markdown: Annotated[bool, option("Output", None, "Print Markdown instead of the table.", "--markdown")] = False,
    **options: Unpack[StoreOptions],
) -> None:
    """Tell a kept run again; nothing is measured."""
    from .compare import ReportOptions
    from .runs import run_report

    run_report(run, options, ReportOptions(html, json=json, markdown=markdown, quiet=False))
