"""`--duet` end to end: two real servers on the same core at the same time."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import Call
from .measured import assert_measured

QUICK = ("-d", "0.4s", "--warmup", "0.1s", "-c", "4", "--seed", "7", "--json")

WORKS = """
import os

MORTAL = {mortal}
served, first = 0, False

async def app(scope, receive, send):
    global served, first
    if scope["type"] != "http":
        return
    served += 1
    if MORTAL and served == 1:
        first = not os.path.exists("started")
        open("started", "w").close()
    if MORTAL and served == 10 and not first:
        os._exit(3)
    sum(range({work}))
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}})
    await send({{"type": "http.response.body", "body": b"ok"}})
"""
# So much work that the rest of a request, some 100 us, is little beside it.
WORK = 150_000


@pytest.fixture
def apps(in_folder: Path) -> Path:
    for name, work in (("single", WORK), ("double", 2 * WORK), ("mortal", WORK)):
        (in_folder / f"{name}.py").write_text(WORKS.format(work=work, mortal=name == "mortal"))
    return in_folder


def trials(document: dict[str, Any]) -> dict[tuple[int, str], dict[str, Any]]:
    return {(trial["block"], trial["stack"]): trial for trial in document["trials"] if trial["block"]}


@pytest.mark.timed
def test_twice_the_work_costs_twice_as_much_at_the_same_time_on_the_same_core(call: Call, apps: Path) -> None:
    stacks = ("single:app@uvicorn", "double:app@uvicorn")
    done = call("compare", *stacks, "--duet", "-n", "2", *QUICK, "--no-html")
    assert_measured(done)
    document = json.loads(done.stdout)
    found = trials(document)
    assert len(found) == 4
    for block in (1, 2):
        began = [datetime.fromisoformat(found[block, stack]["started"]) for stack in stacks]
        assert abs((began[0] - began[1]).total_seconds()) < 0.2
    assert {trial["phase"] for trial in found.values()} == {"duet"}
    (verdict,) = document["analysis"]["verdicts"]
    assert verdict["metric"] == "cpu_per_request"
    assert verdict["ratio"]["value"] == pytest.approx(1.95, abs=0.2)
    assert [stack["throughput"] for stack in document["analysis"]["stacks"]] == [None, None]


@pytest.mark.timed
def test_one_that_ends_fails_and_the_other_is_left_out_for_having_been_alone(call: Call, apps: Path) -> None:
    """Its first start, the pilot, it survives."""
    stacks = ("single:app@uvicorn", "mortal:app@uvicorn")
    done = call("compare", *stacks, "--duet", "-n", "2", *QUICK, "--no-html")
    assert done.returncode == 3, done.stderr
    by_stack = {stack["notation"]: stack for stack in json.loads(done.stdout)["analysis"]["stacks"]}
    reasons = {name: [one["sentence"] for one in stack["reasons"]] for name, stack in by_stack.items()}
    assert "mortal:app@uvicorn, at whose side it was measured, failed" in reasons["single:app@uvicorn"]
    assert any("exited" in sentence for sentence in reasons["mortal:app@uvicorn"])
    assert not any(stack["valid"] for stack in by_stack.values())


@pytest.mark.timed
def test_a_gate_holds_what_a_duet_tells_against_its_default_limits(call: Call, apps: Path) -> None:
    sides = ("--base", "single:app@uvicorn", "--head", "double:app@uvicorn")
    done = call("gate", *sides, "--duet", "-n", "2", *QUICK)
    document = json.loads(done.stdout)
    changes = {change["metric"]: change for change in document["analysis"]["changes"] if change["limit"]}
    assert changes.keys() == {"cpu_per_request", "memory"}
    assert changes["cpu_per_request"]["ratio"]["value"] == pytest.approx(1.95, abs=0.2)
    assert changes["memory"]["ratio"]["value"] == pytest.approx(1, abs=0.1)
    # Few blocks on a busy machine may leave it undecided.
    assert (done.returncode, document["analysis"]["outcome"]) in ((1, "regression"), (0, "passed"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("flask@gunicorn", "flask@waitress", "quart"), "--duet is for two stacks, and not for 3"),
        (("flask@gunicorn",), "--duet is for two stacks, and not for 1"),
        (("flask@gunicorn", "flask@waitress", "--metric", "p99"), "--duet tells nothing of p99"),
        (("flask@gunicorn", "flask@waitress", "--rate", "100"), "--duet tells no response times"),
        (("flask@gunicorn", "fastapi@uvicorn", "-w", "fanout"), "--duet cannot tell whose calls"),
    ],
)
def test_what_a_duet_cannot_tell_is_refused_before_anything_starts(
    call: Call, arguments: tuple[str, ...], said: str
) -> None:
    done = call("compare", *arguments, "--duet")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_a_limit_of_a_gate_on_what_a_duet_cannot_tell_is_refused(call: Call) -> None:
    done = call("gate", "--base", "flask@gunicorn", "--head", "flask@waitress", "--duet", "--fail-if", "p99 > +10%")
    assert done.returncode == 2
    assert "--duet tells nothing of p99" in " ".join(done.stderr.split())
