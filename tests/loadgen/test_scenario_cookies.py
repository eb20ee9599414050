"""Cookies of a scenario through the real engine: each user has his own, and a server finds out who does not."""

from __future__ import annotations

import pytest

from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Load, OpenLoad, Window
from webdyno.model.scenario import Flow, Rows, Scenario, Step
from webdyno.model.workload import Expected, Request

from .conftest import Measure
from .login_server import LoginServer, cookies_of
from .server import Exchange, ScriptedServer, answer

pytestmark = pytest.mark.paced

LOADS: list[Load] = [ClosedLoad(connections=6), OpenLoad(rate=200, connections=6)]
USERS = {"users": Rows(rows=tuple({"name": f"user{number}"} for number in range(100)))}


FORM = Step(name="form", request=Request(path="/login"), take={"csrf": "json:csrf"})
LOGIN = Step(
    name="log in",
    request=Request(method="POST", path="/login", body=b"user=${users.name}&csrf=${csrf}"),
    expected=Expected(status=302),
)
ACCOUNT = Step(name="account", request=Request(path="/account?as=${users.name}"))
LOGOUT = Step(name="log out", request=Request(method="POST", path="/logout?as=${users.name}"))
STRANGER = Step(name="stranger", request=Request(path="/account"), expected=Expected(status=401))


def job(port: int, *steps: Step, load: Load = LOADS[0], cookies: bool = True, journeys: int | None = None) -> LoadJob:
    return LoadJob(
        host="127.0.0.1",
        port=port,
        scenario=Scenario(flows=(Flow(name="f", steps=steps),), data=USERS, cookies=cookies),
        load=load,
        window=Window(warmup_s=0, duration_s=60 if journeys else 0.5, timeout_s=5),
        journeys=journeys,
    )


@pytest.mark.parametrize("load", LOADS, ids=["closed", "open"])
def test_each_user_has_the_session_of_his_own(measure: Measure, load: Load) -> None:
    script = LoginServer()
    with ScriptedServer(script) as server:
        result = measure(
            job(server.port, FORM, LOGIN, ACCOUNT, ACCOUNT.model_copy(update={"name": "again"}), load=load)
        )
    assert not script.wrong
    assert not result.failed
    assert result.ok > 50
    whole = ["log in", "GET /account", "GET /account"]
    assert all(did == whole[: len(did)] for did in script.did.values())
    assert sum(did == whole for did in script.did.values()) > 5


def test_who_begins_anew_is_a_new_visitor(measure: Measure) -> None:
    script = LoginServer()
    with ScriptedServer(script) as server:
        measure(job(server.port, FORM, LOGIN, ACCOUNT, journeys=20))
    assert script.visitors == {False: 20}
    assert len(script.did) == 20


def test_a_cookie_that_the_server_takes_back_is_not_sent_again(measure: Measure) -> None:
    script = LoginServer()
    with ScriptedServer(script) as server:
        result = measure(job(server.port, FORM, LOGIN, ACCOUNT, LOGOUT, STRANGER, journeys=10))
    assert not result.failed
    assert script.wrong == {"session": 10}


def test_without_cookies_the_login_is_refused(measure: Measure) -> None:
    script = LoginServer()
    with ScriptedServer(script) as server:
        result = measure(job(server.port, FORM, LOGIN, ACCOUNT, cookies=False, journeys=5))
    assert script.wrong == {"csrf": 5}
    assert result.failures == {"status": 5}


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        ("", True),
        ("; Path=/account", True),
        ("; Path=/login", False),
        ("; Domain=127.0.0.1; Path=/", True),
        ("; Domain=shop.test; Path=/", False),
        ("; Secure; Path=/", True),
        ("; Max-Age=60; Path=/", True),
        ("; Max-Age=0; Path=/", False),
        ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", False),
        ("; Expires=Wed, 01 Jan 2098 00:00:00 GMT; Path=/", True),
    ],
)
def test_the_attributes_of_a_cookie_hold(measure: Measure, attributes: str, kept: bool) -> None:
    script = LoginServer(attributes=attributes)
    with ScriptedServer(script) as server:
        measure(job(server.port, FORM, LOGIN, ACCOUNT, journeys=3))
    assert script.wrong == ({} if kept else {"session": 3})


