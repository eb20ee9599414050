"""The rate in what other load tools print, as their versions of today print it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import EngineFailed
from webdyno.loadgen.drivers.printed_rates import TOOLS, printed_rate

AB = """Concurrency Level:      32
Time taken for tests:   2.000 seconds
Complete requests:      231044
Failed requests:        0
Keep-Alive requests:    228748
Requests per second:    115521.87 [#/sec] (mean)
Time per request:       0.277 [ms] (mean)
"""
H2LOAD = """starting benchmark...
Application protocol: http/1.1

finished in 2.00s, 113402.50 req/s, 18.60MB/s
requests: 226805 total, 226837 started, 226805 done, 226805 succeeded, 0 failed, 0 errored, 0 timeout
"""
HEY = """
Summary:
  Total:\t2.0009 secs
  Slowest:\t0.0301 secs
  Requests/sec:\t46012.3301

"""
WRK = """Running 2s test @ http://127.0.0.1:8080/
  1 threads and 32 connections
  268470 requests in 2.10s, 43.78MB read
Requests/sec: 127880.03
Transfer/sec:     20.85MB
"""
ROW = {"name": "/", "method": "GET", "num_requests": 20000, "start_time": 100.0, "last_request_timestamp": 102.0}
LOCUST = f"{json.dumps([ROW, ROW | {'name': '/b', 'num_requests': 1000, 'last_request_timestamp': 104.0}], indent=4)}\n"


@pytest.mark.parametrize(
    ("tool", "output", "rate"),
    [
        ("ab", AB, 115521.87),
        ("h2load", H2LOAD, 113402.5),
        ("hey", HEY, 46012.3301),
        ("wrk", WRK, 127880.03),
        ("locust", LOCUST, 21000 / 4),
        ("locust", "some warning\n" + LOCUST, 21000 / 4),
    ],
)
def test_the_rate_is_read(tool: str, output: str, rate: float) -> None:
    assert printed_rate(tool, output) == pytest.approx(rate)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("output", ["", "[]", "[1]", "[{}]", "[" * 100_000, "Requests/sec: nan", "no luck\n" * 50])
def test_where_there_is_none_it_is_said_with_the_last_lines(tool: str, output: str) -> None:
    with pytest.raises(EngineFailed, match=f"{tool} printed no rate") as caught:
        printed_rate(tool, output)
    assert caught.value.remedy
    assert len(caught.value.details) <= 10


def test_requests_that_took_no_time_have_no_rate() -> None:
    with pytest.raises(EngineFailed):
        printed_rate("locust", json.dumps([ROW | {"last_request_timestamp": 100.0}]))


@given(tool=st.sampled_from(sorted(TOOLS)), output=st.text())
def test_any_text_has_a_rate_or_is_refused(tool: str, output: str) -> None:
    try:
        assert printed_rate(tool, output) >= 0
    except EngineFailed as error:
        assert error.remedy
