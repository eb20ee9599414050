"""The upstream: the service that the services of the workload `fanout` call."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from platform import python_version
from urllib.parse import urlsplit

from ..stacks.entries import SERVICES
from .dependency import Dependency, Place, RunningDependency, Settings
from .dependency_program import Program, run_program

_VARIABLE = "WEBDYNO_UPSTREAM"
"""By which the services are told its URL."""
_PROGRAM = SERVICES / "upstream" / "upstream.py"
_START_S = 10.0
_ANSWER_S = 10.0


class Upstream(RunningDependency):
    """An upstream that runs."""

    def __init__(self, url: str, program: Program) -> None:
        super().__init__(url, {_VARIABLE: url}, program.argv)
        self._program = program

    def check(self) -> None:
        """As it must be; it says how often it was called."""
        self._program.check()
        self.calls()

    def calls(self) -> int:
        """As it counts them itself."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=_ANSWER_S)
        try:
            with closing(connection):
                connection.request("GET", "/_hits")
                return int(json.loads(connection.getresponse().read())["hits"])
        except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError) as error:
            raise self._program.failed(f"does not say how often it was called: {error}") from error


def _version(settings: Settings) -> str:
    return f"Python {python_version()}"


@contextmanager
def _running(settings: Settings, place: Place) -> Iterator[Upstream]:
    given = (f"--{name}={value}" for name, value in settings.items())
    with run_program("upstream", [sys.executable, "-I", str(_PROGRAM), *given], place) as program:
        yield Upstream(program.wait_until(lambda: _url(program), _START_S), program)


def _url(program: Program) -> str | None:
    """What it says first."""
    return next((line for line in program.output_tail() if line.startswith("http://")), None)


DEPENDENCY = Dependency("upstream", "answers after a delay and counts its calls", _version, _running)