def sets(*headers: str) -> str:
    return "".join(f"Set-Cookie: {header}\r\n" for header in headers)


def heard(measure: Measure, *steps: Step, journeys: int = 2, cookies: str = sets("a=1; Path=/")) -> list[list[str]]:
    """The cookies of each request, where `/set...` sets some."""
    seen: list[list[str]] = []

    def script(exchange: Exchange) -> None:
        seen.append(cookies_of(exchange))
        exchange.send(answer(headers=cookies if b" /set" in exchange.head else ""))

    with ScriptedServer(script) as server:
        asked = job(server.port, *steps, journeys=journeys, load=ClosedLoad(connections=1))
        assert not measure(asked).failed
    return seen


def step(name: str, path: str, **headers: str) -> Step:
    return Step(name=name, request=Request(path=path, headers=tuple(headers.items())))


def test_answers_of_the_same_bytes_set_their_cookies_for_every_user(measure: Measure) -> None:
    # All but the first are known by their bytes and not parsed again.
    assert heard(measure, step("set", "/set"), step("get", "/get"), journeys=5) == [[], ["a=1"]] * 5


def test_a_virtual_host_is_what_a_domain_is_held_against(measure: Measure) -> None:
    cookies = sets("own=1", "shared=2; Domain=shop.test", "wrong=3; Domain=127.0.0.1", "far=4; Domain=other.test")
    www = {"Host": "www.shop.test:8000"}
    steps = (
        step("set", "/set", **www),
        step("same", "/", **www),
        step("api", "/", Host="api.shop.test"),
        step("ip", "/"),
    )
    assert heard(measure, *steps, journeys=1, cookies=cookies) == [[], ["own=1", "shared=2"], ["shared=2"], []]


def test_hosts_and_paths_that_change_with_the_user_are_those_that_were_sent(measure: Measure) -> None:
    steps = (
        step("set", "/set/${counter}/x", Host="u${counter}.shop.test"),
        step("same", "/set/${counter}/y", Host="u${counter}.shop.test"),
    )
    # Set at /set/1/x of u2, and asked at /set/3/y of u4.
    assert heard(measure, *steps, journeys=1, cookies=sets("a=1", "b=2; Path=/", "c=3; Path=/; Domain=shop.test")) == [
        [],
        ["c=3"],
    ]


def test_a_step_that_sends_a_cookie_itself_overrides_that_of_the_jar(measure: Measure) -> None:
    steps = (
        step("set", "/set"),
        step("own", "/", Cookie="a=own; x=2"),
        step("more", "/", cookie="x=2"),
        step("z", "/"),
    )
    assert heard(measure, *steps, journeys=1) == [[], ["a=own", "x=2"], ["x=2", "a=1"], ["a=1"]]


def test_no_cookie_adds_a_header_or_a_request(measure: Measure) -> None:
    cookies = "Set-Cookie: a=1\x0b\r\nSet-Cookie: b=\x01\r\nSet-Cookie: c=3\tx; Path=/\r\n"
    seen: list[bytes] = []

    def script(exchange: Exchange) -> None:
        seen.append(exchange.head)
        exchange.send(answer(headers=cookies if exchange.head.startswith(b"GET /set") else ""))

    with ScriptedServer(script) as server:
        measure(job(server.port, step("set", "/set"), step("get", "/get"), journeys=1))
    assert not any(b"a=1" in head or b"b=" in head for head in seen)


def test_a_flood_of_cookies_stays_within_bounds_and_stops_no_load(measure: Measure) -> None:
    flood = sets(*(f"n{number}=1" for number in range(1000)), "huge=" + "x" * 5000, "session=1")
    seen = heard(measure, step("set", "/set"), step("again", "/set2"), step("get", "/get"), cookies=flood)
    assert [len(cookies) for cookies in seen] == [0, 180, 180] * 2
    assert all(cookies[-1] == "session=1" for cookies in seen if cookies)
