"""Scenarios through the real engine: who sends what, in which order, and where it is counted."""

import gzip
import json
import threading
import time
from collections import Counter

import pytest
from scipy import stats

from tests.known import known
from webdyno.loadgen.engine.journey import Journeys
from webdyno.loadgen.job import LoadJob
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window
from webdyno.model.scenario import Flow, Rows, Scenario, Step
from webdyno.model.trial import LoadFigures
from webdyno.model.workload import Expected, Request

from .conftest import Measure
from .server import Exchange, ScriptedServer, answer, good, refused_port

pytestmark = pytest.mark.paced

CLOSED, OPEN = ClosedLoad(connections=4), OpenLoad(rate=200, connections=8)
LOADS: list[Load] = [CLOSED, OPEN]


class Shop:
    """Logs in, and takes orders of those who are logged in; remembers the requests."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.wrong: Counter[str] = Counter()
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        method, path, _ = exchange.head.split(b"\r\n")[0].decode().split()
        with self._lock:
            self.seen.append(f"{method} {path}")
            status, body = self._answer(path, exchange)
        exchange.send(answer(json.dumps(body).encode(), status))

    def _answer(self, path: str, exchange: Exchange) -> tuple[str, object]:
        if path == "/login":
            if json.loads(exchange.body)["user"] == "eve":
                return "401 Unauthorized", {}
            token = f"t{len(self.seen)}"
            self._tokens.add(token)
            return "201 Created", {"token": token, "user": {"name": json.loads(exchange.body)["user"]}}
        if path == "/orders":
            token = exchange.head.decode().split("Bearer ")[1].split("\r\n")[0]
            if token not in self._tokens:
                self.wrong["token"] += 1
            # Every token is good for one order.
            self._tokens.discard(token)
        return "200 OK", {"ok": True}


def login(*, think_s: tuple[float, float] = (0, 0)) -> Step:
    return Step(
        name="login",
        request=Request(method="POST", path="/login", body=b'{"user": "${users.name}"}'),
        expected=Expected(status=201),
        take={"token": "json:token"},
        think_s=think_s,
    )


ORDER = Step(
    name="order",
    request=Request(method="POST", path="/orders", headers=(("Authorization", "Bearer ${token}"),)),
    expected=Expected(status=None, json_values={"ok": True}),
)
ANA = {"users": Rows(rows=({"name": "ana"},))}


def job(port: int, scenario: Scenario, load: Load, *, seconds: float = 0.5, journeys: int | None = None) -> LoadJob:
    return LoadJob(
        host="127.0.0.1",
        port=port,
        scenario=scenario,
        load=load,
        window=Window(warmup_s=0, duration_s=seconds, timeout_s=5),
        seed=3,
        journeys=journeys,
    )


def by_name(result: LoadFigures) -> dict[str, int]:
    assert sum(part.scheduled for part in result.endpoints) == result.scheduled
    return {part.name: part.ok for part in result.endpoints}


@pytest.mark.parametrize("load", LOADS, ids=["closed", "open"])
def test_later_steps_use_what_was_taken_from_earlier_answers(measure: Measure, load: Load) -> None:
    shop = Shop()
    with ScriptedServer(shop) as server:
        flow = Flow(name="buy", steps=(login(), ORDER))
        result = measure(job(server.port, Scenario(flows=(flow,), data=ANA), load))
    counts = by_name(result)
    assert not shop.wrong
    assert not result.failed
    assert counts["login"] > 20
    # Of each user one step may be under way when the window closes.
    assert 0 <= counts["login"] - counts["order"] <= load.connections
    assert result.statuses == {201: counts["login"], 200: counts["order"]}
    assert Counter(shop.seen) == {"POST /login": counts["login"], "POST /orders": counts["order"]}


def test_every_arrival_and_every_later_step_of_open_load_is_accounted_for(measure: Measure) -> None:
    load = OpenLoad(rate=100, arrivals="constant", connections=8)
    with ScriptedServer(Shop()) as server:
        flow = Flow(name="buy", steps=(login(think_s=(0.1, 0.1)), ORDER))
        result = measure(job(server.port, Scenario(flows=(flow,), data=ANA), load))
    login_result, order = result.endpoints
    assert login_result.scheduled == 50
    # Orders come 0.1 s after the logins; those that would be due after the window are not sent.
    assert 38 <= order.scheduled <= 41
    assert result.scheduled == login_result.scheduled + order.scheduled


def test_later_steps_count_where_they_were_due(measure: Measure) -> None:
    steps = (Step(name="one", think_s=(0.1, 0.1)), Step(name="two"))
    load = OpenLoad(rate=100, arrivals="constant", connections=8)
    with ScriptedServer(good) as server:
        asked = job(server.port, Scenario(flows=(Flow(name="f", steps=steps),)), load)
        result = measure(asked.model_copy(update={"window": Window(warmup_s=0.3, duration_s=0.4)}))
    # Those of the last 0.1 s are not due any more, and as many come from the warm-up.
    assert result.endpoints[0].scheduled == 40
    assert 37 <= result.endpoints[1].scheduled <= 41


def test_flows_are_chosen_by_their_weights(measure: Measure) -> None:
    flows = tuple(
        Flow(name=name, weight=weight, steps=(Step(name=name, request=Request(path=f"/{name}")),))
        for name, weight in (("a", 1), ("b", 2), ("c", 7))
    )
    with ScriptedServer(good) as server:
        counts = by_name(measure(job(server.port, Scenario(flows=flows), CLOSED)))
    # At this seed or another: a 99.9 % test.
    expected = [share * sum(counts.values()) for share in (0.1, 0.2, 0.7)]
    assert stats.chisquare(list(counts.values()), expected).pvalue > 0.001


def test_processes_that_share_a_load_draw_flows_of_their_own() -> None:
    flows = tuple(Flow(name=name, steps=(Step(name=name),)) for name in "ab")

    def drawn(share: tuple[int, int]) -> list[int]:
        asked = job(80, Scenario(flows=flows), CLOSED).model_copy(update={"share": share})
        journeys = Journeys(asked)
        return [journeys.begin().endpoint.place for _ in range(100)]

    assert drawn((0, 2)) == drawn((0, 2))
    assert drawn((0, 2)) != drawn((1, 2))


def test_users_think_and_obey_the_law_of_response_times(measure: Measure) -> None:
    # N = X (R + Z), by Denning and Buzen 1978: users are either waiting for an answer or thinking.
    steps = (Step(name="look", think_s=(0.02, 0.06)), Step(name="look again", think_s=(0.0, 0.04)))
    with ScriptedServer(good) as server:
        result = measure(job(server.port, Scenario(flows=(Flow(name="look", steps=steps),)), CLOSED, seconds=1.5))
    mean_ns = Histogram.decode(result.service).mean_ns()
    assert mean_ns
    # A pause of 0.04 s in the mean after the first step, of 0.02 s after the last, before the user begins anew; some
    # 200 pauses with a standard deviation of 0.012 s: 10 % is far out.
    assert result.throughput * (mean_ns / 1e9 + (0.04 + 0.02) / 2) == pytest.approx(4, rel=0.1)


def test_who_thinks_for_long_keeps_nobody_waiting(measure: Measure) -> None:
    steps = {name: Step(name=name, think_s=(least, least)) for name, least in (("slow", 0.4), ("fast", 0.01))}
    flows = tuple(Flow(name=name, steps=(step, Step(name=f"{name} too"))) for name, step in steps.items())
    with ScriptedServer(good) as server:
        result = measure(job(server.port, Scenario(flows=flows), OPEN))
    later = result.endpoints[3]
    late_ns = Histogram.decode(later.late).quantile_ns(0.5)
    assert later.name == "fast too"
    assert later.ok > 20
    assert late_ns is not None
    assert late_ns < 0.1e9


def test_a_step_that_fails_ends_its_flow(measure: Measure) -> None:
    shop = Shop()
    scenario = Scenario(
        flows=(Flow(name="buy", steps=(login(), ORDER)),), data={"users": Rows(rows=({"name": "eve"}, {"name": "ana"}))}
    )
    with ScriptedServer(shop) as server:
        result = measure(job(server.port, scenario, CLOSED))
    failed, order = result.endpoints
    assert failed.failures["status"] > 10
    assert known(failed.statuses)[401] == failed.failures["status"] == known(result.statuses)[401]
    assert abs(failed.failures["status"] - order.ok) <= 2 * 4
    assert "status 401 instead of 201" in failed.failure_samples[0].detail
    assert not order.failed


def test_each_flow_in_its_turn_and_no_more_journeys_than_asked_for(measure: Measure) -> None:
    shop = Shop()
    browse = Flow(name="browse", weight=1e-6, steps=(Step(name="list", request=Request(path="/items")),))
    scenario = Scenario(flows=(Flow(name="buy", steps=(login(), ORDER)), browse), data=ANA)
    began = time.monotonic()
    with ScriptedServer(shop) as server:
        result = measure(job(server.port, scenario, ClosedLoad(connections=1), seconds=30, journeys=2))
    assert shop.seen == ["POST /login", "POST /orders", "GET /items"]
    assert by_name(result) == {"login": 1, "order": 1, "list": 1}
    # Long before its window would have closed.
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("load", LOADS, ids=["closed", "open"])
def test_connections_that_the_server_closes_while_users_think_are_replaced(measure: Measure, load: Load) -> None:
    def once(exchange: Exchange) -> None:
        exchange.send(answer(headers="Connection: keep-alive\r\n"))
        exchange.close()

    steps = tuple(Step(name=name, think_s=(0.02, 0.02)) for name in ("one", "two", "three"))
    with ScriptedServer(once) as server:
        result = measure(job(server.port, Scenario(flows=(Flow(name="slow", steps=steps),)), load))
    assert result.ok > 20
    assert min(by_name(result).values()) > 5
    assert result.failures.keys() <= {"reset"}


def test_answers_without_a_body_go_beside_others(measure: Measure) -> None:
    def by_method(exchange: Exchange) -> None:
        exchange.send(answer().split(b"\r\n\r\n")[0] + b"\r\n\r\n" if exchange.head.startswith(b"HEAD") else answer())

    flow = Flow(
        name="look",
        steps=(Step(name="head", request=Request(method="HEAD")), Step(name="get", expected=Expected(length=28))),
    )
    with ScriptedServer(by_method) as server:
        result = measure(job(server.port, Scenario(flows=(flow,)), CLOSED))
    assert not result.failed
    assert min(by_name(result).values()) > 20


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_values_are_taken_from_compressed_answers(measure: Measure, chunked: bool) -> None:
    seen: set[bytes] = set()

    def packed(exchange: Exchange) -> None:
        seen.add(exchange.head.split()[1])
        body = gzip.compress(b'{"user": {"ids": [7, 8]}}')
        if chunked:
            head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            parts = (body[:9], body[9:])
            exchange.send(head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n")
        else:
            exchange.send(answer(body, headers="Content-Encoding: gzip\r\n"))

    first = Step(
        name="who",
        request=Request(path="/who", headers=(("Accept-Encoding", "gzip, deflate"),)),
        expected=Expected(body=b'{"user": {"ids": [7, 8]}}', json_values={"user.ids.0": 7}),
        take={"id": "json:user.ids.1"},
    )
    flow = Flow(name="f", steps=(first, Step(name="get", request=Request(path="/users/${id}"))))
    with ScriptedServer(packed) as server:
        result = measure(job(server.port, Scenario(flows=(flow,)), CLOSED, seconds=0.2))
    assert not result.failed
    assert result.ok > 20
    assert seen == {b"/who", b"/users/8"}


def test_counters_never_repeat(measure: Measure) -> None:
    seen: list[bytes] = []

    def note(exchange: Exchange) -> None:
        seen.append(exchange.head.split()[1])
        good(exchange)

    step = Step(name="get", request=Request(path="/${counter}"))
    with ScriptedServer(note) as server:
        result = measure(job(server.port, Scenario(flows=(Flow(name="f", steps=(step,)),)), CLOSED))
    assert len(seen) == len(set(seen)) == result.scheduled
    assert known(result.engine).render_s > 0


def test_a_server_that_refuses_connections_fails_the_first_steps(measure: Measure) -> None:
    scenario = Scenario(flows=(Flow(name="buy", steps=(login(), ORDER)),), data=ANA)
    for load in LOADS:
        result = measure(job(refused_port(), scenario, load, seconds=0.2))
        first, later = result.endpoints
        assert first.failures["connect"] == first.scheduled > 0
        assert not later.scheduled


def test_the_histograms_of_every_second_add_up(measure: Measure) -> None:
    with ScriptedServer(good) as server:
        asked = job(server.port, Scenario(flows=(Flow(name="f", steps=(Step(name="get"),)),)), OPEN, seconds=2.2)
        result = measure(asked.model_copy(update={"seconds": True}))
    assert len(result.times) == len(result.series) == 3
    for second, times in zip(result.series, result.times, strict=True):
        for encoded in (times.late, times.waited, times.lag, times.service, times.response):
            assert Histogram.decode(encoded).count == second.ok
