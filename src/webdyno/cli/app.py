"""The commands and their help. What they need is imported when they run, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .gate_command import GATE_EXAMPLES, gate
from .grouped_help import GroupedCommand
from .options import DEFAULT_STORE, AppDir, Env, Python, StoreOption, option

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
3 nothing valid measured, 130 interrupted (what was measured is kept).""",
)

StackArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STACK",
        help="APP[==VERSION][@SERVER[==VERSION]][?key=value&...]; the first is the baseline. Quote it: & and ? mean "
        "something to a shell.",
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
      --path /api/items --header 'Authorization: Bearer x' --env MODE=bench"""
EXPLAIN_EXAMPLES = """\b
Examples:
  webdyno explain flask@gunicorn 'fastapi@gunicorn?worker_class=uvicorn'
  webdyno explain fastapi@uvicorn fastapi@granian -n 10"""
SERVE_EXAMPLES = """\b
Examples:
  webdyno serve fastapi@granian --port 8000
  webdyno serve shop.main:app@gunicorn --app-dir src"""
LOAD_EXAMPLES = """\b
Examples:
  webdyno load http://127.0.0.1:8000/path              closed: 32 connections
  webdyno load http://127.0.0.1:8000/ -r 5000 -d 30s   open: 5,000 arrivals/s
  webdyno load http://127.0.0.1:8000/ --ramp 0:5000    where does it break?
  webdyno load https://shop.test/ --ca ca.pem --user @secret.txt
  webdyno load http://127.0.0.1:8000/ --scenario shop.toml -r 50
  webdyno load http://127.0.0.1:8000/ --threshold 'p99<50ms'
  webdyno load http://127.0.0.1:8000/ --json > monday.json
  webdyno load http://127.0.0.1:8000/ --compare monday.json

\b
Exit codes: 0 done, 1 a threshold was missed, 2 wrong use, 3 not valid or
nothing measured, 130 interrupted."""
DOCTOR_EXAMPLES = """\b
Examples:
  webdyno doctor                    about 45 s
  webdyno doctor --quick            only looks, 2 s
  webdyno doctor --json > machine.json

