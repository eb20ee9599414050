"""Compression leaves streams as they are: what is sent when it is due cannot wait to be compressed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .checks import CHECKS
from .client import Client
from .conftest import started
from .matrix import ADDED
from .upstreams import Upstream

APPS = [name for name, parts in ADDED.items() if "gzip" in parts]


@pytest.fixture(scope="module", params=APPS)
def packing(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client that takes compressed answers, of a service that gives them."""
    with started(f"{request.param}?with=gzip", {}) as found:
        yield Client(found.port, {"Accept-Encoding": "gzip"})


@pytest.mark.parametrize("part", ["stream", "jobs"])
def test_events_are_sent_when_they_are_due(packing: Client, part: str, upstream: Upstream) -> None:
    assert packing.get("/articulos/?limit=100").headers["Content-Encoding"] == "gzip"
    CHECKS[part](packing, upstream)
