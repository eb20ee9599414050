"""`webdyno compare` and `gate` of servers that already run, whose speed is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import webdyno
from tests.serving.running_servers import Running, running_server

from .conftest import Call, Done
from .measured import assert_measured

pytestmark = pytest.mark.paced

QUICK = ("-d", "0.4s", "--warmup", "0.1s", "-c", "2", "--seed", "3", "--no-html")
# Long against what a busy machine adds to a wait.
FAST_S, SLOW_S = 0.02, 0.06


@pytest.fixture(scope="module")
def fast() -> Iterator[Running]:
    with running_server(FAST_S) as server:
        yield server


@pytest.fixture(scope="module")
def slow() -> Iterator[Running]:
    with running_server(SLOW_S) as server:
        yield server


def document(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reasons(found: dict[str, Any], place: int) -> set[str]:
    return {reason["name"] for reason in found["analysis"]["stacks"][place]["reasons"]}


def test_the_slower_one_is_found_and_the_run_is_told_again_in_every_way(
    call: Call, in_folder: Path, fast: Running, slow: Running
) -> None:
    stacks = (f"{slow.url},pid={slow.pid}", fast.url)
    done = call("compare", *stacks, "-n", "4", *QUICK, "--metric", "throughput", "--json")
    assert_measured(done)
    found = document(done)
    verdicts = {one["metric"]: one for one in found["analysis"]["verdicts"]}
    # A busy machine may leave it open, and makes the delays longer.
    assert verdicts["throughput"]["outcome"] in ("faster", "undecided")
    assert 2 < verdicts["throughput"]["ratio"]["value"] < 4
    of_slow, of_fast = found["analysis"]["stacks"]
    assert of_slow["cpu_per_request_us"]["value"] > 0 and of_fast["cpu_per_request_us"] is None
    assert of_fast["memory"]["rss_peak"] is None and of_fast["startup_s"] is None
    assert "unseen-processes" in reasons(found, 1) and "unseen-processes" not in reasons(found, 0)
    assert all("already-running" in reasons(found, place) for place in (0, 1))
    assert all(trial["startup_s"] is None for trial in found["trials"])
    assert all((trial["system"] is None) == (trial["resources"] is not None) for trial in found["trials"])
    assert [record["address"] for record in found["stacks"]] == [f"127.0.0.1:{one.port}" for one in (slow, fast)]
    told = call("report", "--html", "page.html")
    assert "on servers that already ran" in told.stdout and "servers not bound to any" in told.stdout
    page = (in_folder / "page.html").read_text()
    assert "the servers already ran" in page and "in a fresh process" not in page
    assert document(call("report", "--json"))["analysis"]["verdicts"] == found["analysis"]["verdicts"]
    assert fast.process.poll() is None and slow.process.poll() is None


def test_one_server_under_two_names_is_never_told_apart(call: Call, in_folder: Path, fast: Running) -> None:
    done = call(
        "compare", fast.url, f"url=http://localhost:{fast.port}/", "-n", "2", *QUICK, "--metric", "throughput", "--json"
    )
    assert_measured(done)
    assert {one["outcome"] for one in document(done)["analysis"]["verdicts"]} <= {"tie", "undecided"}


def test_one_beside_a_stack_that_webdyno_starts(call: Call, in_folder: Path, slow: Running) -> None:
    done = call(
        "compare", "bare-wsgi@waitress", f"{slow.url},pid={slow.pid}", "-w", "hello", "-n", "1", *QUICK, "--json"
    )
    assert_measured(done)
    found = document(done)
    assert all(trial["resources"]["cpu_s"] > 0 for trial in found["trials"])
    assert [trial["startup_s"] is None for trial in found["trials"] if trial["stack"].startswith("url=")] == [True] * 3
    text = call("report").stdout
    assert "but for those that already ran" in " ".join(text.split())


@pytest.mark.parametrize(
    ("path", "said"),
    [("/redirect", "status 302"), ("/503", "status 503"), ("/die", "closed the connection")],
)
def test_one_that_does_not_answer_rightly_is_not_ranked(call: Call, in_folder: Path, path: str, said: str) -> None:
    with running_server() as server:
        done = call("compare", f"{server.url[:-1]}{path}", "-n", "1", *QUICK)
    assert done.returncode == 3
    assert said in " ".join(done.stdout.split())


def test_one_that_ends_under_way_fails_and_the_other_goes_on(
    in_folder: Path, fast: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(in_folder)
    with running_server(FAST_S) as dying:

        def emit(event: webdyno.lab.events.Event) -> None:
            if event.name == "trial-done" and event.trial.block == 1:
                dying.process.kill()

        result = webdyno.compare(
            [fast.url, dying.url],
            blocks=3,
            duration=0.2,
            warmup=0.1,
            connections=2,
            metrics=["throughput"],
            store=None,
            emit=emit,
        )
    alive, dead = ([one for one in result.run.trials if one.stack == server.url] for server in (fast, dying))
    assert [one.block for one in alive if one.result and not one.failure] == [0, 1, 2, 3]
    assert all(one.failure for one in dead if one.block > 1)
    reasons_of_dead = {reason.name for reason in result.analysis.stacks[1].reasons}
    assert not result.analysis.stacks[1].valid and {"unstable-server", "no-result"} & reasons_of_dead
    assert result.analysis.verdicts == ()


def test_a_gate_checks_what_can_be_seen(call: Call, in_folder: Path, fast: Running, slow: Running) -> None:
    done = call("gate", "--base", fast.url, "--head", slow.url, "-n", "1", *QUICK[:-1], "--json")
    changes = {one["metric"]: one for one in document(done)["analysis"]["changes"]}
    assert [metric for metric, change in changes.items() if change["limit"]] == ["throughput"]
    assert changes["throughput"]["ratio"]["value"] < 0.6
    done = call("gate", "--base", fast.url, "--head", slow.url, "--fail-if", "memory > +10%")
    assert done.returncode == 2 and ",pid=4711" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("URL", "--metric", "cpu_per_request"), "no cpu_per_request"),
        (("URL", "URL,pid=7", "--duet"), "already runs"),
        (("URL", "-w", "fanout"), "of which url="),
        (("URLa", "url=http://127.0.0.1:1/b"), "/a and /b"),
        (("URLa", "--path", "/b"), "beside the one that is given"),
        (("URLa", "-w", "hello"), "--workload"),
        (("URL", "URL"), "named twice"),
        (("url=http://127.0.0.1:1/", "URL"), "127.0.0.1:1 takes no connection"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is(
    call: Call, in_folder: Path, fast: Running, arguments: tuple[str, ...], said: str
) -> None:
    done = call("compare", *(part.replace("URL", fast.url) for part in arguments), *QUICK)
    assert done.returncode == (3 if "takes no connection" in said else 2) and said in re.sub(r"\s+", " ", done.stderr)


@pytest.mark.parametrize(
    "command", [("explain", "URL", "flask"), ("serve", "URL"), ("gate", "URL", "--base", "main", "--head", "HEAD")]
)
def test_other_commands_refuse_it(call: Call, in_folder: Path, fast: Running, command: tuple[str, ...]) -> None:
    done = call(*(part.replace("URL", fast.url) for part in command))
    assert done.returncode == 2 and "already runs" in done.stderr and "->" in done.stderr
