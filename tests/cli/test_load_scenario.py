"""`webdyno load --scenario` end to end: what is sent, what is told of each endpoint, and what ends it early."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.loadgen.server import Exchange, ScriptedServer, answer

from .conftest import Call
from .measured import assert_measured

QUICK = ("-d", "0.5s", "--warmup", "0s", "-c", "2")
SHOP = """
[[flow]]
name = "order"

  [[flow.step]]
  name = "log in"
  method = "POST"
  path = "/login"
  json = { user = "ann" }
  expect = { status = 201 }
  take = { token = "json:token" }

  [[flow.step]]
  name = "order"
  path = "/orders/${token}"
  headers = { X-Tag = "own" }
  think = "10ms"

[[flow]]
name = "browse"
weight = 3

  [[flow.step]]
  name = "list"
  path = "/items"
"""


class Shop:
    """Answers the steps above; remembers the requests."""

    def __init__(self, *, orders: str = "200 OK") -> None:
        self.seen: Counter[str] = Counter()
        self.heads: list[str] = []
        self._orders = orders
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        head = exchange.head.decode()
        target = head.split(" ")[1]
        with self._lock:
            self.seen[target] += 1
            self.heads.append(head)
        if target.endswith("/login"):
            exchange.send(answer(b'{"token": "t1"}', "201 Created"))
        elif "/orders/" in target:
            exchange.send(answer(status=self._orders if "/orders/t1" in target else "404 Not Found"))
        else:
            exchange.send(answer())


@pytest.fixture
def shop_file(in_folder: Path) -> str:
    (in_folder / "shop.toml").write_text(SHOP)
    return "shop.toml"


def test_every_endpoint_is_told_with_its_own_figures(
    call: Call, shop_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with ScriptedServer(Shop()) as server:
        done = call("load", f"http://127.0.0.1:{server.port}", "--scenario", shop_file, *QUICK)
    assert_measured(done)
    told = done.stdout.splitlines()
    assert told[0].startswith("shop.toml at http://127.0.0.1:")
    head = next(at for at, line in enumerate(told) if line.startswith("endpoint"))
    assert [line[:20].strip() for line in told[head + 1 : head + 4]] == ["log in", "order", "list"]
    assert max(map(len, told)) <= 80


def test_requests_of_the_load_and_one_rehearsal_reach_the_server(call: Call, shop_file: str) -> None:
    shop = Shop()
    with ScriptedServer(shop) as server:
        url = f"http://127.0.0.1:{server.port}/v1/"
        given = ("--header", "X-Tag: all", "--bearer", "s${x}t")
        done = call("load", url, "--scenario", shop_file, *QUICK, *given, "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    assert document["scenario"] == "shop.toml"
    assert document["method"] == ""
    endpoints = {one["name"]: one for one in document["result"]["endpoints"]}
    asked = {"log in": "/v1/login", "order": "/v1/orders/t1", "list": "/v1/items"}
    for name, path in asked.items():
        # One more in the rehearsal.
        assert endpoints[name]["ok"] + endpoints[name]["unfinished"] == shop.seen[path] - 1
    for head in shop.heads:
        own = "/orders/" in head.split("\r\n")[0]
        assert head.count("X-Tag: ") == 1
        assert ("X-Tag: own" if own else "X-Tag: all") in head
        assert "Authorization: Bearer s${x}t" in head.split("\r\n")
        assert f"Host: 127.0.0.1:{server.port}" in head.split("\r\n")
    assert "s${x}t" not in done.stdout + done.stderr


def test_the_document_holds_three_histograms_of_each_endpoint_and_second(call: Call, shop_file: str) -> None:
    with ScriptedServer(Shop()) as server:
        url = f"http://127.0.0.1:{server.port}/"
        done = call("load", url, "--scenario", shop_file, *QUICK, "-r", "40", "-d", "1.5s", "--json")
    assert_measured(done)
    for endpoint in json.loads(done.stdout)["result"]["endpoints"]:
        assert len(endpoint["times"]) == len(endpoint["series"]) == 2
        assert all(second[name] for second in endpoint["times"] for name in ("lag", "service", "response"))


def test_a_step_that_fails_when_tried_is_named_and_nothing_is_measured(call: Call, shop_file: str) -> None:
    shop = Shop(orders="500 Broken")
    with ScriptedServer(shop) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", "--scenario", shop_file, *QUICK)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "the step 'order' (GET /orders/${token}) failed" in done.stderr
    assert "status 500 instead of" in done.stderr
    assert max(shop.seen.values()) == 1


def test_the_only_step_is_tried_as_well(call: Call, in_folder: Path) -> None:
    (in_folder / "one.toml").write_text('[[flow]]\nname = "a"\n[[flow.step]]\npath = "/x"\nexpect = { status = 201 }\n')
    shop = Shop()
    with ScriptedServer(shop) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", "--scenario", "one.toml", *QUICK)
    assert done.returncode == 3
    assert "the step 'GET /x' (GET /x) failed" in done.stderr
    assert shop.seen.total() == 1


def test_no_number_of_the_counter_is_sent_twice_not_even_after_the_trial(call: Call, in_folder: Path) -> None:
    scenario = """
        [[flow]]
        name = "a"
        [[flow.step]]
        path = "/x/${counter}/${counter:plain}"
        headers = { X-Number = "${counter}" }
        json = { number = "${counter}", text = "$${counter}" }
    """
    (in_folder / "one.toml").write_text(scenario)
    seen: list[int] = []

    def noting(exchange: Exchange) -> None:
        _, _, first, second = exchange.head.split(b" ")[1].split(b"/")
        header = exchange.head.partition(b"X-Number: ")[2].partition(b"\r\n")[0]
        seen.extend(map(int, (first, second, header, json.loads(exchange.body)["number"])))
        exchange.send(answer())

    with ScriptedServer(noting) as server:
        url = f"http://127.0.0.1:{server.port}/"
        done = call("load", url, "--scenario", "one.toml", *QUICK, "-r", "60", "--processes", "2")
    assert_measured(done)
    assert len(seen) > 4
    assert len(set(seen)) == len(seen)
    assert {1, 2, 3, 4} <= set(seen)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://127.0.0.1/", "--method", "GET"], "--scenario and --method exclude"),
        (["http://127.0.0.1/", "--body", "x"], "--scenario and --body exclude"),
        (["http://127.0.0.1/", "--status", "200"], "--scenario and --status exclude"),
        (["http://127.0.0.1/", "--expect-body", "x"], "--scenario and --expect-body exclude"),
        (["http://127.0.0.1/?a=1"], "no query"),
    ],
)
def test_what_the_scenario_says_is_not_said_twice(call: Call, shop_file: str, arguments: list[str], words: str) -> None:
    done = call("load", *arguments, "--scenario", shop_file)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize("content", [None, "[[flow]]", "\x00"])
def test_a_file_that_is_no_scenario_is_refused(call: Call, in_folder: Path, content: str | None) -> None:
    if content is not None:
        (in_folder / "shop.toml").write_text(content)
    done = call("load", "http://127.0.0.1/", "--scenario", "shop.toml")
    assert done.returncode == 2
    assert "shop.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_several_processes_share_one_load(call: Call, shop_file: str) -> None:
    with ScriptedServer(Shop()) as server:
        url = f"http://127.0.0.1:{server.port}/"
        done = call("load", url, "--scenario", shop_file, *QUICK, "--processes", "2", "--json")
    assert_measured(done)
    assert json.loads(done.stdout)["result"]["engine"]["processes"] == 2
