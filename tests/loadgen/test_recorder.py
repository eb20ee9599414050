import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known import known
from webdyno.errors import EngineFailed
from webdyno.loadgen.engine.recorder import FIELDS, Attempt, Recorded, Recorder, Traffic
from webdyno.model.histogram import Histogram
from webdyno.model.trial import EngineUse, LoadFigures

OPENS, CLOSES = 1_000_000_000, 3_500_000_000
USE = EngineUse(cpu_s=0.1, loop_gap_max_s=0.001)


ENDPOINTS = [Recorded("list", "GET", "/items", 200), Recorded("order", "POST", "/orders", None)]


def record(*, open_load: bool, endpoints: int = 1, seconds: bool = False) -> Recorder:
    recorder = Recorder(
        CLOSES - OPENS, open_load=open_load, endpoints=ENDPOINTS[:endpoints], apart=endpoints > 1, seconds=seconds
    )
    recorder.open(OPENS)
    return recorder


def finish(recorder: Recorder, scheduled: int | None = None) -> LoadFigures:
    return recorder.result(scheduled, OPENS, Traffic(connects=2, reconnects=1, bytes_in=99), USE)


# Anywhere would mean mostly outside of the window.
moments = st.one_of(
    st.integers(OPENS, CLOSES - 1), st.integers(0, 4_000_000_000), st.sampled_from([OPENS - 1, OPENS, CLOSES])
)
requests = st.lists(
    st.tuples(moments, st.integers(0, 10_000_000), st.integers(1, 900_000_000), st.sampled_from(range(6))), max_size=60
)


@given(requests)
def test_every_request_due_in_the_window_ends_in_one_place(rows: list[tuple[int, int, int, int]]) -> None:
    recorder = record(open_load=True)
    ended = sorted(((due, due + lag, due + lag + took, fate) for due, lag, took, fate in rows), key=lambda row: row[2])
    for due, sent, done, fate in ended:
        turned = due + (sent - due) // 2
        if fate <= 2:
            recorder.right((0, due, turned, sent, done))
        elif fate == 3:
            recorder.failed("status", "x", 500, Attempt(0, due, turned, sent), done)
        elif fate == 4:
            recorder.dropped(Attempt(0, due, turned, 0))
        else:
            recorder.unfinished(Attempt(0, due, turned, sent), done)
    members = [row for row in ended if OPENS <= row[0] < CLOSES]
    result = finish(recorder, len(members))
    fates = [row[3] for row in members]
    assert result.scheduled == len(members)
    assert result.ok == sum(fate <= 2 for fate in fates) == known(result.statuses).get(200, 0)
    assert result.failed == fates.count(3) == known(result.statuses).get(500, 0)
    assert (result.dropped, result.unfinished) == (fates.count(4), fates.count(5))
    assert result.completed == sum(OPENS <= done < CLOSES and fate <= 2 for _, _, done, fate in ended)
    assert sum(second.ok for second in result.series) == result.completed
    sent = len(members) - result.dropped
    counts = {name: Histogram.decode(getattr(result, name)).count for name in ("late", "waited", "lag", "service")}
    assert counts == {"late": len(members), "waited": sent, "lag": sent, "service": result.ok}
    assert Histogram.decode(result.response).count == Histogram.decode(result.punctual).count == result.ok
    failed = Histogram.merged(result.failed_response.values())
    assert failed.count == result.failed
    busy = sum(max(min(done, CLOSES) - max(sent, OPENS), 0) for _, sent, done, fate in ended if fate != 4)
    assert result.in_flight_mean == pytest.approx(busy / (CLOSES - OPENS))
    assert result.warmup_s == 1.0


@given(requests)
def test_under_closed_load_each_request_counts_by_the_share_of_its_time_in_the_window(
    rows: list[tuple[int, int, int, int]],
) -> None:
    recorder = record(open_load=False)
    share = {"ok": 0.0, "failed": 0.0, "timeout": 0.0, "cut": 0.0}
    for sent, _, took, fate in sorted(rows, key=lambda row: row[0] + row[2]):
        done, kind = sent + took, {4: "timeout", 5: "status"}.get(fate)
        inside = max(min(done, CLOSES) - max(sent, OPENS), 0)
        share["cut"] += took if 0 < inside < took else 0
        share["timeout"] += inside if kind == "timeout" else 0
        share["failed" if kind else "ok"] += inside / took
        if kind == "timeout":
            recorder.failed("timeout", "x", 0, Attempt(0, sent, sent, sent), done)
        elif kind:
            recorder.failed("status", "x", 500, Attempt(0, sent, sent, sent), done)
        else:
            recorder.right((0, sent, sent, sent, done))
    result = finish(recorder)
    assert result.ok_in_window == pytest.approx(share["ok"])
    assert result.failed_in_window == pytest.approx(share["failed"])
    assert result.timed_out_mean == pytest.approx(share["timeout"] / (CLOSES - OPENS))
    assert result.cut_s == pytest.approx(share["cut"] / 1e9)
    assert result.throughput == pytest.approx(share["ok"] / 2.5)


