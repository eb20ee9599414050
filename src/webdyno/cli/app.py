"""The commands and their help. What they need is imported when they run, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .gate_command import GATE_EXAMPLES, gate
from .grouped_help import GroupedCommand
from .load_command import LOAD_EXAMPLES, load
from .options import DEFAULT_STORE, HEADER, HEADER_FORMS, MOST_SEED, AppDir, Env, Python, StartTimeout, StoreOption

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

COMPARE_EXAMPLES = """\b
Examples:
  webdyno compare 'flask@gunicorn?workers=2' 'fastapi@uvicorn?workers=2'
  webdyno compare fastapi==0.110.0@uvicorn==0.30.0 fastapi@uvicorn -n 10
  webdyno compare flask@gunicorn flask@waitress --precision 3% --max-time 10m
  webdyno compare flask@gunicorn fastapi@uvicorn --workload 'fanout?n=50'
  webdyno compare flask==2.3.3@gunicorn flask@gunicorn --duet --max-time 60s
  webdyno compare shop.main:app@gunicorn other.api:app@uvicorn --app-dir src \\
      --path /api/items --header 'Authorization: Bearer ${env.TOKEN}' \\
      --env DATABASE_URL --env MODE=bench
  webdyno compare 'shop:create_app("prod")@gunicorn' --start-timeout 2m"""
EXPLAIN_EXAMPLES = """\b
Examples:
  webdyno explain flask@gunicorn 'fastapi@gunicorn?worker_class=uvicorn'
  webdyno explain fastapi@uvicorn fastapi@granian -n 10"""
SERVE_EXAMPLES = """\b
Examples:
  webdyno serve fastapi@granian --port 8000
  webdyno serve shop.main:app@gunicorn --app-dir src"""
DOCTOR_EXAMPLES = """\b
Examples:
  webdyno doctor                    about 45 s
  webdyno doctor --quick            only looks, 2 s
  webdyno doctor --json > machine.json

\b
Exit codes: 0 done, 2 wrong use, 3 the smallest difference could not be found, or
the result not be written, 130 interrupted."""
REPORT_EXAMPLES = """\b
Examples:
  webdyno report                          the newest run as a table
  webdyno report 20261121 --html r.html   that run as a page
  webdyno report colleague.json           a document somebody sent"""


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


@app.command(epilog=COMPARE_EXAMPLES)
def compare(
    stacks: StackArgument = None,
    workload: Annotated[
        str | None,
        typer.Option(
            "--workload",
            "-w",
            metavar="NAME[?key=value&...]",
            help="What the reference services are asked to do, in place of --path; see webdyno list workloads.",
            rich_help_panel="Workload",
            show_default=False,
        ),
    ] = None,
    path: Annotated[str | None, typer.Option(help="What is asked for. [default: /]", show_default=False)] = None,
    method: Annotated[str, typer.Option(help="HTTP method.")] = "GET",
    header: Annotated[
        list[str] | None,
        typer.Option(metavar=HEADER_FORMS, help=HEADER),
    ] = None,
    body: Annotated[str | None, typer.Option(help="Request body, or @FILE.", show_default=False)] = None,
    status: Annotated[
        int | None, typer.Option(help="Status that must come back. [default: any 2xx]", show_default=False)
    ] = None,
    expect_body: Annotated[
        str | None,
        typer.Option(metavar="TEXT|@FILE", help="The body of every right response. [default: any]", show_default=False),
    ] = None,
    expect_json: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=VALUE",
            help="A value that every JSON body must hold, such as user.id=7; repeatable.",
            show_default=False,
        ),
    ] = None,
    app_dir: AppDir = None,
    python: Python = None,
    env: Env = None,
    connections: Annotated[int, typer.Option("--connections", "-c", help="Connections at saturation.")] = 32,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            "-r",
            help="Arrivals per second for the response time. [default: half of what the slowest stack carries]",
            show_default=False,
        ),
    ] = None,
    arrivals: Annotated[str, typer.Option(help="poisson or constant.")] = "poisson",
    duration: Annotated[str, typer.Option("--duration", "-d", help="Length of each measured window.")] = "1s",
    warmup: Annotated[str, typer.Option(help="The same load before each window, not counted.")] = "0.3s",
    timeout: Annotated[str, typer.Option(help="A request without an answer for so long has failed.")] = "10s",
    start_timeout: StartTimeout = "30s",
    blocks: Annotated[
        int | None,
        typer.Option(
            "--blocks",
            "-n",
            help="Fresh starts of every stack. [default: as many as fit into --max-time]",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="N%",
            help="In place of --blocks: go on until half of the 95 % interval of every ratio is within it (at least 6 "
            "blocks), or --max-time is up.",
            show_default=False,
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Give verdicts on this only and take --precision of it: throughput, cpu_per_request, p50, p99 or "
            "memory; repeatable. It decides sooner; the response time is measured only where asked. [default: all; "
            "precision of throughput]",
            show_default=False,
        ),
    ] = None,
    duet: Annotated[
        bool,
        typer.Option(
            "--duet",
            help="Run both of two stacks at the same time on the same cores: the sharpest comparison of CPU per "
            "request on a noisy machine. Beside it only memory is told.",
        ),
    ] = False,
    max_time: Annotated[
        str, typer.Option(help="Time after set-up, at least two blocks; no limit where --blocks is given.")
    ] = "150s",
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_SEED, help="Of order, arrivals and hash seeds. [default: a new one]", show_default=False
        ),
    ] = None,
    html: Annotated[Path, typer.Option(help="Where the report with charts is written.")] = Path("report.html"),
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no HTML report.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of the table.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown instead of the table.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Measure which stack carries more, and at which latency, CPU and memory cost.

    Every stack is started afresh in each block, in random order, on the same CPU budget, and put under a closed load
    (throughput, CPU per request) and an open load at one common rate (response time).
    """
    from .compare import ReportOptions, run_compare

    run_compare(
        stacks,
        ReportOptions(html=None if no_html else html, json=json, markdown=markdown, quiet=quiet),
        workload=workload,
        path=path,
        method=method,
        headers=header,
        body=body,
        status=status,
        expect_body=expect_body,
        expect_json=expect_json,
        app_dir=app_dir,
        python=python,
        env=env,
        connections=connections,
        rate=rate,
        arrivals=arrivals,
        duration=duration,
        warmup=warmup,
        timeout=timeout,
        start_timeout=start_timeout,
        blocks=blocks,
        precision=precision,
        metric=metric,
        duet=duet,
        max_time=max_time,
        seed=seed,
        store=store,
    )


