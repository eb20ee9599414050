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
from .commands import Commands
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
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Benchmark Python web stacks under real load: throughput, latency, CPU and memory,
with confidence intervals.

\b
Examples:
  webdyno compare                                   the default stacks, 150 s
  webdyno compare flask@gunicorn fastapi@granian    these two
  webdyno compare shop.main:app@gunicorn shop.api:app@uvicorn --path /api/items
  webdyno init                                      write a webdyno.toml for the app in this directory
  webdyno load http://127.0.0.1:8000/ -d 10s         one running server
  webdyno list servers                              what can be named, with options
  webdyno doctor                                    is this machine fit to measure?
  webdyno explain flask@gunicorn fastapi@granian    which layer makes the difference
  webdyno gate shop.main:app --base main --head HEAD  is the change slower?
  webdyno report --html last.html                   the last run again, without measuring

\b
Exit codes: 0 done, 1 a threshold was missed or a regression was confirmed,
2 usage error, 3 nothing valid was measured or the result could not be written,
130 interrupted (what was measured is kept).""",
)

StackArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STACK",
        help="APP[==VERSION][@SERVER[==VERSION]][?key=value&...], or url=URL[,pid=N] for a server that already runs; "
        "the first is the baseline. Quote it: the shell interprets &, ? and ().",
        show_default=False,
    ),
]


JsonOption = Annotated[bool, option("Output", None, "Print JSON.", "--json")]
MarkdownOption = Annotated[bool, option("Output", None, "Print Markdown.", "--markdown")]
FormatOption = Annotated[
    str | None, option("Output", "NAME", "Print it in this format; webdyno list formats shows them.", "--format")
]
OutputOption = Annotated[
    list[Path] | None,
    option("Output", "FILE", "Write it there as well, in the format that the name ends in; repeatable.", "--output"),
]
QuietOption = Annotated[bool, option("Output", None, "Suppress progress output.", "--quiet", "-q")]
VerboseOption = Annotated[
    bool,
    option(
        "Output", None, "Say what happened in blocks that differ much, and the ratios without it.", "--verbose", "-v"
    ),
]


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
    no_html: Annotated[bool, option("Output", None, "Do not write an HTML report.", "--no-html")] = False,
    continue_: Annotated[
        bool,
        option(
            "Time",
            None,
            "Add blocks to a stored run, the newest or the one named instead of stacks, until it is decided or "
            "--max-time is up; --blocks N adds N blocks.",
            "--continue",
        ),
    ] = False,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    **options: Unpack[CompareOptions],
) -> None:
    """Compare stacks: throughput, latency, CPU and memory.

    Each block starts every stack in a fresh process, in random order, on the same CPUs, and measures it under a closed
    load (throughput, CPU per request) and an open load at one fixed rate (response times). A server that already runs
    (url=URL) is measured as it is. With --continue, STACK is the ID of a stored run, or its beginning.
    """
    from .compare import run_compare
    from .telling import read_telling

    flags, files = {"json": json, "markdown": markdown}, {"html": None if no_html else html}
    telling = read_telling(quiet=quiet, verbose=verbose, format=format, flags=flags, files=files, output=output)
    run_compare(stacks, telling, options, continues=continue_)


@app.command(epilog=EXPLAIN_EXAMPLES, cls=GroupedCommand)
@taking(ExplainOptions)
def explain(
    *,
    one: Annotated[str, typer.Argument(metavar="STACK", help="A reference stack, as in compare.")],
    other: Annotated[str, typer.Argument(metavar="STACK", help="The stack to compare it with.")],
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    **options: Unpack[ExplainOptions],
) -> None:
    """Show which layer makes two stacks differ: server, wrapper, framework or handler.

    It also measures what they are made of (an app without a framework on each server and in each wrapper, and the
    framework with a def handler), and so the CPU time per request of each layer.
    """
    from .explain import run_explain
    from .telling import read_telling

    telling = read_telling(quiet=quiet, format=format, flags={"json": json}, output=output)
    run_explain(one, other, telling, options)


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
    """Run one stack in the foreground, exactly as it is measured, and print its URL and command line."""
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
    compare: Annotated[Path | None, option("Output", "FILE", "Compare with an earlier --json output.")] = None,
    plot: Annotated[Path | None, option("Output", "FILE", "Plot the percentiles as .svg, .png or .html.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    **options: Unpack[LoadOptions],
) -> None:
    """Load-test a running server, without coordinated omission."""
    from .load.command import Beside, run_load
    from .telling import read_telling

    telling = read_telling(quiet=quiet, format=format, flags={"json": json}, output=output)
    run_load(url, Beside(compare, plot), telling, options)


@app.command(epilog=GATE_EXAMPLES, cls=GroupedCommand)
@taking(GateOptions)
def gate(
    *,
    base: Annotated[
        str | None, option("Sides", "REF|STACK", "Baseline: a git ref, or a stack if no APP is given.")
    ] = None,
    head: Annotated[
        str | None, option("Sides", "REF|STACK", "Candidate: a git ref, or a stack if no APP is given.")
    ] = None,
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="APP",
            help="Your app with its server, as in compare: shop.main:app@gunicorn. Both refs are checked out.",
            show_default=False,
        ),
    ] = None,
    inconclusive: Annotated[
        str | None,
        option("Sides", "pass|fail", "Exit with 0 (pass) or 1 (fail) if inconclusive. [default: exit with 3]"),
    ] = None,
    markdown: Annotated[
        Path | None, option("Output", "FILE", "Write a summary for the pull request to this file.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    **options: Unpack[GateOptions],
) -> None:
    """Fail if HEAD is slower than the base.

    Both are measured here, in turn. The gate passes if the confidence interval of head/base is within every limit, and
    fails if it is beyond one in two measurements; otherwise it is inconclusive, and the output says what would decide
    it. It stops as soon as every limit is decided, or --max-time is up.
    Of each ref it runs the app and the installation of its requirements, but no git hooks or filters.
    If $GITHUB_STEP_SUMMARY is set, the Markdown summary is appended to that file. See docs/ci.md.
    """
    from .gate import AskedSides, run_gate
    from .telling import read_telling

    flags, files = {"json": json}, {"markdown": markdown}
    telling = read_telling(quiet=quiet, format=format, flags=flags, files=files, output=output)
    run_gate(AskedSides(base, head, app, inconclusive), telling, options)


@app.command(epilog=DOCTOR_EXAMPLES, cls=GroupedCommand)
@taking(DoctorOptions)
def doctor(
    *,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    **options: Unpack[DoctorOptions],
) -> None:
    """Check whether this machine is fit to measure, and what to do about it.

    It also compares a stack with itself to find the smallest difference that can be measured here; later comparisons
    with the same store report nothing smaller as a difference.
    """
    from .doctor import run_doctor
    from .telling import read_telling

    run_doctor(read_telling(quiet=quiet, format=format, flags={"json": json}, output=output), options)


@app.command(epilog=INIT_EXAMPLES, cls=GroupedCommand)
@taking(InitOptions)
def init(**options: Unpack[InitOptions]) -> None:
    """Find the app in this directory, and write a webdyno.toml for it.

    The source files are read, not run, to find apps (Flask, FastAPI, Quart, Starlette, Django, Litestar, Falcon, Sanic,
    aiohttp, other WSGI and ASGI callables) and factories such as create_app. The most likely one is then imported in
    its own interpreter; if that fails, the next. The others are listed in the file as comments.
    """
    from .init import run_init

    run_init(options)


@app.command("list")
def list_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="stacks|servers|apps|workloads|dependencies|drivers|probes|formats", help="What to list."
        ),
    ] = "stacks",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List apps, servers with their options, stacks, workloads and load tools."""
    from .list import run_list

    run_list(what, json=json)


@app.command(cls=GroupedCommand)
@taking(StoreOptions)
def runs(*, json: JsonOption = False, **options: Unpack[StoreOptions]) -> None:
    """List stored runs, newest first."""
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
            help="Run ID or its beginning, or a JSON document. [default: the newest]",
            show_default=False,
        ),
    ] = None,
    html: Annotated[Path | None, option("Output", "FILE", "Write the HTML report with charts to this file.")] = None,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    verbose: VerboseOption = False,
    **options: Unpack[StoreOptions],
) -> None:
    """Re-render a saved run without measuring."""
    from .runs import run_report
    from .telling import read_telling

    flags = {"json": json, "markdown": markdown}
    telling = read_telling(verbose=verbose, format=format, flags=flags, files={"html": html}, output=output)
    run_report(run, options, telling)
