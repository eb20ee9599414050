"""Where connections lead, and how long they are kept."""

import socket
from pathlib import Path

import pytest

from webdyno.loadgen.engine.wire import RequestWriter
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.scenario import Step

from .conftest import Measure, make_job
from .server import Exchange, Script, ScriptedServer, answer, good

pytestmark = pytest.mark.paced

LOADS: list[Load] = [ClosedLoad(connections=3), OpenLoad(rate=200, arrivals="constant")]


def says_goodbye(exchange: Exchange) -> None:
    exchange.send(answer(headers="Connection: close\r\n"))
    exchange.close()


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_a_unix_socket_is_reached(measure: Measure, tmp_path: Path, load: Load) -> None:
    path = str(tmp_path / "server.sock")
    with ScriptedServer(good, path=path) as server:
        result = measure(make_job(server.port, load).model_copy(update={"unix_socket": path}))
        assert result.ok == result.scheduled == server.counts["requests"] > 0


def test_a_unix_socket_that_is_not_there_is_a_failed_connection(measure: Measure, tmp_path: Path) -> None:
    for name, said in (("nothing", "No such file"), ("long" * 50, "too long")):
        job = make_job(80, OpenLoad(rate=100, arrivals="constant"))
        result = measure(job.model_copy(update={"unix_socket": str(tmp_path / name)}))
        assert result.failures == {"connect": 25}
        assert said in result.failure_samples[0].detail


def test_a_unix_socket_with_a_full_backlog_is_a_failed_connection(measure: Measure, tmp_path: Path) -> None:
    path = str(tmp_path / "full.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        result = measure(make_job(80, ClosedLoad(connections=3), timeout=0.1).model_copy(update={"unix_socket": path}))
    assert result.failures["connect"] >= 2
    assert any("backlog is full" in sample.detail for sample in result.failure_samples)


@pytest.mark.parametrize("load", LOADS, ids=str)
@pytest.mark.parametrize("script", [good, says_goodbye], ids=["server that keeps it open", "server that closes"])
def test_without_keep_alive_every_request_has_its_own_connection(measure: Measure, load: Load, script: Script) -> None:
    with ScriptedServer(script) as server:
        result = measure(make_job(server.port, load).model_copy(update={"keep_alive": False}))
        requests, connections = server.counts["requests"], server.counts["connections"]
    assert result.ok == result.scheduled == requests > 0
    assert requests <= connections <= requests + load.connections
    assert result.failures == {}
    assert result.reconnects == 0


def test_without_keep_alive_the_server_is_told() -> None:
    step = Step(name="request")
    assert b"\r\nConnection: close\r\n" in (RequestWriter(step, "127.0.0.1", keep_alive=False).constant or b"")
    assert b"onnection" not in (RequestWriter(step, "127.0.0.1").constant or b"onnection")


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_a_connection_carries_as_many_requests_as_it_may(measure: Measure, load: Load) -> None:
    def count_turns(exchange: Exchange) -> None:
        exchange.count(f"turn {exchange.turn}")
        good(exchange)

    with ScriptedServer(count_turns) as server:
        result = measure(make_job(server.port, load).model_copy(update={"requests_per_connection": 4}))
        counts = server.counts
    assert result.ok == result.scheduled == counts["requests"] > 0
    assert [counts[f"turn {turn}"] > 0 for turn in range(6)] == [True, True, True, True, False, False]
    assert counts["turn 0"] - counts["turn 3"] <= load.connections
    assert result.reconnects == 0