\b
Exit codes: 0 done, 2 wrong use, 3 the smallest difference could not be found,
130 interrupted."""
REPORT_EXAMPLES = """\b
Examples:
  webdyno report                          the newest run as a table
  webdyno report 20261121 --html r.html   that run as a page
  webdyno report colleague.json           a document somebody sent"""


_LOAD, _TIME, _REQUEST, _ANSWER = "Load", "Time", "Request", "Answer"
_CONNECTION, _OUTPUT = "Connection", "Output"


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        print(f"webdyno {__version__}")
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
    header: Annotated[list[str] | None, typer.Option(metavar="K:V", help="Request header; repeatable.")] = None,
    body: Annotated[str | None, typer.Option(help="Request body, or @FILE.", show_default=False)] = None,
    status: Annotated[
        int | None, typer.Option(help="Status that must come back. [default: any 2xx]", show_default=False)
    ] = None,
    app_dir: AppDir = Path(),
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
        int | None, typer.Option(help="Of order, arrivals and hash seeds. [default: a new one]", show_default=False)
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
        app_dir=app_dir,
        python=python,
        env=env,
        connections=connections,
        rate=rate,
        arrivals=arrivals,
        duration=duration,
        warmup=warmup,
        timeout=timeout,
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
        int | None, typer.Option(help="Of order and hash seeds. [default: a new one]", show_default=False)
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
    app_dir: AppDir = Path(),
    python: Python = None,
    env: Env = None,
) -> None:
    """Run one stack in the foreground exactly as the trials do, and print its URL and command line."""
    from .serve import run_serve

    run_serve(stack, port=port, app_dir=app_dir, python=python, env=env)


@app.command(epilog=LOAD_EXAMPLES, cls=GroupedCommand)
def load(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="http[s]://HOST[:PORT][/PATH][?QUERY] of a running server.")
    ],
    connections: Annotated[
        int | None,
        option(_LOAD, "N", "At most so many. [default: 32; under open load 128]", "--connections", "-c"),
    ] = None,
    rate: Annotated[
        float | None,
        option(_LOAD, "R", "Open load: R arrivals per second, whatever the server does.", "--rate", "-r"),
    ] = None,
    ramp: Annotated[
        str | None, option(_LOAD, "R:R", "Open load: from one rate evenly to the other, as 0:5000.")
    ] = None,
    steps: Annotated[
        str | None, option(_LOAD, "R:TIME,...", "Open load: one rate after the other, as 100:5s,500:10s.")
    ] = None,
    burst: Annotated[
        str | None, option(_LOAD, "N:TIME", "Open load: N arrivals at once, again and again, as 100:1s.")
    ] = None,
    replay: Annotated[
        Path | None, option(_LOAD, "FILE", "Open load: arrivals at recorded moments, seconds, one a line.")
    ] = None,
    arrivals: Annotated[
        str | None,
        option(_LOAD, "KIND", "poisson (independent users) or constant. [default: poisson; of bursts constant]"),
    ] = None,
    waiting: Annotated[
        int | None,
        option(_LOAD, "N", "Arrivals that may wait for a connection, then they are dropped. [default: 100000]", min=0),
    ] = None,
    seed: Annotated[int | None, option(_LOAD, "N", "Of the arrivals. [default: a new one]", min=0)] = None,
    duration: Annotated[
        str | None,
        option(_TIME, "TIME", "Measured window. [default: 10s, or the steps' or the recording's]", "--duration", "-d"),
    ] = None,
    warmup: Annotated[str, option(_TIME, "TIME", "The same load before it, not counted. [default: 1s]")] = "1s",
    timeout: Annotated[
        str, option(_TIME, "TIME", "A request without an answer for so long has failed. [default: 10s]")
    ] = "10s",
    scenario: Annotated[
        Path | None,
        option(_REQUEST, "FILE", "What users do, step by step (docs/scenarios.md), in place of one request."),
    ] = None,
    method: Annotated[str | None, option(_REQUEST, "NAME", "HTTP method. [default: GET]")] = None,
    header: Annotated[list[str] | None, option(_REQUEST, "K:V", "Request header; repeatable.")] = None,
    body: Annotated[str | None, option(_REQUEST, "TEXT|@FILE", "Request body.")] = None,
    user: Annotated[
        str | None, option(_REQUEST, "NAME:PASSWORD|@FILE", "Basic authentication; a file keeps it out of ps.")
    ] = None,
    bearer: Annotated[str | None, option(_REQUEST, "TOKEN|@FILE", "Bearer authentication.")] = None,
    compressed: Annotated[bool, option(_REQUEST, None, "Accept compressed answers.", "--compressed")] = False,
    status: Annotated[
        int | None,
        option(
            _ANSWER, "N", "The right status. [default: that of the first answer, which must be 2xx]", min=200, max=599
        ),
    ] = None,
    expect_body: Annotated[str | None, option(_ANSWER, "TEXT|@FILE", "The body of every right answer.")] = None,
    unix_socket: Annotated[
        str | None, option(_CONNECTION, "PATH", "Connect to this Unix socket; the URL's host is only sent.")
    ] = None,
    no_keep_alive: Annotated[
        bool, option(_CONNECTION, None, "A new connection for every request.", "--no-keep-alive")
    ] = False,
    requests_per_connection: Annotated[
        int | None, option(_CONNECTION, "N", "Close a connection after N requests.", min=1)
    ] = None,
    ca: Annotated[Path | None, option(_CONNECTION, "FILE", "https: trust the certificates in this PEM file.")] = None,
    insecure: Annotated[bool, option(_CONNECTION, None, "https: trust any certificate.", "--insecure")] = False,
    processes: Annotated[
        int,
        option(_CONNECTION, "N", "Load generators that share the work, a core each. [default: 1]", min=1, max=64),
    ] = 1,
    threshold: Annotated[
        list[str] | None,
        option(_OUTPUT, "CONDITION", "Exit with 1 if not met: p99<50ms, errors<0.1%, rate>4900; repeatable."),
    ] = None,
    compare: Annotated[Path | None, option(_OUTPUT, "FILE", "Show an earlier --json beside it.")] = None,
    plot: Annotated[Path | None, option(_OUTPUT, "FILE", "Draw the percentiles as .svg, .png or .html.")] = None,
    json: Annotated[bool, option(_OUTPUT, None, "Print one JSON document instead of the summary.", "--json")] = False,
    quiet: Annotated[bool, option(_OUTPUT, None, "Show nothing meanwhile.", "--quiet", "-q")] = False,
) -> None:
    """Put one running server under load: webdyno's own wrk, timed so that a stall cannot hide."""
    from .load import run_load
    from .load_options import LoadOptions

    run_load(
        url,
        LoadOptions(
            connections=connections,
            rate=rate,
            ramp=ramp,
            steps=steps,
            burst=burst,
            replay=replay,
            arrivals=arrivals,
            waiting=waiting,
            seed=seed,
            duration=duration,
            warmup=warmup,
            timeout=timeout,
            scenario=scenario,
            method=method,
            header=header,
            body=body,
            user=user,
            bearer=bearer,
            compressed=compressed,
            status=status,
            expect_body=expect_body,
            unix_socket=unix_socket,
            no_keep_alive=no_keep_alive,
            requests_per_connection=requests_per_connection,
            ca=ca,
            insecure=insecure,
            processes=processes,
            threshold=threshold,
            compare=compare,
            plot=plot,
            json=json,
            quiet=quiet,
        ),
    )


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
