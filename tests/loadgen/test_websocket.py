"""Messages over WebSockets: every right echo counts, and whatever else a server does ends in one counted place."""

import select
import socket
import time
from pathlib import Path

import pytest

from tests.known import known
from webdyno.errors import EngineFailed
from webdyno.loadgen.engine.journey import Journeys
from webdyno.loadgen.engine.websocket import WebSocket
from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Load, OpenLoad
from webdyno.model.scenario import Flow, Scenario, Step
from webdyno.model.workload import Expected, Request

from .conftest import Measure, make_job
from .server import GOOD, Exchange, Script, ScriptedServer, answer, refused_port
from .websocket_server import (
    BINARY,
    CLOSE,
    MESSAGE,
    PING,
    PONG,
    TEXT,
    Frame,
    Reply,
    echo,
    frame,
    receive,
    speaks,
    switching,
)

pytestmark = pytest.mark.paced

LOADS: list[Load] = [ClosedLoad(connections=3), OpenLoad(rate=200, arrivals="constant")]


def echo_job(
    port: int, load: Load | None = None, *, message: bytes = MESSAGE, timeout: float = 5, seconds: float = 0.2
) -> LoadJob:
    request = Request(path="/ws", body=message, websocket=True)
    expected = Expected(status=101, length=len(message), body=message)
    return make_job(port, load, request=request, expected=expected, timeout=timeout, seconds=seconds)


def sends(*parts: bytes, close: bool = False) -> Reply:
    def reply(exchange: Exchange, message: bytes) -> None:
        for part in parts:
            exchange.send(part)
        if close:
            exchange.close()

    return reply


def in_three_parts(exchange: Exchange, message: bytes) -> None:
    exchange.send(frame(message[:2], first=TEXT) + frame(b"", first=0))
    exchange.send(frame(message[2:], first=0x80))


def ping_between_the_parts(exchange: Exchange, message: bytes) -> None:
    exchange.send(frame(message[:2], first=TEXT) + frame(b"there?", PING))
    exchange.send(frame(message[2:], first=0x80))


def drips(exchange: Exchange, message: bytes) -> None:
    for byte in frame(message):
        exchange.send(bytes((byte,)))


RIGHT: dict[str, Reply] = {
    "one frame": echo,
    "three parts": in_three_parts,
    "byte by byte": drips,
    "a pong that nobody asked for": sends(frame(b"", PONG) + frame(MESSAGE)),
}
PINGING: dict[str, Reply] = {
    "before": sends(frame(b"there?", PING), frame(MESSAGE)),
    "between the parts": ping_between_the_parts,
    "with the echo": sends(frame(b"", PING) + frame(MESSAGE)),
    "after": sends(frame(MESSAGE), frame(b"there?", PING)),
    "right after": sends(frame(MESSAGE) + frame(b"there?", PING)),
    "cut in two": sends(frame(MESSAGE) + frame(b"there?", PING)[:3], frame(b"there?", PING)[3:]),
}
WRONG: dict[str, tuple[str, str, Reply]] = {
    "other text": ("body", "other bytes", sends(frame(MESSAGE.upper()))),
    "shorter": ("body", "26 bytes instead of 27", sends(frame(MESSAGE[:-1]))),
    "longer": ("body", "28 bytes instead of 27", sends(frame(MESSAGE + b"!"))),
    "binary": ("body", "binary", sends(frame(MESSAGE, BINARY))),
    "closed": ("reset", "1001 bye", sends(frame(b"\x03\xe9bye", CLOSE), close=True)),
    "closed without a code": ("reset", "no code", sends(frame(b"", CLOSE))),
    "closed in the middle": ("reset", "1000", sends(frame(MESSAGE[:2], first=TEXT), frame(b"\x03\xe8", CLOSE))),
    "hung up": ("reset", "closed without an answer", sends(close=True)),
    "hung up in the middle": ("protocol", "cut off", sends(frame(MESSAGE)[:9], close=True)),
    "two messages": ("protocol", "second message", sends(frame(MESSAGE) + frame(MESSAGE))),
    "a message within another": ("protocol", "within", sends(frame(b"a", first=TEXT) + frame(b"b"))),
    "a later part of nothing": ("protocol", "no message", sends(frame(MESSAGE, first=0x80))),
    "masked": ("protocol", "masked", sends(frame(MESSAGE, masked=0x80))),
    "compressed": ("protocol", "not agreed", sends(frame(MESSAGE, first=0xC1))),
    "unknown kind": ("protocol", "not agreed", sends(frame(MESSAGE, 3))),
    "a ping in parts": ("protocol", "control frame", sends(frame(b"", first=PING))),
    "a long ping": ("protocol", "control frame", sends(frame(b"x" * 126, PING))),
    "a length in too many bytes": ("protocol", "length", sends(b"\x81\x7e\x00\x05hello")),
    "a length beyond all": ("protocol", "length", sends(b"\x81\x7f" + b"\xff" * 8)),
    "too much": ("protocol", "more than", sends(b"\x81\x7f" + (2**40).to_bytes(8, "big"))),
    "endless pongs": ("protocol", "without any of a message", sends(frame(b"x" * 125, PONG) * 600)),
    "endless empty parts": ("protocol", "without any", sends(frame(b"", first=TEXT) + frame(b"", first=0) * 40_000)),
    "HTTP": ("protocol", "not agreed", sends(GOOD)),
}


