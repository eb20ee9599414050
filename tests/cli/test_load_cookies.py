"""`webdyno load --scenario` where users log in by cookies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loadgen.login_server import LoginServer, cookies_of
from tests.loadgen.server import Exchange, ScriptedServer, answer

from .conftest import Call
from .measured import assert_measured

QUICK = ("-d", "0.5s", "--warmup", "0s", "-c", "3")
LOGIN = (Path(__file__).parents[2] / "examples" / "login.toml").read_text()
# What was written before users kept cookies: the first Set-Cookie is taken and sent back, attributes and all.
BY_HAND = (
    LOGIN.replace("form = {", 'headers = { Cookie = "csrftoken=${csrf}" }\n  form = {')
    .replace("expect = { status = 302 }", 'expect = { status = 302 }\n  take = { cookie = "header:Set-Cookie" }')
    .replace('path = "/account"', 'path = "/account"\n  headers = { Cookie = "${cookie}" }')
)


@pytest.mark.parametrize("scenario", [LOGIN, BY_HAND], ids=["by itself", "by hand"])
def test_users_log_in_and_see_their_account(call: Call, in_folder: Path, scenario: str) -> None:
    (in_folder / "login.toml").write_text(scenario)
    script = LoginServer()
    with ScriptedServer(script) as server:
        done = call("load", f"http://127.0.0.1:{server.port}", "--scenario", "login.toml", *QUICK, "--json")
    assert_measured(done)
    document = json.loads(done.stdout)
    assert document["cookies"]
    assert not document["result"]["failures"]
    assert not script.wrong
    assert all(endpoint["ok"] for endpoint in document["result"]["endpoints"])
    # The trial before the load logs in as well.
    assert len(script.did) > 1


@pytest.mark.parametrize("turned_off_by", ["option", "file"])
def test_where_cookies_are_turned_off_the_trial_says_which_step_was_refused(
    call: Call, in_folder: Path, turned_off_by: str
) -> None:
    (in_folder / "login.toml").write_text(LOGIN if turned_off_by == "option" else f"cookies = false\n{LOGIN}")
    options = ("--no-cookies",) if turned_off_by == "option" else ()
    script = LoginServer()
    with ScriptedServer(script) as server:
        done = call("load", f"http://127.0.0.1:{server.port}", "--scenario", "login.toml", *QUICK, *options)
    assert done.returncode == 3
    assert "the step 'log in' (POST /login) failed" in done.stderr
    assert "status 403 instead of 302" in done.stderr
    assert script.wrong == {"csrf": 1}


def test_without_a_scenario_no_cookie_is_sent_back(call: Call) -> None:
    seen: list[list[str]] = []

    def script(exchange: Exchange) -> None:
        seen.append(cookies_of(exchange))
        exchange.send(answer(headers="Set-Cookie: a=1; Path=/\r\n"))

    with ScriptedServer(script) as server:
        done = call("load", f"http://127.0.0.1:{server.port}/", *QUICK, "--json")
    assert_measured(done)
    assert not json.loads(done.stdout)["cookies"]
    assert len(seen) > 2
    assert not any(seen)


def test_a_host_and_a_cookie_of_the_command_line_hold_for_every_step(call: Call, in_folder: Path) -> None:
    steps = "".join(f'[[flow.step]]\npath = "/{name}"\n' for name in ("set", "get"))
    (in_folder / "two.toml").write_text(f'[[flow]]\nname = "f"\n{steps}')
    seen: list[tuple[str, list[str]]] = []

    def script(exchange: Exchange) -> None:
        seen.append((exchange.head.split()[1].decode(), cookies_of(exchange)))
        exchange.send(answer(headers="Set-Cookie: a=1; Domain=shop.test\r\nSet-Cookie: mine=no\r\n"))

    given = ("--header", "Host: www.shop.test", "--header", "Cookie: mine=yes")
    with ScriptedServer(script) as server:
        done = call("load", f"http://127.0.0.1:{server.port}", "--scenario", "two.toml", *QUICK, *given, "--json")
    assert_measured(done)
    assert {path for path, _ in seen} == {"/set", "/get"}
    assert all(cookies == (["mine=yes"] if path == "/set" else ["mine=yes", "a=1"]) for path, cookies in seen)
