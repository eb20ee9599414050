"""`webdyno compare` end to end on bodies that are not the same twice: the innocent are measured, the guilty told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.other_package import install

from .conftest import Call
from .measured import assert_measured

QUICK = ("-n", "1", "--warmup", "0.2s", "-c", "4", "--metric", "throughput", "--seed", "7", "--no-html", "--json")
# A clock in seconds moves in every window of this length.
LONG, SHORT = ("-d", "1.1s"), ("-d", "0.3s")
GZIP = ("--header", "Accept-Encoding: gzip, deflate")
ROWS = [{"id": at, "name": f"item {at}"} for at in range(100)]

APPS = """
import gzip, itertools, json, os, random, time, uuid, zlib

ROWS = [{"id": at, "name": f"item {at}"} for at in range(100)]
BOOT = uuid.uuid4().hex
numbers = itertools.count()
JSON = "application/json"

def item(number):
    return {"id": number} if number % 2 else {"id": number + 0.5, "tag": None}

def serving(answer, kind=JSON, encoding="", turn=None):
    def app(environ, start_response):
        number = next(numbers)
        body, status, told = answer(number), "200 OK", kind
        if turn and number > 9:
            body, told, status = turn
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = [("Content-Type", told), ("Content-Length", str(len(body)))]
        headers += [("Content-Encoding", encoding)] if encoding else []
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
    return app

rows = json.dumps(ROWS).encode()
clock = serving(lambda number: {"now": time.strftime("%H:%M:%S")})
lists = serving(lambda number: [item(number)] * random.randrange(5))
slow = serving(lambda number: {"third": int(time.time() * 3), "tag": None if number % 3 else "x"})
worker = serving(lambda number: {"worker": BOOT})

plain = serving(lambda number: rows)
# The header of each bears another time.
packed = serving(lambda number: gzip.compress(rows, mtime=number), encoding="gzip")
both = serving(lambda number: gzip.compress(zlib.compress(rows)), encoding="deflate, gzip")
brotli = serving(lambda number: b"\\x0b\\x02\\x80" + os.urandom(8), encoding="br")

busy = serving(lambda number: ROWS, turn=(b"<h1>busy</h1>", "text/html", "200 OK"))
oops = serving(lambda number: ROWS[0], turn=({"detail": "pool exhausted"}, JSON, "200 OK"))
graphql = serving(lambda number: {"data": ROWS[0]}, turn=({"data": None, "errors": ["busy"]}, JSON, "200 OK"))
broken = serving(lambda number: ROWS, turn=({"detail": "pool exhausted"}, JSON, "500 Oops"))
"""
# Of a reference service whose every answer is one that it has kept.
CACHE = """
KEPT = [("Date", "Mon, 01 Jan 2024 00:00:00 GMT"), ("Content-Type", "application/json"), ("Content-Length", "28")]

def app(environ, start_response):
    start_response("200 OK", KEPT)
    return [b'{"message":"Hello, World!"}\\n']
"""
PLUGIN = """
from pathlib import Path
from webdyno.stacks.entries import App