def hangs_up_in_the_head(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 101")
    exchange.close()


HANDSHAKES: dict[str, tuple[str, Script]] = {
    "not found": ("404", lambda e: e.send(answer(status="404 Not Found"))),
    "plain HTTP": ("200", lambda e: e.send(GOOD)),
    "wrong key": ("Sec-WebSocket-Accept", lambda e: e.send(switching(e.head, accept="x" * 28))),
    "no upgrade": ("does not switch", lambda e: e.send(switching(e.head, connection="close"))),
    "extension": (
        "extensions that was not offered",
        lambda e: e.send(switching(e.head, more="Sec-WebSocket-Extensions: permessage-deflate\r\n")),
    ),
    "no HTTP": ("no answer to the handshake", lambda e: e.send(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "endless head": ("more than 65536 bytes", lambda e: e.send(b"HTTP/1.1 101 Yes\r\nX: " + b"x" * 200_000)),
    "hung up": ("closed without a whole answer", lambda e: e.close()),
    "hung up in the head": ("closed without a whole", hangs_up_in_the_head),
    "reset": ("WebSocket: ", lambda e: e.reset()),
    "silent": ("within 0.05 s", lambda e: None),
    "spoke first": ("before it was asked", lambda e: e.send(switching(e.head) + frame(MESSAGE))),
    "began to speak": ("before it was asked", lambda e: e.send(switching(e.head) + frame(MESSAGE, first=TEXT))),
}


@pytest.mark.parametrize("load", LOADS, ids=str)
@pytest.mark.parametrize("reply", RIGHT.values(), ids=RIGHT)
def test_every_way_to_send_a_message_back_is_right(reply: Reply, load: Load, measure: Measure) -> None:
    with ScriptedServer(speaks(reply)) as server:
        result = measure(echo_job(server.port, load))
        counts = server.counts
    assert result.failures == {}
    assert result.ok == result.scheduled == counts["messages"] > 10
    assert result.statuses == {101: result.ok}
    assert counts["connections"] == counts["requests"] <= load.connections
    assert result.reconnects == 0


@pytest.mark.parametrize("size", [1, 125, 126, 65_535, 65_536, 300_000])
def test_messages_of_every_length_come_back(size: int, measure: Measure) -> None:
    message = bytes(ord("a") + at % 26 for at in range(size))
    seen = set()

    def note(exchange: Exchange, text: bytes) -> None:
        seen.add(text)
        echo(exchange, text)

    with ScriptedServer(speaks(note)) as server:
        result = measure(echo_job(server.port, ClosedLoad(connections=1), message=message))
    assert result.failures == {}
    assert result.ok == result.scheduled > 0
    assert seen == {message}


@pytest.mark.parametrize("load", LOADS, ids=str)
@pytest.mark.parametrize("reply", PINGING.values(), ids=PINGING)
def test_pings_are_answered_and_cost_nothing(reply: Reply, load: Load, measure: Measure) -> None:
    with ScriptedServer(speaks(reply)) as server:
        result = measure(echo_job(server.port, load))
        counts = server.counts
    assert result.failures == {}
    assert result.ok == result.scheduled == counts["messages"] > 10
    # Those that came with the last message of a connection may find it closed.
    assert counts["messages"] - counts["connections"] <= counts["pongs"] <= counts["messages"]
    assert result.reconnects == 0


def test_an_idle_websocket_may_be_pinged_for_as_long_as_it_lasts() -> None:
    ping = b"x" * 125

    def pings(exchange: Exchange) -> None:
        exchange.send(switching(exchange.head))
        for _ in range(600):
            exchange.send(frame(ping, PING))
            assert receive(exchange.sock) == Frame(PONG, ping)
            exchange.count("pongs")
        exchange.close()

    with ScriptedServer(pings) as server:
        connection = WebSocket(Journeys(echo_job(server.port)).endpoints[0], (server.host, server.port), 0)
        try:
            while (reason := connection.establish()) is None:
                select.select([connection.fd], [], [], 5)
            assert reason == ""
            while select.select([connection.fd], [], [], 5)[0] and connection.is_quiet():
                pass
        finally:
            connection.close()
        assert server.counts["pongs"] == 600


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_the_rest_of_a_ping_is_no_echo_whatever_it_holds(load: Load, measure: Measure) -> None:
    ping = frame(frame(MESSAGE), PING)

    def ends_the_ping_first(exchange: Exchange) -> None:
        exchange.send(switching(exchange.head) + ping[:2])
        while receive(exchange.sock):
            exchange.send(ping[2:])
            assert receive(exchange.sock) == Frame(PONG, frame(MESSAGE))
            exchange.count("messages")
            exchange.send(frame(MESSAGE) + ping[:2])
        exchange.closed = True

    with ScriptedServer(ends_the_ping_first) as server:
        result = measure(echo_job(server.port, load))
        assert result.ok == result.scheduled == server.counts["messages"] > 10
    assert result.failures == {}


def test_a_pong_waits_until_the_message_under_way_is_sent(measure: Measure, tmp_path: Path) -> None:
    message, path = b"long " * 200_000, str(tmp_path / "server.sock")

    def pings_while_it_comes(exchange: Exchange) -> None:
        exchange.send(switching(exchange.head))
        while True:
            # Far more is sent than the socket holds, so the rest waits for this side to read.
            exchange.sock.recv(1, socket.MSG_PEEK)
            exchange.send(frame(b"there?", PING))
            if (sent := receive(exchange.sock)) is None:
                break
            assert sent.payload == message
            assert receive(exchange.sock) == Frame(PONG, b"there?")
            exchange.count("messages")
            exchange.send(frame(sent.payload))
        exchange.closed = True

    with ScriptedServer(pings_while_it_comes, path=path) as server:
        job = echo_job(server.port, ClosedLoad(connections=1), message=message)
        result = measure(job.model_copy(update={"unix_socket": path}))
        assert result.ok == server.counts["messages"] > 1
    assert result.failures == {}


@pytest.mark.parametrize(("kind", "said", "wrong"), WRONG.values(), ids=WRONG)
def test_each_wrong_reply_is_counted_by_kind(kind: str, said: str, wrong: Reply, measure: Measure) -> None:
    def every_third(exchange: Exchange, message: bytes) -> None:
        if exchange.number % 3 == 1:
            exchange.count("wrong")
            wrong(exchange, message)
        else:
            echo(exchange, message)

    with ScriptedServer(speaks(every_third)) as server:
        result = measure(echo_job(server.port, seconds=0.4))
        counts = server.counts
    assert result.failures == {kind: counts["wrong"]}
    assert result.ok == counts["messages"] - counts["wrong"] > 0
    assert any(said in sample.detail for sample in result.failure_samples)


def test_a_close_after_the_echo_costs_a_reconnect_and_no_failure(measure: Measure) -> None:
    with ScriptedServer(speaks(sends(frame(MESSAGE) + frame(b"\x03\xe8", CLOSE), close=True))) as server:
        result = measure(echo_job(server.port))
    assert result.failures == {}
    assert result.ok > 5
    assert known(result.reconnects) > 0


def test_a_message_that_does_not_come_back_is_a_time_out(measure: Measure) -> None:
    with ScriptedServer(speaks(sends())) as server:
        result = measure(echo_job(server.port, timeout=0.05))
    assert set(result.failures) == {"timeout"}
    assert result.ok == 0


@pytest.mark.parametrize("load", LOADS, ids=str)
@pytest.mark.parametrize(("said", "script"), HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_handshake_that_fails_is_a_failed_connection(said: str, script: Script, load: Load, measure: Measure) -> None:
    with ScriptedServer(script) as server:
        result = measure(echo_job(server.port, load, timeout=0.05, seconds=0.15))
    assert set(result.failures) == {"connect"}
    assert result.ok == 0
    assert all(said in sample.detail for sample in result.failure_samples)


def test_a_port_where_nobody_listens_is_a_failed_connection(measure: Measure) -> None:
    result = measure(echo_job(refused_port()))
    assert set(result.failures) == {"connect"}


def test_an_answer_to_the_handshake_may_come_slowly_and_a_ping_with_it(measure: Measure) -> None:
    def slowly(exchange: Exchange) -> None:
        send = exchange.send
        for byte in switching(exchange.head):
            send(bytes((byte,)))
        exchange.send = lambda data: send(frame(b"hello", PING))  # type: ignore[method-assign]
        script = speaks(lambda e, message: send(frame(message)))
        script(exchange)

    with ScriptedServer(slowly) as server:
        result = measure(echo_job(server.port))
        assert server.counts["pongs"] == server.counts["connections"] == 3
    assert result.failures == {}
    assert result.ok == result.scheduled == server.counts["messages"] > 10


def test_the_handshake_is_part_of_what_a_new_connection_costs_and_not_of_the_service_time(measure: Measure) -> None:
    def late(exchange: Exchange) -> None:
        time.sleep(0.05)
        speaks(echo)(exchange)

    with ScriptedServer(late) as server:
        job = echo_job(server.port, OpenLoad(rate=20, arrivals="constant"))
        result = measure(job.model_copy(update={"keep_alive": False}))
        assert server.counts["connections"] == server.counts["messages"] == result.ok == result.scheduled
    service, response = (Histogram.decode(text).quantile_ns(0.5) or 0 for text in (result.service, result.response))
    assert response > 50e6 > service


@pytest.mark.parametrize("load", LOADS, ids=str)
def test_a_connection_carries_as_many_messages_as_it_may(load: Load, measure: Measure) -> None:
    with ScriptedServer(speaks(echo)) as server:
        result = measure(echo_job(server.port, load).model_copy(update={"requests_per_connection": 4}))
        counts = server.counts
    assert result.ok == result.scheduled == counts["messages"] > 10
    assert counts["messages"] <= 4 * counts["connections"]
    assert result.reconnects == 0


def test_so_many_messages_as_asked_for_are_sent_and_then_it_ends(measure: Measure) -> None:
    with ScriptedServer(speaks(echo)) as server:
        job = echo_job(server.port, ClosedLoad(connections=1))
        long = job.window.model_copy(update={"duration_s": 30.0})
        began = time.monotonic()
        result = measure(job.model_copy(update={"journeys": 5, "window": long}))
        assert time.monotonic() - began < 15
        assert result.ok == server.counts["messages"] == 5


def test_a_scenario_with_a_websocket_is_refused() -> None:
    steps = (Step(name="talk", request=Request(path="/ws", websocket=True)),)
    job = echo_job(1).model_copy(update={"scenario": Scenario(flows=(Flow(name="f", steps=steps),))})
    with LoadGenerator() as generator, pytest.raises(EngineFailed, match="scenario cannot use a WebSocket"):
        generator.run(job)
