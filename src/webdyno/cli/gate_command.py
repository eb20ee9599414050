"""The command `webdyno gate` and its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .environment import Filler
from .options import APP_DIR, DEFAULT_STORE, ENV, ENV_FORMS, HEADER, HEADER_FORMS, MOST_SEED, START_TIMEOUT, option

GATE_EXAMPLES = """\b
Examples:
  webdyno gate shop.main:app --base main --head HEAD
  webdyno gate shop.main:app@gunicorn --base v1.4 --head HEAD --path /api/items \\
      --fail-if 'cpu_per_request > +5%' --fail-if 'p99 > +10%' --markdown gate.md
  webdyno gate --base flask@gunicorn --head flask@granian --fail-if 'p99 > +10%'

\b
Exit codes: 0 passed, 1 a regression, 2 wrong use, 3 inconclusive, not
measured or not told, 130 interrupted."""

_SIDES, _REQUEST, _LOAD, _TIME, _OUTPUT = "Sides", "Request", "Load", "Time", "Output"


def gate(
    base: Annotated[str, option(_SIDES, "REF|STACK", "What was: a git ref, or a stack where no APP is given.")],
    head: Annotated[str, option(_SIDES, "REF|STACK", "What is to come.")],
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="APP",
            help="Your app with its server, as in compare: shop.main:app@gunicorn. It is checked out at both refs.",
            show_default=False,
        ),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        option(
            _SIDES,
            "LIMIT",
            "What is a regression; repeatable. Of throughput, cpu_per_request, p50, p99, memory. "
            "[default: cpu_per_request > +5%, throughput < -10%, memory > +10%]",
        ),
    ] = None,
    inconclusive: Annotated[
        str | None,
        option(_SIDES, "pass|fail", "Exit with 0 or 1 where the limits cannot be decided. [default: exit with 3]"),
    ] = None,
    app_dir: Annotated[list[Path] | None, option(_SIDES, "DIR", APP_DIR)] = None,
    requirements: Annotated[
        Path | None,
        option(_SIDES, "FILE", "What each ref installs. [default: its requirements.txt, or pyproject.toml]"),
    ] = None,
    python: Annotated[
        Path | None, option(_SIDES, "PATH", "Interpreter of both, with their packages; nothing is installed.")
    ] = None,
    trust_git: Annotated[
        bool,
        option(
            _SIDES,
            None,
            "Check out with the filters that git's settings name, such as LFS, and fetch what a partial clone lacks.",
            "--trust-git",
        ),
    ] = False,
    env: Annotated[list[str] | None, option(_SIDES, ENV_FORMS, ENV)] = None,
    workload: Annotated[
        str | None,
        option(_REQUEST, "NAME[?key=value&...]", "What reference services are asked to do.", "--workload", "-w"),
    ] = None,
    path: Annotated[str | None, option(_REQUEST, "PATH", "What is asked for. [default: /]")] = None,
    method: Annotated[str, option(_REQUEST, "NAME", "HTTP method. [default: GET]")] = "GET",
    header: Annotated[
        list[str] | None,
        option(_REQUEST, HEADER_FORMS, HEADER),
    ] = None,
    body: Annotated[str | None, option(_REQUEST, "TEXT|@FILE", "Request body.")] = None,
    status: Annotated[
        int | None, option(_REQUEST, "N", "Status that must come back. [default: any 2xx]", min=200, max=599)
    ] = None,
    expect_body: Annotated[
        str | None, option(_REQUEST, "TEXT|@FILE", "The body of every right response. [default: any]")
    ] = None,
    expect_json: Annotated[
        list[str] | None,
        option(_REQUEST, "PATH=VALUE", "A value that every JSON body must hold, such as user.id=7; repeatable."),
    ] = None,
    connections: Annotated[
        int, option(_LOAD, "N", "Connections at saturation. [default: 32]", "--connections", "-c")
    ] = 32,
    rate: Annotated[
        float | None,
        option(
            _LOAD,
            "R",
            "Arrivals per second for p50 and p99. [default: half of what is carried, if a limit names one]",
            "--rate",
            "-r",
        ),
    ] = None,
    arrivals: Annotated[str, option(_LOAD, "KIND", "poisson or constant. [default: poisson]")] = "poisson",
    seed: Annotated[
        int | None, option(_LOAD, "N", "Of everything random. [default: a new one]", min=0, max=MOST_SEED)
    ] = None,
    duration: Annotated[
        str, option(_TIME, "TIME", "Length of each measured window. [default: 1s]", "--duration", "-d")
    ] = "1s",
    warmup: Annotated[str, option(_TIME, "TIME", "The same load before it, not counted. [default: 0.3s]")] = "0.3s",
    timeout: Annotated[
        str, option(_TIME, "TIME", "A request without an answer for so long has failed. [default: 10s]")
    ] = "10s",
    start_timeout: Annotated[str, option(_TIME, "TIME", START_TIMEOUT)] = "30s",
    duet: Annotated[
        bool,
        option(_LOAD, None, "Both at the same time on the same cores: sharper, tells CPU and memory only.", "--duet"),
    ] = False,
    blocks: Annotated[
        int | None,
        option(_TIME, "N", "Fresh starts of each side. [default: until decided, up to --max-time]", "--blocks", "-n"),
    ] = None,
    max_time: Annotated[
        str, option(_TIME, "TIME", "At most, for each measurement; a second one confirms. [default: 150s]")
    ] = "150s",
    markdown: Annotated[Path | None, option(_OUTPUT, "FILE", "Write a summary for a pull request there.")] = None,
    json: Annotated[bool, option(_OUTPUT, None, "Print one JSON document instead of the table.", "--json")] = False,
    quiet: Annotated[bool, option(_OUTPUT, None, "Show no progress.", "--quiet", "-q")] = False,
    store: Annotated[
        str,
        option(
            _OUTPUT,
            "FILE|URL",
            f"Where results are kept. [default: {DEFAULT_STORE}]",
            callback=lambda text: Filler().fill(text, "--store"),
        ),
    ] = DEFAULT_STORE,
) -> None:
    """Is the head worse than the base? Both are measured here, in turn, and a regression is confirmed once more.

    It passes where the whole confidence interval of head/base lies within each limit, and fails where one lies beyond
    a limit in two measurements. Otherwise it is inconclusive, and says what would decide it. It goes on until the
    limits are decided, or --max-time is up.
    Of the refs it runs the app and what installing its requirements runs; no hook and no filter of git.
    With $GITHUB_STEP_SUMMARY set, the Markdown summary is also appended there. See docs/ci.md.
    """
    from .gate import GateOptions, run_gate

    run_gate(
        GateOptions(
            app,
            base,
            head,
            tuple(app_dir or ()),
            python,
            requirements,
            trust_git,
            tuple(fail_if or ()),
            inconclusive,
            markdown,
            json,
            quiet,
        ),
        env=env,
        workload=workload,
        path=path,
        method=method,
        headers=header,
        body=body,
        status=status,
        expect_body=expect_body,
        expect_json=expect_json,
        connections=connections,
        rate=rate,
        arrivals=arrivals,
        seed=seed,
        duration=duration,
        warmup=warmup,
        timeout=timeout,
        start_timeout=start_timeout,
        duet=duet,
        blocks=blocks,
        max_time=max_time,
        store=store,
    )
