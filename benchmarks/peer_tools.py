"""The peers of the load engine: how to get each, how to run it for a moment under closed load, how to read its rate."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from webdyno.loadgen.drivers.printed_rates import printed_rate

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


Arguments = Callable[[int, int, str], list[str]]
# For (connections, whole seconds, URL).
PEERS: dict[str, Arguments] = {
    "wrk": lambda c, s, url: ["-t1", f"-c{c}", f"-d{s}s", url],
    # -t implies 50,000 requests at most unless -n follows it.
    "ab": lambda c, s, url: ["-k", "-l", "-q", "-t", str(s), "-n", "1000000", "-c", str(c), url],
    "h2load": lambda c, s, url: ["--h1", "-t1", f"-c{c}", f"-D{s}", url],
    "hey": lambda c, s, url: ["-cpus", "1", "-z", f"{s}s", "-c", str(c), url],
    "locust": lambda c, s, url: [
        *("-f", "-", "--headless", "--only-summary", "--json", "--skip-log"),
        *("-u", str(c), "-r", str(c), "-t", f"{s}s", "-H", url.rstrip("/")),
    ],
}


def missing() -> dict[str, str]:
    """What is not installed, and how to get it."""
    return {name: how for name, how in HOW_TO_GET.items() if find(name) is None}


def rate(name: str, prefix: list[str], connections: int, seconds: int, url: str) -> float:
    """Requests per second as a peer sees them; `prefix` puts it onto its core."""
    program = find(name)
    assert program
    with tempfile.TemporaryDirectory() as folder:
        arguments = PEERS[name](connections, seconds, url)
        if name == "locust":
            file = Path(folder) / "locustfile.py"
            file.write_text(_LOCUSTFILE)
            arguments[arguments.index("-")] = str(file)
        done = subprocess.run([*prefix, program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed: {(done.stderr or done.stdout)[-500:]}")
    return printed_rate(name, done.stdout)
