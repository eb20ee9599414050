"""wrk as a load tool: how it is called, how it is read, and what it cannot tell. The program is a stand-in."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.known import known
from tests.loadgen import fake_wrk
from webdyno.errors import EngineFailed, UsageError
from webdyno.loadgen.driver import Seat
from webdyno.loadgen.drivers.wrk import DRIVER
from webdyno.loadgen.drivers.wrk_output import Summary, WrkReport, measured_times
from webdyno.loadgen.job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from webdyno.model.histogram import Histogram
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.trial import LoadFigures
from webdyno.model.workload import Request

JOB = LoadJob(
    host="127.0.0.1",
    port=8000,
    load=ClosedLoad(connections=4),
    window=Window(warmup_s=0, duration_s=0.05, timeout_s=10),
)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


def run(job: LoadJob = JOB, events: list[LoadEvent] | None = None) -> LoadFigures:
    with DRIVER.generator(Seat()) as wrk:
        return wrk.run(job, ([] if events is None else events).append)


def calls(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_wrk_counts_is_in_one_place_each_and_the_rest_is_left_out(bin_folder: Path) -> None:
    fake_wrk.install(bin_folder, "errors")
    result = run()
    assert result.failures == {"reset": 8, "status": 12}
    assert (result.ok, result.scheduled, result.attempts, result.completed) == (174, 194, 194, 174)
    assert result.window_s == pytest.approx(1.001222)
    assert result.bytes_in == 7464
    assert result.answered == 174
    assert {sample.detail for sample in result.failure_samples} == {
        "wrk counted 8 connections that broke, or spoke no HTTP, before the response",
        "wrk counted 12 responses with a status of 400 or more",
    }
    untold = ("unfinished", "statuses", "connects", "reconnects", "in_flight_mean", "timed_out_mean", "cut_s")
    assert {getattr(result, name) for name in untold} == {None}
    assert (result.lag, result.late, result.response, result.series) == ("", "", "", ())
    assert result.driver.checked == "below-400" and result.driver.version == "debian/4.1.0-3+b2"


def test_times_are_those_that_wrk_measured_without_those_that_it_adds_for_coordinated_omission(
    bin_folder: Path,
) -> None:
    fake_wrk.install(bin_folder, "stall")
    times = Histogram.decode(run().service)
    # It shows 172 times for 136 responses, of which only the four that stood still took more than 25 ms.
    assert times.count == 136
    assert known(times.quantile_ns(132 / 136)) < 25e6
    assert known(times.quantile_ns(1)) == pytest.approx(320.4e6, rel=0.001)


def test_its_own_use_is_watched_and_the_window_told_as_it_was(bin_folder: Path) -> None:
    fake_wrk.install(bin_folder)
    events: list[LoadEvent] = []
    engine = known(run(events=events).engine)
    assert engine.cpu_s >= 0 and engine.core_wait_s is not None
    assert (engine.loop_gap_max_s, engine.busy_s, engine.ports_exhausted) == (None, None, None)
    opened, closed = events
    assert isinstance(opened, WindowOpened) and isinstance(closed, WindowClosed)
    assert closed.at - opened.at == pytest.approx(1.000147)


def test_it_is_called_for_the_warm_up_and_for_the_window_and_stopped_at_the_end_of_each(
    bin_folder: Path,
) -> None:
    seen = fake_wrk.install(bin_folder)
    job = JOB.model_copy(update={"window": Window(warmup_s=0.05, duration_s=1, timeout_s=3)})
    result = run(job)
    warmup, window = calls(seen)
    assert warmup["stopped"] and window["stopped"]
    assert window["argv"][:8] == ["--threads", "1", "--connections", "4", "--timeout", "3s", "--duration", "16s"]
    assert window["argv"][-1] == "http://127.0.0.1:8000/"
    # Right answers of the warm-up called the upstream as well.
    assert result.answered == 2 * 136
    assert 0.05 <= known(result.warmup_s) < 10
    assert result.driver.command[0] == "wrk"
    assert "webdyno.lua" in result.driver.command and not any("tmp" in part for part in result.driver.command)


def test_the_request_is_byte_for_byte_ours_and_in_no_list_of_processes(bin_folder: Path) -> None:
    seen = fake_wrk.install(bin_folder)
    request = Request(method="POST", path="/a?token=x", headers=(("X-Key", "s3cret"), ("Host", "shop")), body=b"\xff\0")
    run(JOB.model_copy(update={"request": request}))
    (call,) = calls(seen)
    assert call["request"] == (
        "POST /a?token=x HTTP/1.1\r\nUser-Agent: webdyno\r\nAccept: */*\r\nX-Key: s3cret\r\nHost: shop\r\n"
        "Content-Length: 2\r\n\r\n\xff\0"
    )
    assert "s3cret" not in str(call["argv"]) and "token" not in str(call["argv"])


def test_where_it_is_not_installed_the_remedy_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="wrk is not installed") as caught:
        DRIVER.version()
    assert caught.value.remedy == "apt-get install wrk, brew install wrk, or leave out --driver"


@pytest.mark.parametrize(
    ("body", "said", "details"),
    [
        ("echo 'unable to connect' >&2; exit 1", "did not begin", ("unable to connect",)),
        ("echo @opened; sleep 0.3; echo broken >&2; exit 1", "ended without a result", ("broken",)),
        ("echo @opened; sleep 0.3; echo @end; exit 0", "told no counts", ()),
    ],
)
def test_a_wrk_that_does_something_else_is_an_error_with_what_it_said(
    bin_folder: Path, body: str, said: str, details: tuple[str, ...]
) -> None:
    path = bin_folder / "wrk"
    path.write_text(f"#!/bin/sh\nif [ \"$1\" = -v ]; then echo 'wrk 9'; exit 1; fi\ntrap '' INT\n{body}\n")
    path.chmod(0o755)
    with pytest.raises(EngineFailed, match=f"wrk {said}") as caught:
        run()
    assert caught.value.details == details


def shown_by_wrk(measured: Counter[int], interval: int) -> Counter[int]:
    """What wrk makes of its histogram: `stats_correct` of its stats.c."""
    shown = Counter(measured)
    for value in range(2 * interval, max(measured, default=0) + 1):
        count, earlier = shown[value], value - interval
        while count and earlier > interval:
            shown[earlier] += count
            earlier -= interval
    return shown


@given(
    measured=st.dictionaries(st.integers(1, 400), st.integers(1, 5), min_size=1, max_size=30).map(Counter),
    connections=st.integers(1, 8),
    duration=st.integers(50, 5000),
)
def test_what_wrk_adds_is_taken_out_exactly(measured: Counter[int], connections: int, duration: int) -> None:
    requests = measured.total()
    interval = duration // (requests // connections) if requests >= connections else 0
    shown = shown_by_wrk(measured, interval) if interval else measured
    if requests >= connections and not interval:
        return
    outcome = WrkReport(Summary(duration, requests, 0, 0, 0, 0, 0, 0), shown)
    assert +measured_times(outcome, connections) == measured


def test_a_histogram_that_does_not_fit_the_counts_is_refused() -> None:
    outcome = WrkReport(Summary(1_000_000, 100, 0, 0, 0, 0, 0, 0), Counter({50: 101}))
    with pytest.raises(EngineFailed, match="its histogram holds 101"):
        measured_times(outcome, 4)


def test_responses_after_the_time_out_have_no_time_and_are_no_right_ones() -> None:
    outcome = WrkReport(Summary(1_000_000, 100, 0, 0, 0, 0, 3, 2), Counter({50: 98}))
    assert outcome.ok == 95
    assert measured_times(outcome, 4).total() == 98
