"""`webdyno compare --workload` end to end: honest services are measured, and those that do less are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from .conftest import Call
from .measured import assert_measured

QUICK = ("-n", "1", "-d", "0.4s", "--warmup", "0.2s", "-c", "4", "--seed", "7", "--no-html", "--json")

# Answers `/fanout` and `/jobs` rightly when it is asked for the first few times; after that from memory.
OWN_APP = """
import json, os, urllib.request
from urllib.parse import parse_qs

HONEST_FOR = 5
seen, kept = [], {}

def fanout(query):
    n = int(parse_qs(query)["n"][0])
    answers = []
    for x in range(n):
        with urllib.request.urlopen(f"{os.environ['WEBDYNO_UPSTREAM']}/value?x={x}") as told:
            answers.append(json.load(told))
    serials = {answer["serial"] for answer in answers}
    return {"n": n, "distinct": len(serials), "sum": sum(answer["value"] for answer in answers)}

def answer(path, query):
    seen.append(path)
    if len(seen) > HONEST_FOR:
        return kept[path]
    kept[path] = fanout(query) if path == "/fanout" else {"message": "request received", "id": os.urandom(4).hex()}
    return kept[path]

def app(environ, start_response):
    body = json.dumps(answer(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))).encode()
    status = "202 Accepted" if environ["PATH_INFO"] == "/jobs" else "200 OK"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
"""


def compared(call: Call, folder: Path, *arguments: str, invalid: Sequence[str] = ()) -> dict[str, Any]:
    (folder / "shop.py").write_text(OWN_APP)
    done = call("compare", *arguments, *QUICK)
    assert_measured(done, invalid=invalid)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def failures(document: dict[str, Any]) -> list[str | None]:
    return [trial["failure"] and trial["failure"]["text"] for trial in document["trials"]]


def test_services_are_sent_the_workload_in_the_way_of_their_kind_and_their_calls_are_counted(
    call: Call, in_folder: Path
) -> None:
    document = compared(call, in_folder, "flask@waitress", "fastapi@uvicorn", "-w", "fanout?n=5&delay=1")
    assert failures(document) == [None] * 6
    (need,) = document["experiment"]["workload"]["needs"]
    assert (need["name"], need["calls"]) == ("upstream", 5)
    (record,) = document["dependencies"]
    assert record["name"] == "upstream" and record["env"] == {"WEBDYNO_UPSTREAM": record["address"]}
    for trial in document["trials"]:
        assert trial["calls"]["upstream"] >= 5 * trial["result"]["answered"]
    assert any("mode=async" in note["text"] and "mode=sequential" in note["text"] for note in document["notes"])


@pytest.mark.parametrize(
    ("workload", "said"), [("fanout?n=5&delay=1", "calls of the upstream"), ("jobs", "same id: they come from a cache")]
)
def test_a_service_that_answers_from_memory_fails_its_trials(
    call: Call, in_folder: Path, workload: str, said: str
) -> None:
    cheating = compared(call, in_folder, "shop:app@waitress", "-w", workload, invalid=["shop:app@waitress"])
    assert failures(cheating)
    assert all(said in (failure or "") for failure in failures(cheating))


def test_a_workload_and_a_request_of_ones_own_exclude_each_other(call: Call) -> None:
    done = call("compare", "flask", "-w", "items", "--path", "/x")
    assert done.returncode == 2
    assert "--path" in done.stderr


def test_messages_over_websockets_are_measured_and_what_comes_back_is_held_against_them(
    call: Call, in_folder: Path
) -> None:
    document = compared(call, in_folder, "fastapi@uvicorn", "flask@gunicorn?threads=8", "-w", "websocket?bytes=5")
    assert failures(document) == [None] * 6
    assert document["experiment"]["workload"]["request"]["websocket"] is True
    assert document["experiment"]["rate"]["connections"] == document["experiment"]["saturation"]["connections"] == 4
    for trial in document["trials"]:
        assert trial["result"]["statuses"] == {"101": trial["result"]["ok"]}
        assert trial["result"]["failures"] == {}


def test_an_app_without_websockets_fails_its_trials_with_what_it_said_instead(call: Call, in_folder: Path) -> None:
    document = compared(call, in_folder, "shop:app@waitress", "-w", "websocket", invalid=["shop:app@waitress"])
    assert failures(document)
    assert all("did not send the message of WS /ws back" in (failure or "") for failure in failures(document))
    assert any("the handshake was answered" in line for line in document["trials"][0]["server_output"])


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("flask@gunicorn", "WSGI has no WebSocket"),
        ("flask@waitress", "WSGI has no WebSocket"),
        ("bare-asgi", "bare-asgi has no websocket"),
        ("flask@gunicorn?threads=2", "one in each thread"),
    ],
)
def test_a_stack_that_cannot_hold_websockets_is_refused_before_anything_starts(
    call: Call, stack: str, said: str
) -> None:
    done = call("compare", stack, "fastapi@uvicorn", "-w", "websocket", "-c", "4")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_a_stack_that_cannot_do_the_work_is_refused_before_anything_starts(call: Call) -> None:
    done = call("compare", "flask", "bare-wsgi", "-w", "upload")
    assert done.returncode == 2
    assert "bare-wsgi has no upload" in done.stderr


def test_the_workloads_are_listed_with_their_apps(call: Call) -> None:
    shown = call("list", "workloads").stdout
    assert "fanout" in shown
    assert "1 to 500" in shown
    rows = {row["name"]: row for row in json.loads(call("list", "workloads", "--json").stdout)}
    assert {"flask", "fastapi", "quart"} <= set(rows["upload"]["apps"])
    assert "bare-wsgi" not in rows["upload"]["apps"]