APP = App("cache", "wsgi", Path(__file__).parent / "service", "cache_service:app", None, "a cache")
"""


class Compared(NamedTuple):
    """What was told of one stack."""

    trials: list[dict[str, Any]]
    analysis: dict[str, Any]

    @property
    def names(self) -> list[str]:
        """Of the reasons that speak of responses."""
        told = ("bodies-vary", "unexpected-bodies", "bodies-unread", "errors", "less-work", "no-answers", "no-result")
        return [reason["name"] for reason in self.analysis["reasons"] if reason["name"] in told]

    @property
    def sentences(self) -> str:
        return " ".join(reason["sentence"] for reason in self.analysis["reasons"])

    def is_without_errors(self) -> bool:
        results = [trial["result"] for trial in self.trials]
        return all(result["ok"] and not result["failures"] for result in results) and not any(
            trial["failure"] for trial in self.trials
        )


def compared(
    call: Call, folder: Path, stacks: Sequence[str], *arguments: str, invalid: Sequence[str] = ()
) -> dict[str, Compared]:
    """What was told of each stack, by the name of its app; of these apps only that they are `invalid`."""
    (folder / "shop.py").write_text(APPS)
    (folder / "rows.json").write_text(json.dumps(ROWS))
    notations = [stack if "@" in stack else f"shop:{stack}@waitress" for stack in stacks]
    done = call("compare", *notations, *QUICK, *arguments)
    assert_measured(done, invalid=[f"shop:{app}@waitress" for app in invalid])
    document = json.loads(done.stdout)
    found = {
        one["notation"]: Compared([trial for trial in document["trials"] if trial["stack"] == one["notation"]], one)
        for one in document["analysis"]["stacks"]
    }
    assert all(one.trials for one in found.values())
    return dict(zip(stacks, (found[notation] for notation in notations), strict=True))


def test_bodies_that_vary_are_right_and_told_once(call: Call, in_folder: Path) -> None:
    found = compared(call, in_folder, ["clock", "lists", "slow"], *LONG)
    for name, one in found.items():
        assert one.is_without_errors(), name
        assert one.names == ["bodies-vary"], name


def test_workers_that_answer_differently_are_right(call: Call, in_folder: Path) -> None:
    stacks = ["shop:worker@gunicorn?workers=3"]
    for one in compared(call, in_folder, stacks, *SHORT).values():
        assert one.is_without_errors()
        assert {trial["result"]["bodies"]["misshapen"] for trial in one.trials} == {0}


def test_compressed_bodies_are_compared_decoded(call: Call, in_folder: Path) -> None:
    found = compared(call, in_folder, ["packed", "both", "brotli"], *GZIP, *SHORT)
    unread = found.pop("brotli")
    for name, one in found.items():
        assert one.is_without_errors(), name
        assert one.names == [], name
        assert sum(trial["result"]["bodies"]["looked"] for trial in one.trials) > 0, name
    assert unread.is_without_errors()
    assert unread.names == ["bodies-unread"]
    assert "Accept-Encoding: gzip" in unread.sentences


def test_responses_to_head_have_no_body_that_could_vary(call: Call, in_folder: Path) -> None:
    for one in compared(call, in_folder, ["brotli"], "--method", "HEAD", *GZIP, *SHORT).values():
        assert one.is_without_errors()
        assert one.names == []


def test_under_load_another_kind_of_body_is_told_and_another_status_is_an_error(call: Call, in_folder: Path) -> None:
    found = compared(call, in_folder, ["busy", "graphql", "broken"], *SHORT, invalid=["broken"])
    broken = found.pop("broken")
    for name, how in (
        ("busy", "text/html instead of application/json"),
        ("graphql", "json:errors is there"),
    ):
        assert found[name].is_without_errors()
        assert found[name].names == ["unexpected-bodies"]
        assert how in found[name].sentences
    assert "status 500 instead of 200" in str(broken.trials[0]["failure"])


@pytest.mark.parametrize(
    ("app", "expected", "said"),
    [
        ("oops", ("--expect-json", "id=0"), "json:id is missing"),
        ("busy", ("--expect-body", "@rows.json"), "bytes instead of"),
    ],
)
def test_what_is_asked_for_is_exact_under_load(
    call: Call, in_folder: Path, app: str, expected: tuple[str, ...], said: str
) -> None:
    (one,) = compared(call, in_folder, [app], *expected, *SHORT, invalid=[app]).values()
    assert said in json.dumps(one.trials)


def test_what_is_asked_for_and_comes_is_right(call: Call, in_folder: Path) -> None:
    expected = ("--expect-body", "@rows.json", "--expect-json", "7.name=item 7", "--expect-json", "7.id=7")
    for one in compared(call, in_folder, ["plain", "both"], *GZIP, *expected, *SHORT).values():
        assert one.is_without_errors()
        assert one.names == []


def test_a_date_that_an_own_app_sets_is_its_own(call: Call, in_folder: Path) -> None:
    (in_folder / "kept.py").write_text(CACHE)
    (one,) = compared(call, in_folder, ["kept:app@waitress"], *SHORT).values()
    assert one.is_without_errors()
    assert one.names == []


def test_a_reference_stack_whose_date_stands_still_answers_from_a_cache(in_folder: Path) -> None:
    folder = in_folder / "plugin"
    (folder / "service").mkdir(parents=True)
    (folder / "service" / "cache_service.py").write_text(CACHE)
    install(folder, "webdyno-cache", PLUGIN, "[webdyno.apps]\ncache = webdyno_cache:APP\n")
    done = subprocess.run(
        [sys.executable, "-m", "webdyno", "compare", "cache@waitress", *QUICK, *SHORT],
        cwd=in_folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3, done.stderr
    document = json.loads(done.stdout)
    assert all(trial["failure"]["what"]["key"] == "kept.date" for trial in document["trials"])
    (stack,) = document["analysis"]["stacks"]
    assert [reason["name"] for reason in stack["reasons"] if reason["severity"] == "invalid"] == ["less-work"]
    assert not stack["valid"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--expect-json", "user"), "has no name before '='"),
        (("--expect-json", "user=[1]"), "name its parts"),
        (("--expect-json", "user=1e999"), "no plain JSON value"),
        (("--expect-body", "@missing"), "--expect-body missing cannot be read"),
        (("--expect-json", "a=1", "-w", "items"), "--expect-json"),
        (("--expect-body", "ok", "--method", "HEAD"), "have no body to expect"),
    ],
)
@pytest.mark.parametrize("command", [("compare", "flask"), ("gate", "--base", "flask", "--head", "fastapi")])
def test_expectations_that_cannot_be_met_are_refused_before_anything_starts(
    call: Call, command: tuple[str, ...], arguments: tuple[str, ...], said: str
) -> None:
    done = call(*command, *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
