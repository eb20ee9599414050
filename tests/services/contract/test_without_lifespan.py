"""What is left of a service whose server sends no start-up event."""

from __future__ import annotations

import pytest

from .checks import CHECKS, is_error, is_json
from .conftest import started
from .matrix import DECLARED
from .upstreams import Upstream

LIFESPAN = [name for name, entry in DECLARED.items() if "lifespan" in entry["has"]]  # type: ignore[operator]
NEED_IT = {"sanic": "Sanic makes its router at start-up", "aiohttp": "its own server always sends it"}


@pytest.mark.parametrize("app", [name for name in LIFESPAN if name not in NEED_IT])
def test_there_is_no_upstream_without_a_start_up_event(app: str, upstream: Upstream) -> None:
    with started(f"{app}@uvicorn?lifespan=off", {"WEBDYNO_UPSTREAM": upstream.url}) as client:
        if "fanout" in DECLARED[app]["has"]:  # type: ignore[operator]
            assert client.get("/test-api").json["lifespan"] is False
            for mode in ("sequential", "threads", "async"):
                is_error(client.get(f"/fanout?mode={mode}"), 503)
            CHECKS["items"](client, upstream)
        is_json(client.get("/"), 200, {"message": "Hello, World!"})