def test_the_lag_is_the_generators_part_and_the_wait_for_a_connection() -> None:
    recorder = record(open_load=True)
    recorder.right((0, OPENS, OPENS + 200, OPENS + 1_000, OPENS + 1_500))
    recorder.failed("reset", "", 0, Attempt(0, OPENS, OPENS + 300, OPENS + 1_100), OPENS + 1_300)
    # What never left was turned to, and did not get a connection.
    recorder.failed("connect", "", 0, Attempt(0, OPENS, OPENS + 400, 0), OPENS + 1_900)
    recorder.dropped(Attempt(0, OPENS, OPENS + 500, 0))
    result = finish(recorder)
    seen = {name: Histogram.decode(getattr(result, name)).points()[0].tolist() for name in ("late", "waited", "lag")}
    assert seen == {"late": [200, 300, 400, 500], "waited": [800], "lag": [1_000, 1_100]}
    failed = {kind: Histogram.decode(text).points()[0].tolist() for kind, text in result.failed_response.items()}
    assert failed == {"reset": [1_300], "connect": [1_900]}


@pytest.mark.parametrize("open_load", [True, False], ids=["open", "closed"])
def test_many_failures_are_all_timed(*, open_load: bool) -> None:
    recorder, many = record(open_load=open_load, endpoints=2), 10_001
    for at in range(many):
        recorder.failed("status", "", 500, Attempt(at % 2, OPENS, OPENS, OPENS), OPENS + 1_000 * (1 + at % 2))
    result = finish(recorder)
    assert Histogram.decode(result.late).count == Histogram.decode(result.failed_response["status"]).count == many
    assert Histogram.decode(result.lag).count == (many if open_load else 0)
    times = [Histogram.decode(part.failed_response["status"]).points() for part in result.endpoints]
    assert [(round(at[0], -2), *counts.tolist()) for at, counts in times] == [(1_000, 5_001), (2_000, 5_000)]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2_400_000_000), st.integers(1, 99_000_000)), max_size=50))
def test_endpoints_add_up_to_the_whole(rows: list[tuple[int, int, int]]) -> None:
    recorder = record(open_load=True, endpoints=2, seconds=True)
    for endpoint, due, took in sorted(rows, key=lambda row: row[1] + row[2]):
        moment = OPENS + due
        if took % 5:
            recorder.right((endpoint, moment, moment, moment + 10, moment + 10 + took))
            if endpoint == 1:
                recorder.right_status(1, 201, moment)
        else:
            recorder.failed("status", "", 500, Attempt(endpoint, moment, moment, moment + 10), moment + 10 + took)
    result = finish(recorder)
    assert [part.name for part in result.endpoints] == ["list", "order"]
    for field in ("scheduled", "ok", "completed", "failed"):
        assert getattr(result, field) == sum(getattr(part, field) for part in result.endpoints)
    assert known(result.endpoints[1].statuses).get(201, 0) == result.endpoints[1].ok
    assert known(result.statuses).get(201, 0) == result.endpoints[1].ok
    assert result.endpoints[0].ok == known(result.statuses).get(200, 0)
    for name in ("late", "waited", "lag", "service", "response", "punctual"):
        merged = Histogram.merged(getattr(part, name) for part in result.endpoints)
        assert (merged.counts == Histogram.decode(getattr(result, name)).counts).all()
    for at, second in enumerate(result.times):
        for name in ("lag", "service", "response"):
            merged = Histogram.merged(getattr(part.times[at], name) for part in result.endpoints)
            assert (merged.counts == Histogram.decode(getattr(second, name)).counts).all()
            assert merged.count == result.series[at].ok


def test_times_are_those_of_an_exact_sort() -> None:
    rng = np.random.default_rng(1)
    count = 3007
    due = np.sort(rng.integers(OPENS, CLOSES, count))
    lag, took = rng.exponential(50_000, count).astype(int), rng.lognormal(14, 1, count).astype(int)
    recorder = record(open_load=True)
    for row in sorted(zip(due, due + lag, due + lag + took, strict=True), key=lambda row: int(row[2])):
        due_at, sent_at, done_at = map(int, row)
        recorder.right((0, due_at, due_at, sent_at, done_at))
        if len(recorder.answers) > 1000 * FIELDS:
            recorder.fold()
    result = finish(recorder)
    for encoded, exact in ((result.lag, lag), (result.service, took), (result.response, lag + took)):
        for q in (0.5, 0.9, 0.99):
            truth = float(np.quantile(exact, q, method="inverted_cdf"))
            assert Histogram.decode(encoded).quantile_ns(q) == pytest.approx(truth, rel=1e-3, abs=1)


