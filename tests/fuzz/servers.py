"""Servers that do whatever they like: each request ends in exactly one count, and the engine ends in time."""

from __future__ import annotations

import atexit
import json
import time
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.known import known
from tests.loadgen.conftest import make_job
from tests.loadgen.server import Exchange, ScriptedServer, good
from tests.loadgen.test_truth_fuzz import ENDINGS, answers, pieces
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.trial import LoadFigures
from webdyno.model.workload import Expected, Request

SPAN_S, WARMUP_S, TIMEOUT_S = 0.05, 0.02, 0.06
_STATUSES = (b"000", b"099", b"100", b"101", b"103", b"204", b"304", b"302", b"599", b"999", b"1000", b"-1", b"2 0")
_ODD = st.builds(
    lambda status, fields, body: b"HTTP/1.1 " + status + b" X\r\n" + fields + b"\r\n" + body,
    st.sampled_from(_STATUSES),
    st.sampled_from(
        [
            b"Content-Length: 2\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Location: " + b"/x" * 40_000 + b"\r\n",
            b"Set-Cookie: a=" + b"y" * 5_000 + b"\r\n",
            b"Content-Encoding: gzip\r\nContent-Length: 2\r\n",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
            b"",
        ]
    ),
    st.sampled_from([b"", b"ok", b"1;" + b"x" * 70_000, b"HTTP/1.1 100 X\r\n\r\n" * 5_000, b"2\r\nok\r\n0\r\n\r\n"]),
)
_PLACES = st.lists(st.integers(1, 200), max_size=2)
_SCRIPTS = answers | st.tuples(_ODD, _PLACES, st.sampled_from([*sorted(ENDINGS), "hang"]))


def behaviours() -> st.SearchStrategy[bytes]:
    """What each response is, for which load and request."""
    return st.builds(
        lambda scripts, load, method, status, pause: json.dumps(
            {
                "scripts": [[b64encode(data).decode(), places, ending] for data, places, ending in scripts],
                "load": load,
                "method": method,
                "status": status,
                "right_until": pause,
            }
        ).encode(),
        st.lists(_SCRIPTS, min_size=1, max_size=8),
        st.sampled_from(["closed", "open"]),
        st.sampled_from(["GET", "HEAD", "POST"]),
        st.sampled_from([200, None]),
        st.integers(0, 12),
    )


def check_behaviour(content: bytes, folder: Path) -> None:
    """Put such a server under load."""
    asked = json.loads(content)

    def script(exchange: Exchange) -> None:
        if exchange.number < asked["right_until"]:
            good(exchange)
            return
        data, places, ending = asked["scripts"][exchange.number % len(asked["scripts"])]
        for piece in pieces(b64decode(data), places):
            exchange.send(piece)
        if ending == "hang":
            time.sleep(2 * TIMEOUT_S)
        else:
            ENDINGS[ending](exchange)

    with ScriptedServer(script) as server:
        _check_counts(_generator().run(make_job(server.port, **_job(asked))), asked["load"] == "open")


@cache
def _generator() -> LoadGenerator:
    """One for all, as its start takes longer than a load; it begins anew after a fault."""
    generator = LoadGenerator()
    atexit.register(generator.close)
    return generator


def _job(asked: dict[str, Any]) -> dict[str, Any]:
    load: Load = ClosedLoad(connections=3) if asked["load"] == "closed" else OpenLoad(rate=300, connections=4)
    return {
        "load": load,
        "seconds": SPAN_S,
        "warmup": WARMUP_S,
        "timeout": TIMEOUT_S,
        "request": Request(method=asked["method"]),
        "expected": Expected(status=asked["status"]),
    }


def _check_counts(result: LoadFigures, open_load: bool) -> None:
    failures = result.failures
    assert result.scheduled == result.ok + result.failed + result.dropped + known(result.unfinished)
    assert sum(known(result.statuses).values()) == result.ok + failures.get("status", 0) + failures.get("body", 0)
    assert all(100 <= status <= 999 for status in known(result.statuses))
    assert sum(second.ok for second in result.series) == result.completed
    assert len(result.failure_samples) <= 3 * len(failures)
    assert all(sample.detail.isprintable() and len(sample.detail) <= 200 for sample in result.failure_samples)
    assert open_load or not result.dropped
    again = LoadFigures.model_validate_json(result.model_dump_json())
    assert again == result
