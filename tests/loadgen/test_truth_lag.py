"""A generator whose lag is known: what it does to the percentiles is found, and said where it is off by as much.

Time is virtual. Every request is served in 2 ms from its send, so that each percentile is 2 ms but for the lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from webdyno.analysis.measured_load import MeasuredLoad
from webdyno.analysis.validity.finding import Finding
from webdyno.analysis.validity.findings import findings_of_load
from webdyno.model.histogram import Histogram
from webdyno.model.load import OpenLoad
from webdyno.model.trial import LoadFigures
from webdyno.texts.catalogue import told

from .truth_run import BUCKET, nearest_rank, quantile_s
from .virtual_time import VirtualServer, run_virtually, virtual_job, virtual_server

SERVED_NS = 2_000_000
# Far apart against the lags, so that hardly an answer or another arrival comes while the generator oversleeps.
LOAD = OpenLoad(rate=50)
SPAN_S = 40.0


@pytest.fixture
def lagging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lagging:
    return Lagging(tmp_path, monkeypatch)


class Lagging:
    """Runs a load by a generator that wakes up late, or stands still."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch

    def __call__(
        self, *, late_ns: int = 0, stops: Sequence[tuple[int, int]] = (), load: OpenLoad = LOAD
    ) -> tuple[LoadFigures, VirtualServer]:
        with virtual_server(self._folder, SERVED_NS) as server:
            job = virtual_job(self._folder, load, SPAN_S)
            result = run_virtually(job, server, self._patch, late_ns=late_ns, stops=stops)
        assert result.ok == result.scheduled == len(server.left)
        return result, server


def lag_of(result: LoadFigures, load: OpenLoad = LOAD) -> Finding | None:
    measured = MeasuredLoad(load, virtual_job(Path(), load, SPAN_S).window, result, None)
    return next((finding for finding in findings_of_load(measured) if finding.name == "lag"), None)


@pytest.mark.parametrize(
    ("late_us", "severity", "p99"),
    [
        (0, None, ""),
        (80, None, ""),
        (150, "caution", "2.15 ms"),
        (300, "caution", "2.3 ms"),
        (600, "invalid", "2.6 ms"),
    ],
)
def test_a_timer_that_is_late_by_so_much_moves_a_p99_of_two_milliseconds_by_as_much(
    late_us: int, severity: str | None, p99: str, lagging: Lagging
) -> None:
    result, server = lagging(late_ns=late_us * 1000)
    assert quantile_s(result.late, 0.99) == pytest.approx(late_us / 1e6, rel=BUCKET)
    assert result.lag == result.late, "nothing waited for a connection"
    # What the server knows: from the coming of each request to its answer it was 2 ms.
    assert nearest_rank(np.subtract(server.left, server.came), 0.99) == SERVED_NS
    assert quantile_s(result.punctual, 0.99) == pytest.approx(SERVED_NS / 1e9, rel=BUCKET)
    assert quantile_s(result.response, 0.99) == pytest.approx((SERVED_NS / 1e9) + late_us / 1e6, rel=2 * BUCKET)
    finding = lag_of(result)
    assert (finding and finding.severity) == severity
    if finding:
        assert f"p99 would be about 2 ms, not {p99}" in told(finding.what)


def test_a_stop_is_found_in_the_percentiles_that_it_reaches_and_in_no_other(lagging: Lagging) -> None:
    # One arrival in fifty was due while it stood still.
    result, _ = lagging(stops=[(10_000_000_000, 10_800_000_000)])
    finding = lag_of(result)
    assert finding
    assert finding.severity == "invalid"
    assert "p99 would be about 2 ms" in told(finding.what)
    assert "p95" not in told(finding.what)
    late, counts = Histogram.decode(result.late).points()
    assert counts[late > 1e6].sum() / result.scheduled == pytest.approx(0.02, abs=0.008)


def test_many_stops_are_taken_out_of_the_reads_as_of_the_sends(lagging: Lagging) -> None:
    """For a twentieth of the time others have its core, 4 ms each: answers are read late as requests are sent late.

    The send's part alone would leave a p99 that is hardly better than the one that is shown.
    """
    crowded = OpenLoad(rate=250)
    begins = np.sort(np.random.default_rng(2).uniform(0, SPAN_S, round(SPAN_S * 0.05 / 0.004))) * 1e9
    result, _ = lagging(stops=[(round(start), round(start) + 4_000_000) for start in begins], load=crowded)
    shown, punctual = quantile_s(result.response, 0.99), quantile_s(result.punctual, 0.99)
    assert punctual > 2 * SERVED_NS / 1e9
    assert shown / punctual < 1.2
    finding = lag_of(result, crowded)
    assert finding
    assert finding.severity == "invalid"
    assert "p99 would be about 2" in told(finding.what)


def test_a_short_stop_that_reaches_no_percentile_is_not_said(lagging: Lagging) -> None:
    result, _ = lagging(stops=[(10_000_000_000, 10_060_000_000)])
    assert quantile_s(result.late, 1.0) > 0.02
    assert lag_of(result) is None


def test_a_wait_for_a_connection_is_the_servers_and_no_lag(lagging: Lagging) -> None:
    """One connection carries 500 requests a second, and most of them wait for it, though the generator is on time."""
    crowded = OpenLoad(rate=450, connections=1)
    result, _ = lagging(load=crowded)
    assert quantile_s(result.waited, 0.5) > 2 * SERVED_NS / 1e9
    assert quantile_s(result.late, 1.0) == 0
    assert lag_of(result, crowded) is None
