"""Answers that no server should give: each request ends in one counted outcome, nothing hangs, memory is bounded.

The load is open, so that how many requests there are is known beforehand and not counted by the engine itself.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.known import known
from webdyno.loadgen.generator import LoadGenerator
from webdyno.model.load import OpenLoad

from .conftest import Measure, make_job
from .server import BODY, GOOD, Exchange, ScriptedServer, answer

pytestmark = pytest.mark.paced

RATE, SPAN_S, TIMEOUT_S = 400, 0.1, 0.06
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
STARTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/9.9 -1 \r\n",
    b"HTTP/1.1 000\r\n",
    b"",
]
LINES = [
    b"Content-Length: 28\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999999\r\n",
    b"Content-Length : 28\r\n",
    b"Content-Length: 0x1c\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Connection: close\r\n",
    b"Upgrade: h2c\r\nConnection: upgrade\r\n",
    b" folded\r\n",
    b"\x00: \xff\r\n",
    b"no colon\r\n",
    b"X: " + b"y" * 70_000 + b"\r\n",
    b"X: y\n",
    b"\r",
]
BODIES = [b"", BODY, BODY[:-1], BODY + b"\r\n", b"1c\r\n" + BODY + b"\r\n0\r\n\r\n", b"fffffffffffffffff\r\n", GOOD]
ENDINGS: dict[str, Callable[[Exchange], None]] = {
    "keep": lambda exchange: None,
    "close": lambda exchange: exchange.close(),
    "reset": lambda exchange: exchange.reset(),
}

composed = st.builds(
    lambda start, lines, body: start + b"".join(lines) + b"\r\n" + body,
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(LINES), max_size=4),
    st.sampled_from(BODIES),
)
damaged = st.builds(
    lambda data, place, damage, lost: (data[:place] + damage + data[place:])[: len(data) - lost],
    st.sampled_from([GOOD, CHUNKED + BODIES[4], answer(headers="Connection: close\r\n")]),
    st.integers(0, 100),
    st.binary(max_size=4),
    st.integers(0, 60),
)
answers = st.tuples(
    st.one_of(composed, damaged, st.binary(max_size=300), st.just(b"")),
    st.lists(st.integers(1, 200), max_size=3),
    st.sampled_from(sorted(ENDINGS)),
)


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place for place in places if place < len(data)), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges) if start < end]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=st.lists(answers, min_size=1, max_size=12))
def test_whatever_is_answered_each_request_ends_in_one_outcome(
    scripts: list[tuple[bytes, list[int], str]], measure: Measure
) -> None:
    """Every second answer is right and closes, so that what follows it does not meet an earlier one's rest."""

    def script(exchange: Exchange) -> None:
        if exchange.number % 2:
            exchange.count("good")
            exchange.send(answer(headers="Connection: close\r\n"))
            exchange.close()
            return
        data, places, ending = scripts[exchange.number // 2 % len(scripts)]
        for piece in pieces(data, places):
            exchange.send(piece)
        ENDINGS[ending](exchange)

    started = time.monotonic()
    with ScriptedServer(script) as server:
        load = OpenLoad(rate=RATE, arrivals="constant")
        result = measure(make_job(server.port, load, seconds=SPAN_S, timeout=TIMEOUT_S))
    assert result.scheduled == RATE * SPAN_S == result.ok + result.failed + result.dropped + known(result.unfinished)
    assert result.dropped == 0
    # It awaits those under way until they have timed out, and no longer; the rest is what a busy machine may take.
    assert time.monotonic() - started < SPAN_S + TIMEOUT_S + 10
    assert all(sample.detail.isprintable() for sample in result.failure_samples)


def endless(first: bytes, more: bytes) -> Callable[[Exchange], None]:
    def script(exchange: Exchange) -> None:
        exchange.send(first)
        while True:
            exchange.send(more)

    return script


ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000, "protocol"),
    "header": (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536, "protocol"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, "protocol"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n" * 1000, "protocol"),
    "chunk extension": (CHUNKED + b"1;", b"x" * 65536, "protocol"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", bytes(65536), "timeout"),
    "chunks": (CHUNKED, b"400\r\n" + bytes(1024) + b"\r\n", "timeout"),
    "body until the end of the connection": (b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536), "timeout"),
}


def highest_memory(pid: int) -> int:
    """The most resident memory that a process ever had, in bytes."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024


@pytest.mark.parametrize(("first", "more", "kind"), ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_cut_off_in_bounded_memory(
    first: bytes, more: bytes, kind: str, generator: LoadGenerator, measure: Measure
) -> None:
    load = OpenLoad(rate=200, arrivals="constant", connections=8)
    with ScriptedServer(endless(first, more)) as server:
        measure(make_job(server.port, load, seconds=0.05, timeout=0.1))
        assert generator.pid
        before = highest_memory(generator.pid)
        result = measure(make_job(server.port, load, seconds=0.3, timeout=0.1))
    assert result.scheduled == 60
    assert result.ok == 0
    # Connections that are cut off while requests wait, and the window's end, leave resets and unfinished ones.
    assert kind in result.failures
    # Some of the kernel's and the parser's buffers for each connection; the answers were of tens of megabytes.
    assert highest_memory(generator.pid) - before < 8 * 2**20


def test_an_answer_that_drips_in_times_out_as_a_whole(measure: Measure) -> None:
    """Each byte comes well within the time limit; it is the answer that has to."""

    def drips(exchange: Exchange) -> None:
        for byte in itertools.chain(GOOD[:-1], itertools.repeat(GOOD[-2])):
            exchange.send(bytes((byte,)))
            time.sleep(0.02)

    with ScriptedServer(drips) as server:
        result = measure(make_job(server.port, OpenLoad(rate=40, arrivals="constant"), seconds=0.3, timeout=0.15))
    assert result.scheduled == 12
    assert result.failures == {"timeout": 12}
