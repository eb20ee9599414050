"""Servers as they run: none writes an access log, and all keep connections but the one that is said not to."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple

import pytest

from webdyno.model.notation import parse_notation
from webdyno.model.run import StackRecord
from webdyno.model.workload import Request
from webdyno.serving.launcher import launch
from webdyno.stacks.listing import list_stacks
from webdyno.stacks.prepare import prepare
from webdyno.stacks.resolve import resolve

PATH = "/asked-for-by-the-test-of-access-logs"
REQUESTS = 20


class Seen(NamedTuple):
    """How many connections its requests took, and what the server wrote."""

    connections: int
    output: str


def one_of_each_mode() -> list[str]:
    found: dict[tuple[str, str, str], str] = {}
    for notation in list_stacks():
        stack = resolve(parse_notation(notation))
        if not stack.wrapper:
            found.setdefault((stack.server.name, stack.mode.name, stack.served_as), notation)
    return list(found.values())


def seen(record: StackRecord, requests: int = REQUESTS) -> Seen:
    with launch(record) as server:
        server.wait_ready(Request())
        connections = 0
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            for _ in range(requests):
                connections += connection.sock is None
                connection.request("GET", PATH)
                connection.getresponse().read()
        return Seen(connections, server.log.read_text())


@pytest.fixture(scope="module")
def found() -> dict[str, Seen]:
    records = [prepare(parse_notation(notation)) for notation in one_of_each_mode()]
    with ThreadPoolExecutor(4) as pool:
        return dict(zip([record.notation for record in records], pool.map(seen, records), strict=True))


def test_no_server_writes_an_access_log(found: dict[str, Seen]) -> None:
    assert [notation for notation, one in found.items() if PATH in one.output] == []


def test_only_gunicorns_sync_worker_closes_connections(found: dict[str, Seen]) -> None:
    wanted = {name: REQUESTS if resolve(parse_notation(name)).mode.worker == "sync" else 1 for name in found}
    assert {name: one.connections for name, one in found.items()} == wanted and REQUESTS in wanted.values()


def test_hypercorn_keeps_a_connection_beyond_the_thousand_requests_of_its_own_default() -> None:
    assert seen(prepare(parse_notation("bare-asgi@hypercorn")), 1100).connections == 1


def test_an_access_log_would_be_seen() -> None:
    record = prepare(parse_notation("bare-asgi@uvicorn"))
    chatty = record.model_copy(update={"argv": tuple(one for one in record.argv if one != "--no-access-log")})
    assert PATH in seen(chatty).output
