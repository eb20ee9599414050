"""The load engine: how fast against wrk, how punctual, and at what cost in CPU.

The target is nginx returning 27 bytes, on one core; the load comes from another.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from webdyno.load.generator import LoadGenerator
from webdyno.load.job import LoadJob
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window
from webdyno.model.trial import LoadResult
from webdyno.model.workload import Expected, Request

CONNECTIONS = 32
ROUNDS = 5
ROUND_S = 2
RATES = (1_000, 10_000)
BODY = b'{"message":"Hello, World!"}'
PACKAGES = {"nginx": "nginx", "wrk": "wrk", "taskset": "util-linux"}

_NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{body}'; }}
    }}
}}
"""


def main() -> None:
    search = os.environ["PATH"] + ":/usr/sbin"
    found = {name: shutil.which(name, path=search) for name in PACKAGES}
    missing = [name for name, path in found.items() if path is None]
    for name in missing:
        print(f"{name} is missing; on Debian or Ubuntu: apt-get install {PACKAGES[name]}")
    nginx, wrk, taskset = found["nginx"], found["wrk"], found["taskset"]
    cores = sorted(os.sched_getaffinity(0))
    if not nginx or not taskset or len(cores) < 2:
        print("not run: it needs nginx, taskset and two cores")
        return
    load_core, server_core = cores[:2]
    with _nginx([taskset, "-c", str(server_core), nginx]) as port, LoadGenerator(cpus=[load_core]) as generator:
        _speed(generator, port, [taskset, "-c", str(load_core), wrk] if wrk else None)
        for rate in RATES:
            _punctuality(generator, port, rate)


def _speed(generator: LoadGenerator, port: int, wrk: list[str] | None) -> None:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_run(generator, port, ClosedLoad(connections=CONNECTIONS)).throughput)
        if wrk:
            theirs.append(_wrk(wrk, port))
    print(f"closed, {CONNECTIONS} connections, median of {ROUNDS} rounds of {ROUND_S} s")
    print(f"  webdyno {statistics.median(ours):>9,.0f} req/s")
    if theirs:
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"  wrk -t1 {statistics.median(theirs):>9,.0f} req/s; webdyno/wrk {ratio:.2f} (to reach: 0.90)")


def _punctuality(generator: LoadGenerator, port: int, rate: int) -> None:
    result = _run(generator, port, OpenLoad(rate=rate))
    lag = Histogram.decode(result.lag)
    at = ", ".join(f"p{q * 100:g} {(lag.quantile_ns(q) or 0) / 1e3:.0f} us" for q in (0.5, 0.99, 0.999))
    cpu = result.engine.cpu_s / result.window_s
    print(
        f"open, Poisson, {rate:,}/s: lag {at}; {cpu:.0%} of a core; {result.completed / result.window_s:,.0f} answers/s"
    )


def _run(generator: LoadGenerator, port: int, load: Load) -> LoadResult:
    job = LoadJob(
        host="127.0.0.1",
        port=port,
        request=Request(),
        expected=Expected(length=len(BODY), body=BODY),
        load=load,
        window=Window(duration_s=ROUND_S),
    )
    result = generator.run(job)
    if result.failed:
        raise SystemExit(f"unexpected failures: {result.failure_samples}")
    return result


def _wrk(command: list[str], port: int) -> float:
    arguments = ["-t1", f"-c{CONNECTIONS}", f"-d{ROUND_S}s", f"http://127.0.0.1:{port}/"]
    output = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout
    match = re.search(r"Requests/sec:\s*([\d.]+)", output)
    if not match:
        raise SystemExit(f"wrk printed no rate:\n{output}")
    return float(match[1])


@contextlib.contextmanager
def _nginx(command: list[str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder) / "nginx.conf"
        conf.write_text(_NGINX.format(folder=folder, port=port, body=BODY.decode()))
        server = subprocess.Popen([*command, "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
        try:
            _await_port(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("nginx did not start")


if __name__ == "__main__":
    main()
