"""Connections that stay open from one load to the next."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.workload import Request

from .conftest import Measure, make_job
from .server import Exchange, ScriptedServer, answer, good

pytestmark = pytest.mark.paced

CLOSED, OPEN = ClosedLoad(connections=3), OpenLoad(rate=200, arrivals="constant", connections=3)


def parking(port: int, load: Load, path: str = "/") -> LoadJob:
    job = make_job(port, load, warmup=0.1, request=Request(path=path))
    return job.model_copy(update={"parks": True})


@pytest.mark.parametrize("second", [CLOSED, OPEN], ids=["closed", "open"])
def test_the_next_load_goes_on_with_the_open_connections(measure: Measure, second: Load) -> None:
    def tell_turn(exchange: Exchange) -> None:
        exchange.count(exchange.head.split()[1].decode())
        good(exchange)

    with ScriptedServer(tell_turn) as server:
        first = measure(parking(server.port, CLOSED, "/first"))
        result = measure(parking(server.port, second, "/second"))
        assert server.counts["connections"] == 3
    assert first.failures == result.failures == {}
    assert (first.reconnects, result.reconnects) == (0, 0)
    assert server.counts["/first"] >= first.ok > 0 and server.counts["/second"] >= result.ok > 0


def test_without_it_each_load_opens_its_own(measure: Measure) -> None:
    with ScriptedServer(good) as server:
        for _ in range(2):
            measure(parking(server.port, CLOSED).model_copy(update={"parks": False}))
        assert server.counts["connections"] == 6


def test_what_the_server_has_closed_meanwhile_is_opened_anew_and_no_failure(measure: Measure) -> None:
    with ScriptedServer(good) as server:
        measure(parking(server.port, CLOSED))
        with server.lock:
            for sock in server._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        result = measure(parking(server.port, CLOSED))
        assert server.counts["connections"] == 6
    assert result.failures == {} and result.ok > 0


def test_another_server_gets_connections_of_its_own(measure: Measure) -> None:
    with ScriptedServer(good) as one, ScriptedServer(good) as other:
        for server in (one, other, one, other):
            assert measure(parking(server.port, CLOSED)).ok > 0
        assert (one.counts["connections"], other.counts["connections"]) == (3, 3)


def test_a_connection_whose_request_has_no_answer_is_not_kept(measure: Measure) -> None:
    def late(exchange: Exchange) -> None:
        if exchange.turn < 5:
            exchange.send(answer())

    with ScriptedServer(late) as server:
        job = make_job(server.port, CLOSED, warmup=0.1, timeout=0.2).model_copy(update={"parks": True})
        measure(job)
        before = server.counts["connections"]
        measure(job)
        assert server.counts["connections"] >= before + 3
