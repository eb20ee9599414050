"""The command `webdyno load` and its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import HEADER, HEADER_FORMS, MOST_SEED, option

LOAD_EXAMPLES = """\b
Examples:
  webdyno load http://127.0.0.1:8000/path              closed: 32 connections
  webdyno load http://127.0.0.1:8000/ -r 5000 -d 30s   open: 5,000 arrivals/s
  webdyno load http://127.0.0.1:8000/ --ramp 0:5000    where does it break?
  webdyno load https://shop.test/ --ca ca.pem --user @secret.txt
  webdyno load https://shop.test/ --header 'X-Api-Key: ${env.KEY}'
  webdyno load http://127.0.0.1:8000/ --scenario shop.toml -r 50
  webdyno load http://127.0.0.1:8000/ --threshold 'p99<50ms'
  webdyno load http://127.0.0.1:8000/ --json > monday.json
  webdyno load http://127.0.0.1:8000/ --compare monday.json

\b
Exit codes: 0 done, 1 a threshold was missed, 2 wrong use, 3 not valid,
nothing measured or not told, 130 interrupted."""

_LOAD, _TIME, _REQUEST, _ANSWER = "Load", "Time", "Request", "Answer"
_CONNECTION, _OUTPUT = "Connection", "Output"


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
    seed: Annotated[
        int | None, option(_LOAD, "N", "Of the arrivals. [default: a new one]", min=0, max=MOST_SEED)
    ] = None,
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
    no_cookies: Annotated[
        bool, option(_REQUEST, None, "Users of a scenario do not keep cookies.", "--no-cookies")
    ] = False,
    method: Annotated[str | None, option(_REQUEST, "NAME", "HTTP method. [default: GET]")] = None,
    header: Annotated[
        list[str] | None,
        option(_REQUEST, HEADER_FORMS, HEADER),
    ] = None,
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
            no_cookies=no_cookies,
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