@pytest.mark.parametrize(
    ("due", "ended", "member", "inside"),
    [
        (OPENS - 1, OPENS, 0, 1),
        (OPENS, OPENS, 1, 1),
        (CLOSES - 1, CLOSES - 1, 1, 1),
        (CLOSES - 1, CLOSES, 1, 0),
        (CLOSES, CLOSES, 0, 0),
    ],
)
def test_the_window_has_its_first_instant_and_not_its_last(due: int, ended: int, member: int, inside: int) -> None:
    recorder = record(open_load=True)
    recorder.right((0, due, due, due, ended))
    recorder.failed("reset", "", 0, Attempt(0, due, due, due), ended)
    recorder.dropped(Attempt(0, due, due, 0))
    recorder.unfinished(Attempt(0, due, due, due), ended)
    recorder.right_status(0, 299, due)
    result = finish(recorder)
    assert known(result.statuses).get(299, 0) == member
    assert (result.ok, result.failed, result.dropped, result.unfinished) == (member,) * 4
    assert (result.completed, sum(second.failed for second in result.series)) == (inside, inside)


def test_seconds_tell_what_came_in_each_of_them() -> None:
    recorder = record(open_load=False)
    for done_ms, took_us in ((100, 10), (900, 30), (2100, 500)):
        done = OPENS + done_ms * 1_000_000
        sent = done - took_us * 1000
        recorder.right((0, sent, sent, sent, done))
    recorder.failed("reset", "", 0, Attempt(0, OPENS + 1, OPENS + 1, OPENS + 1), OPENS + 1_500_000_000)
    first, second, third = finish(recorder).series
    assert (first.ok, second.ok, third.ok) == (2, 0, 1)
    assert (first.failed, second.failed, third.failed) == (0, 1, 0)
    assert first.p50_us == pytest.approx(10, rel=1e-3)
    assert first.p99_us == pytest.approx(30, rel=1e-3)
    assert second.p50_us is None
    assert third.p99_us == pytest.approx(500, rel=1e-3)


def test_the_percentiles_of_a_second_are_those_of_its_answers() -> None:
    recorder = record(open_load=False)
    for took in range(1, 1001):
        recorder.right((0, OPENS, OPENS, OPENS, OPENS + took * 1_000))
    second = finish(recorder).series[0]
    assert (second.p50_us, second.p99_us) == pytest.approx((500, 990), rel=1e-3)


def test_the_full_second_begins_the_next_one_and_the_series_tells_the_reported_time() -> None:
    for open_load, reported_us in ((True, 90), (False, 10)):
        recorder = record(open_load=open_load)
        for done in (OPENS + 999_999_999, OPENS + 1_000_000_000):
            sent = done - 10_000
            due = sent - 80_000 if open_load else sent
            recorder.right((0, due, due, sent, done))
        first, second, third = finish(recorder).series
        assert (first.ok, second.ok, third.ok) == (1, 1, 0)
        assert first.p99_us == second.p50_us == pytest.approx(reported_us, rel=1e-3)


def test_closed_load_has_no_lag_by_definition() -> None:
    recorder = record(open_load=False)
    recorder.right((0, OPENS, OPENS, OPENS, OPENS + 1000))
    recorder.failed("connect", "", 0, Attempt(0, OPENS, OPENS, 0), OPENS)
    result = finish(recorder)
    assert result.service == result.response
    assert Histogram.decode(result.lag).points()[1].tolist() == [1]
    assert Histogram.decode(result.late).points()[1].tolist() == [2]


def test_a_lost_request_is_not_passed_over() -> None:
    with pytest.raises(EngineFailed, match="of 2 requests 0 ended"):
        finish(record(open_load=True), 2)


def test_few_samples_of_each_kind_are_kept_and_cut() -> None:
    recorder = record(open_load=False)
    for _ in range(50):
        recorder.failed("body", "x" * 1000, 200, Attempt(0, OPENS, OPENS, OPENS), OPENS + 1)
        recorder.failed("reset", "y", 0, Attempt(0, OPENS, OPENS, OPENS), OPENS + 1)
    result = finish(recorder)
    assert result.failures == {"body": 50, "reset": 50}
    assert [sample.kind for sample in result.failure_samples] == ["body"] * 3 + ["reset"] * 3
    assert max(len(sample.detail) for sample in result.failure_samples) == 200


@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.sets(st.integers(0, 8_000), max_size=2))
@settings(max_examples=20, deadline=None)
def test_answers_put_away_in_portions_count_like_those_put_away_at_the_end(
    between: int, seed: int, folds: set[int]
) -> None:
    random = np.random.default_rng(seed)
    done = np.sort(random.integers(OPENS - 10**8, CLOSES + 10**8, 8_000))
    times = np.sort(random.integers(1, 10**8, (8_000, 3)), axis=1)
    endpoints = random.integers(0, 2, 8_000)
    at_once, portions = (record(open_load=True, endpoints=2, seconds=True) for _ in range(2))
    for at, row in enumerate(np.column_stack((endpoints, done[:, None] - times[:, ::-1], done)).tolist()):
        at_once.right(row)
        portions.right(row)
        if at % between == 0:
            portions.put_away()
        if at in folds:
            portions.fold()
    expected = finish(at_once)
    assert expected.ok > 6_000
    assert finish(portions) == expected
    assert len(portions.answers) == 0
