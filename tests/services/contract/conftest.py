"""Each stack is started once for all tests that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from webdyno.model.notation import parse_notation
from webdyno.model.workload import Request
from webdyno.serving.launcher import launch
from webdyno.stacks.prepare import prepare

from .client import Client
from .matrix import Held, held
from .upstreams import Upstream, running

SETTINGS = {"WEBDYNO_STATS_INTERVAL_S": "0.1"}


@contextmanager
def started(notation: str, env: dict[str, str], app: str | None = None, path: Path | None = None) -> Iterator[Client]:
    """A client of the stack for as long as the context lasts; optionally with another app in its place."""
    record = prepare(parse_notation(notation))
    if app and path:
        argv = (*record.argv[:-1], app)
        env = {"PYTHONPATH": f"{record.env['PYTHONPATH']}:{path}", **env}
        record = record.model_copy(update={"argv": argv})
    with launch(record, extra_env={**SETTINGS, **env}) as server:
        server.wait_ready(Request())
        yield Client(server.port)
        server.check_alive()


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    with running() as found:
        yield found


@pytest.fixture(scope="session", params=held(), ids=lambda one: one.notation)
def stack(request: pytest.FixtureRequest) -> Held:
    found: Held = request.param
    return found


@pytest.fixture(scope="session")
def client(stack: Held, upstream: Upstream) -> Iterator[Client]:
    with started(stack.notation, {"WEBDYNO_UPSTREAM": upstream.url}) as found:
        yield found
