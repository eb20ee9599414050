import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.errors import EngineFailed
from webdyno.load.engine.recorder import BATCH, Recorder, Traffic
from webdyno.model.histogram import Histogram
from webdyno.model.trial import EngineUse, LoadResult

OPENS, CLOSES = 1_000_000_000, 3_500_000_000
USE = EngineUse(cpu_s=0.1, loop_gap_max_s=0.001)


def finish(recorder: Recorder, scheduled: int | None = None) -> LoadResult:
    return recorder.result(scheduled, Traffic(connects=2, reconnects=1, bytes_in=99), USE)


requests = st.lists(
    st.tuples(
        st.integers(0, 4_000_000_000), st.integers(0, 10_000_000), st.integers(1, 900_000_000), st.integers(0, 5)
    ),
    max_size=60,
)


@given(requests)
def test_every_request_due_in_the_window_ends_in_one_place(rows: list[tuple[int, int, int, int]]) -> None:
    recorder = Recorder(OPENS, CLOSES, open_load=True, status=200)
    ended = sorted(((due, due + lag, due + lag + took, fate) for due, lag, took, fate in rows), key=lambda row: row[2])
    for due, sent, done, fate in ended:
        recorder.turned_to((due, due))
        if fate <= 2:
            recorder.right((due, sent, done))
        elif fate == 3:
            recorder.failed("status", "x", 500, due, sent, done)
        elif fate == 4:
            recorder.dropped(due)
        else:
            recorder.unfinished(due, sent, done)
    members = [row for row in ended if OPENS <= row[0] < CLOSES]
    result = finish(recorder, len(members))
    fates = [row[3] for row in members]
    assert result.scheduled == len(members)
    assert result.ok == sum(fate <= 2 for fate in fates) == result.statuses.get(200, 0)
    assert result.failed == fates.count(3) == result.statuses.get(500, 0)
    assert (result.dropped, result.unfinished) == (fates.count(4), fates.count(5))
    assert result.completed == sum(OPENS <= done < CLOSES and fate <= 2 for _, _, done, fate in ended)
    assert sum(second.ok for second in result.series) == result.completed
    assert Histogram.decode(result.late).count == len(members)
    assert Histogram.decode(result.lag).count == len(members) - result.dropped
    assert Histogram.decode(result.service).count == Histogram.decode(result.response).count == result.ok
    busy = sum(max(min(done, CLOSES) - max(sent, OPENS), 0) for _, sent, done, fate in ended if fate != 4)
    assert result.in_flight_mean == pytest.approx(busy / (CLOSES - OPENS))


def test_times_are_those_of_an_exact_sort() -> None:
    rng = np.random.default_rng(1)
    count = 3 * BATCH + 7
    due = np.sort(rng.integers(OPENS, CLOSES, count))
    lag, took = rng.exponential(50_000, count).astype(int), rng.lognormal(14, 1, count).astype(int)
    recorder = Recorder(OPENS, CLOSES, open_load=True, status=200)
    for row in sorted(zip(due, due + lag, due + lag + took, strict=True), key=lambda row: int(row[2])):
        recorder.right(tuple(map(int, row)))
        recorder.fold_when_full()
    result = finish(recorder)
    for encoded, exact in ((result.lag, lag), (result.service, took), (result.response, lag + took)):
        for q in (0.5, 0.9, 0.99):
            truth = float(np.quantile(exact, q, method="inverted_cdf"))
            assert Histogram.decode(encoded).quantile_ns(q) == pytest.approx(truth, rel=1e-3, abs=1)


def test_seconds_tell_what_came_in_each_of_them() -> None:
    recorder = Recorder(OPENS, CLOSES, open_load=False, status=200)
    for done_ms, took_us in ((100, 10), (900, 30), (2100, 500)):
        done = OPENS + done_ms * 1_000_000
        recorder.right((done - took_us * 1000, done - took_us * 1000, done))
    recorder.failed("reset", "", 0, OPENS + 1, OPENS + 1, OPENS + 1_500_000_000)
    first, second, third = finish(recorder).series
    assert (first.ok, second.ok, third.ok) == (2, 0, 1)
    assert (first.failed, second.failed, third.failed) == (0, 1, 0)
    assert first.p50_us == pytest.approx(10, rel=1e-3)
    assert first.p99_us == pytest.approx(30, rel=1e-3)
    assert second.p50_us is None
    assert third.p99_us == pytest.approx(500, rel=1e-3)


def test_closed_load_has_no_lag_by_definition() -> None:
    recorder = Recorder(OPENS, CLOSES, open_load=False, status=200)
    recorder.right((OPENS, OPENS, OPENS + 1000))
    recorder.failed("connect", "", 0, OPENS, 0, OPENS)
    result = finish(recorder)
    assert result.service == result.response
    assert Histogram.decode(result.lag).points()[1].tolist() == [1]
    assert Histogram.decode(result.late).points()[1].tolist() == [2]


def test_a_lost_request_is_not_passed_over() -> None:
    with pytest.raises(EngineFailed, match="of 2 requests 0 ended"):
        finish(Recorder(OPENS, CLOSES, open_load=True, status=200), 2)


def test_few_samples_of_each_kind_are_kept_and_cut() -> None:
    recorder = Recorder(OPENS, CLOSES, open_load=False, status=200)
    for _ in range(50):
        recorder.failed("body", "x" * 1000, 200, OPENS, OPENS, OPENS + 1)
        recorder.failed("reset", "y", 0, OPENS, OPENS, OPENS + 1)
    result = finish(recorder)
    assert result.failures == {"body": 50, "reset": 50}
    assert [sample.kind for sample in result.failure_samples] == ["body"] * 3 + ["reset"] * 3
    assert max(len(sample.detail) for sample in result.failure_samples) == 200
