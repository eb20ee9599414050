"""The upstream that the services call, as a process of its own."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from webdyno.stacks.entries import SERVICES

PROGRAM = SERVICES / "upstream" / "upstream.py"


class Upstream:
    """A running upstream."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> tuple[int, Any]:
        """Status and document."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        with closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def behave(self, delay: str = "constant:0", errors: float = 0.0, seed: int = 1) -> None:
        """Change its behaviour; counts from 0 again."""
        status, document = self.get(f"/_set?delay={delay}&errors={errors}&seed={seed}")
        assert status == 200, document

    def hits(self) -> int:
        """How often it was called since."""
        found: int = self.get("/_hits")[1]["hits"]
        return found


@contextmanager
def running(*arguments: str) -> Iterator[Upstream]:
    """An upstream for as long as the context lasts."""
    command = [sys.executable, "-I", str(PROGRAM), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Upstream(process.stdout.readline().strip())
        finally:
            process.kill()


def value(x: int, seed: int) -> int:
    """What `/value` must say of x, written down here once more."""
    return (2654435761 * x + 40503 * seed) % 1000003
