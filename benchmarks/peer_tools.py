"""The peers of the load engine: how to get each, how to run it for a moment under closed load, how to read its rate."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .peer_target import find

HOW_TO_GET = {
    "nginx": "apt-get install nginx",
    "taskset": "apt-get install util-linux",
    "wrk": "apt-get install wrk",
    "ab": "apt-get install apache2-utils",
    "h2load": "apt-get install nghttp2-client",
    "hey": "apt-get install hey",
    "locust": "uv tool install locust",
}

_LOCUSTFILE = """
from locust import FastHttpUser, task

class Hello(FastHttpUser):
    @task
    def hello(self):
        self.client.get("/")
"""


class Peer(NamedTuple):
    """One load tool: its arguments for (connections, whole seconds, URL), and the rate in what it prints."""

    arguments: Callable[[int, int, str], list[str]]
    rate: Callable[[str], float]


def _after(pattern: str) -> Callable[[str], float]:
    def rate(output: str) -> float:
        match = re.search(pattern, output)
        if not match:
            raise SystemExit(f"no rate in:\n{output}")
        return float(match[1])

    return rate


def _locust_rate(output: str) -> float:
    rows = json.loads(output[output.index("[") :])
    span_s = max(row["last_request_timestamp"] for row in rows) - min(row["start_time"] for row in rows)
    return float(sum(row["num_requests"] for row in rows) / span_s)


PEERS = {
    "wrk": Peer(lambda c, s, url: ["-t1", f"-c{c}", f"-d{s}s", url], _after(r"Requests/sec:\s*([\d.]+)")),
    # -t implies 50,000 requests at most unless -n follows it.
    "ab": Peer(
        lambda c, s, url: ["-k", "-l", "-q", "-t", str(s), "-n", "1000000", "-c", str(c), url],
        _after(r"Requests per second:\s*([\d.]+)"),
    ),
    "h2load": Peer(
        lambda c, s, url: ["--h1", "-t1", f"-c{c}", f"-D{s}", url], _after(r"finished in [^,]+, ([\d.]+) req/s")
    ),
    "hey": Peer(
        lambda c, s, url: ["-cpus", "1", "-z", f"{s}s", "-c", str(c), url], _after(r"Requests/sec:\s*([\d.]+)")
    ),
    "locust": Peer(
        lambda c, s, url: [
            *("-f", "-", "--headless", "--only-summary", "--json", "--skip-log"),
            *("-u", str(c), "-r", str(c), "-t", f"{s}s", "-H", url.rstrip("/")),
        ],
        _locust_rate,
    ),
}


def missing() -> dict[str, str]:
    """What is not installed, and how to get it."""
    return {name: how for name, how in HOW_TO_GET.items() if find(name) is None}


def rate(name: str, prefix: list[str], connections: int, seconds: int, url: str) -> float:
    """Requests per second as a peer sees them; `prefix` puts it onto its core."""
    peer, program = PEERS[name], find(name)
    assert program
    with tempfile.TemporaryDirectory() as folder:
        arguments = peer.arguments(connections, seconds, url)
        if name == "locust":
            file = Path(folder) / "locustfile.py"
            file.write_text(_LOCUSTFILE)
            arguments[arguments.index("-")] = str(file)
        done = subprocess.run([*prefix, program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed: {(done.stderr or done.stdout)[-500:]}")
    return peer.rate(done.stdout)
