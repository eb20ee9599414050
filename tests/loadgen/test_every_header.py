"""What a user's headers become in every place that sends: once, as given, in place of ours."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.lab.rehearsal import rehearse
from webdyno.loadgen.engine.journey import Journeys
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.http_request import authority_of, write_request
from webdyno.model.load import ClosedLoad
from webdyno.model.scenario import Flow, Scenario, Step
from webdyno.model.target import parse_target
from webdyno.model.workload import TOKEN, Expected, Request
from webdyno.serving.launch_request import ask
from webdyno.serving.reach import first_answer

from .conftest import Measure, make_job
from .server import BODY, GOOD, Exchange, ScriptedServer, answer
from .websocket_server import MESSAGE, echo, speaks

pytestmark = pytest.mark.paced

Place = Callable[[LoadGenerator, int, Request], object]


def readiness(_: LoadGenerator, port: int, request: Request) -> None:
    """The first requests of `compare` and `gate`, and those of `serve`."""
    now = time.monotonic()
    connected = socket.create_connection(("127.0.0.1", port))
    ask(connected, f"127.0.0.1:{port}", request, started=now, deadline=now + 10, exited=lambda: False)


def first_of_load(_: LoadGenerator, port: int, request: Request) -> None:
    target = parse_target(f"http://127.0.0.1:{port}{request.path}")
    first_answer(socket.create_connection(("127.0.0.1", port)), target, request, timeout_s=10)


def load(generator: LoadGenerator, port: int, request: Request) -> None:
    generator.run(make_job(port, ClosedLoad(connections=1), request=request).model_copy(update={"journeys": 3}))


def scenario(request: Request) -> Scenario:
    return Scenario(flows=(Flow(name="all", steps=(Step(name="one", request=request),)),))


def load_of_a_scenario(generator: LoadGenerator, port: int, request: Request) -> None:
    job = make_job(port, ClosedLoad(connections=1))
    generator.run(job.model_copy(update={"journeys": 3, "scenario": scenario(request)}))


def rehearsal(generator: LoadGenerator, port: int, request: Request) -> None:
    rehearse(generator, make_job(port).model_copy(update={"scenario": scenario(request)}))


PLACES: list[Place] = [readiness, first_of_load, load, load_of_a_scenario, rehearsal]
GIVEN = [
    ("Host", "shop.example"),
    ("host", "[2001:db8::1]:8443"),
    ("Host", ""),
    ("Content-Length", "5"),
    ("content-length", "5"),
    ("Connection", "close"),
    ("CONNECTION", "keep-alive"),
    ("Accept-Encoding", "identity"),
    ("Content-Type", "application/vnd.shop+json"),
    ("Cookie", "session=1; theme=dark"),
    ("User-Agent", "me/1.0"),
    ("accept", "text/html"),
    ("Expect", "100-continue"),
    ("X-Latin", "Ana\xefs"),
    ("X-UTF-8", "Gr\u00fc\u00dfe \u6771\u4eac".encode().decode("latin-1")),
]


class Records:
    """Stores what was sent, byte for byte."""

    def __init__(self) -> None:
        self.requests: list[tuple[bytes, bytes]] = []

    def __call__(self, exchange: Exchange) -> None:
        self.requests.append((exchange.head, exchange.body))
        exchange.send(GOOD.removesuffix(BODY) if exchange.head.startswith(b"HEAD ") else GOOD)


def sent(place: Place, generator: LoadGenerator, request: Request) -> list[tuple[bytes, bytes]]:
    records = Records()
    with ScriptedServer(records) as server:
        place(generator, server.port, request)
    assert records.requests
    # The port differs from one server to the next.
    own = f"127.0.0.1:{server.port}".encode()
    return [(head.replace(own, b"127.0.0.1:1"), body) for head, body in records.requests]


@pytest.mark.parametrize("field", GIVEN, ids=lambda field: f"{field[0]}={field[1]!a}")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_header_is_sent_once_with_the_users_value_by(
    place: Place, field: tuple[str, str], generator: LoadGenerator
) -> None:
    name, value = field
    request = Request(method="POST", path="/orders?x=1", headers=(field,), body=b"hello")
    for head, body in sent(place, generator, request):
        lines = head.decode("latin-1").split("\r\n")[1:]
        assert [line for line in lines if line.lower().startswith(f"{name.lower()}:")] == [f"{name}: {value}"]
        names = [line.partition(":")[0].lower() for line in lines]
        assert len(set(names)) == len(names)
        assert {"host", "user-agent", "accept", "content-length"} <= set(names)
        assert body == b"hello"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_header_given_several_times_is_sent_as_often_and_in_order_by(place: Place, generator: LoadGenerator) -> None:
    headers = (("X-Forwarded-For", "10.0.0.1"), ("Cookie", "a=1"), ("x-forwarded-for", "10.0.0.2"), ("Cookie", "b=2"))
    for head, _ in sent(place, generator, Request(headers=headers)):
        lines = head.decode().split("\r\n")
        # Cookies last: those that a user keeps follow them.
        assert lines[-4:] == [f"{name}: {value}" for name, value in (headers[0], headers[2], headers[1], headers[3])]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize(
    "request_sent",
    [
        Request(),
        Request(method="HEAD"),
        Request(method="PUT"),
        Request(method="POST", headers=(GIVEN[1],), body=b"${x}"),
    ],
    ids=str,
)
def test_what_is_tried_before_a_load_is_byte_for_byte_what_it_sends(
    place: Place, request_sent: Request, generator: LoadGenerator
) -> None:
    head, _, body = write_request(request_sent, "127.0.0.1:1").partition(b"\r\n\r\n")
    if place in (load_of_a_scenario, rehearsal):
        # There, `${` begins a placeholder.
        escaped = request_sent.body and request_sent.body.replace(b"${", b"$${")
        request_sent = request_sent.model_copy(update={"body": escaped})
    assert set(sent(place, generator, request_sent)) == {(head, body)}


NAMES = st.from_regex(TOKEN, fullmatch=True).filter(
    lambda name: name.lower() not in ("host", "content-length", "transfer-encoding")
)
VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f", exclude_categories=["Cc"])
)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "DELETE"]),
    st.lists(st.tuples(NAMES, VALUES), max_size=5).map(tuple),
    st.none() | st.binary(max_size=50),
)
def test_the_engine_writes_what_the_first_request_does(
    method: str, headers: tuple[tuple[str, str], ...], body: bytes | None
) -> None:
    request = Request(method=method, headers=headers, body=body)
    only = Journeys(make_job(8000, request=request)).only
    assert only
    assert only.constant == write_request(request, authority_of("127.0.0.1", 8000))


@pytest.mark.parametrize(
    "field",
    [("connection", "keep-alive, Upgrade"), ("Host", "shop.example"), ("User-Agent", "me"), ("Cookie", "a=1")],
    ids=str,
)
def test_a_websocket_is_asked_for_with_the_users_header_once(measure: Measure, field: tuple[str, str]) -> None:
    heads: list[str] = []

    def records(exchange: Exchange) -> None:
        heads.append(exchange.head.decode())
        speak(exchange)

    speak = speaks(echo)
    request = Request(path="/ws", headers=(field,), body=MESSAGE, websocket=True)
    expected = Expected(status=101, length=len(MESSAGE), body=MESSAGE)
    with ScriptedServer(records) as server:
        job = make_job(server.port, ClosedLoad(connections=1), request=request, expected=expected)
        result = measure(job.model_copy(update={"journeys": 2}))
    assert (result.ok, result.failures) == (2, {})
    names = [line.partition(":")[0].lower() for line in heads[0].split("\r\n")[1:]]
    assert len(set(names)) == len(names)
    assert f"{field[0]}: {field[1]}" in heads[0].split("\r\n")


@pytest.mark.parametrize("closes", [True, False], ids=["the server closes", "the server does not"])
@pytest.mark.parametrize("scenario_of", [None, scenario], ids=["request", "scenario"])
def test_a_connection_that_we_asked_to_close_is_no_reconnect(
    measure: Measure, closes: bool, scenario_of: Callable[[Request], Scenario] | None
) -> None:
    turns: list[int] = []

    def script(exchange: Exchange) -> None:
        turns.append(exchange.turn)
        exchange.send(answer(headers="Connection: close\r\n") if closes else answer())
        if closes:
            exchange.close()

    request = Request(headers=(("connection", "TE, Close"),))
    with ScriptedServer(script) as server:
        job = make_job(server.port, ClosedLoad(connections=2), request=request)
        steps = scenario_of(request) if scenario_of else None
        result = measure(job.model_copy(update={"journeys": 20, "scenario": steps}))
    assert (result.ok, result.failures, result.reconnects) == (20, {}, 0)
    assert set(turns) == {0}