@app.command(epilog=EXPLAIN_EXAMPLES)
def explain(
    one: Annotated[str, typer.Argument(metavar="STACK", help="A reference stack, as in compare.")],
    other: Annotated[str, typer.Argument(metavar="STACK", help="Another one.")],
    connections: Annotated[int, typer.Option("--connections", "-c", help="Connections at saturation.")] = 32,
    duration: Annotated[str, typer.Option("--duration", "-d", help="Length of each measured window.")] = "1s",
    warmup: Annotated[str, typer.Option(help="The same load before each window, not counted.")] = "0.3s",
    blocks: Annotated[
        int | None,
        typer.Option(
            "--blocks",
            "-n",
            help="Fresh starts of every stack. [default: as many as fit into --max-time]",
            show_default=False,
        ),
    ] = None,
    max_time: Annotated[str, typer.Option(help="Time after set-up.")] = "150s",
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_SEED, help="Of order and hash seeds. [default: a new one]", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Say which part of two stacks makes the difference: server, wrapper, framework or handler.

    Beside the two it measures what they are made of: an app without a framework on each server, in each wrapper, and
    the framework with a def handler. So it is known what a request costs at each layer, in CPU time.
    """
    from .explain import run_explain

    run_explain(
        one,
        other,
        json=json,
        quiet=quiet,
        connections=connections,
        duration=duration,
        warmup=warmup,
        blocks=blocks,
        max_time=max_time,
        seed=seed,
        store=store,
    )


@app.command(epilog=SERVE_EXAMPLES)
def serve(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="As in compare.")],
    port: Annotated[
        int | None, typer.Option(help="Port to listen on. [default: a free one]", show_default=False, min=1, max=65535)
    ] = None,
    app_dir: AppDir = None,
    python: Python = None,
    env: Env = None,
    start_timeout: StartTimeout = "30s",
) -> None:
    """Run one stack in the foreground exactly as the trials do, and print its URL and command line."""
    from .serve import run_serve

    run_serve(stack, port=port, app_dir=app_dir, python=python, env=env, start_timeout=start_timeout)


app.command(epilog=LOAD_EXAMPLES, cls=GroupedCommand)(load)
app.command(epilog=GATE_EXAMPLES, cls=GroupedCommand)(gate)


@app.command(epilog=DOCTOR_EXAMPLES)
def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Only look; measure nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Is this machine fit to measure? Says what it sees, whether it matters and what to do.

    Then it compares a stack with itself, and says how small a difference can be seen here; later comparisons into the
    same store take nothing below that for a difference.
    """
    from .doctor import DoctorOptions, run_doctor

    run_doctor(DoctorOptions(store=store, quick=quick, json=json, quiet=quiet))


@app.command("list")
def list_(
    what: Annotated[str, typer.Argument(metavar="stacks|servers|apps|workloads", help="What to list.")] = "stacks",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what can be named: apps, servers with their options, every stack made of them, and what they are asked."""
    from .listing import run_list

    run_list(what, json=json)


@app.command()
def runs(
    store: StoreOption = DEFAULT_STORE,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the runs that are kept, newest first."""
    from .runs import run_runs

    run_runs(store, json=json)


@app.command(epilog=REPORT_EXAMPLES)
def report(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="Id of a run or its beginning, or a JSON document. [default: the newest]",
            show_default=False,
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the page with charts there.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of the table.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown instead of the table.")] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Tell a kept run again; nothing is measured."""
    from .compare import ReportOptions
    from .runs import run_report

    run_report(run, store, ReportOptions(html=html, json=json, markdown=markdown, quiet=False))
