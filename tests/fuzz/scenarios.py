"""Scenarios with their data: refused in words, or written as requests that keep the limits and hold nobody's else."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzz.documents import may_refuse
from tests.fuzz.mutation import ODD, mutated
from webdyno.loadgen.engine.wire import RequestWriter
from webdyno.loadgen.request_template import TAKEN_BYTES, Sources
from webdyno.loadgen.scenario_check import MOST_BODY_BYTES, MOST_HEAD_BYTES
from webdyno.loadgen.scenario_file import read_scenario

_BETWEEN = b"\n\x00\n"
_TEMPLATES = (
    "${counter}",
    "${text(65536)}" * 200,
    "${random(1,9007199254740993)}",
    "${random(-9999999999999999,1)}",
    "${users.name:json}" * 100,
    "${users.name:url}",
    "${users.blob}" * 9,
    "${token}" * 50,
    "${token:string}",
    "$${${uuid:json}",
    "/${",
    "/a b",
    "/\r\nX: y",
    "ann:${users.name}",
    "json:a.b",
    "header:Location",
    "1ms..2ms",
    "9h",
)
_SCENARIO = {
    "cookies": True,
    "defaults": {"headers": {"X-Default": "a"}, "bearer": "${token}"},
    "data": {"users": {"file": "users.jsonl", "pick": "next"}},
    "flow": [
        {
            "name": "buy",
            "weight": 2,
            "step": [
                {"path": "/login/${users.name}", "json": {"n": "${counter}", "who": ["${users.name}"]}, "think": "1ms"},
                {"name": "token", "path": "/token", "take": {"token": "json:token"}, "expect": {"status": 200}},
                {
                    "name": "order",
                    "method": "POST",
                    "path": "/order?q=${token}",
                    "headers": {"X-Key": "${uuid}"},
                    "form": {"a": "${text(12)}", "b": "${token:plain}"},
                    "expect": {"json": {"ok": True, "n": {"m": 1}}},
                },
            ],
        },
        {"name": "look", "step": [{"path": "/", "body": "${random(1,9)}", "basic": "ann:${users.name}"}]},
    ],
}
_ROW = {"name": 'ann "é"', "blob": "x" * 1000, "age": 7}


def scenarios() -> st.SearchStrategy[bytes]:
    """A scenario in JSON, and the rows of its data."""
    odd = (*ODD, *map(json.dumps, _TEMPLATES))
    right = st.tuples(st.just(json.dumps(_SCENARIO).encode()), mutated(_ROW, odd))
    wrong = st.tuples(mutated(_SCENARIO, odd), st.just(json.dumps(_ROW).encode()))
    return (right | wrong).map(_BETWEEN.join)


def check_scenario(content: bytes, folder: Path) -> None:
    """Read it as `webdyno load --scenario FILE` does, and write its requests with the longest values taken."""
    text, _, rows = content.partition(_BETWEEN)
    (folder / "users.jsonl").write_bytes(rows)
    path = folder / "shop.json"
    path.write_bytes(text)
    with may_refuse():
        scenario = read_scenario(path)
        sources = Sources(scenario.data, 1, (0, 1))
        for flow in scenario.flows:
            values = sources.journey()
            for step in flow.steps:
                request = RequestWriter(step, "127.0.0.1").render(values)
                head, _, body = request.partition(b"\r\n\r\n")
                assert len(head) <= MOST_HEAD_BYTES + 10_000
                assert len(body) <= MOST_BODY_BYTES
                line, *fields = head.split(b"\r\n")
                assert line.endswith(b" HTTP/1.1")
                assert line.count(b" ") == 2
                assert all(b":" in field and b"\n" not in field and b"\r" not in field for field in fields)
                values.taken.update(dict.fromkeys(step.take, "é" * (TAKEN_BYTES // 2)))
