"""What several processes counted, added up: the same as if one had counted all of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known import known
from webdyno.errors import EngineFailed
from webdyno.loadgen.engine.recorder import Attempt, Recorded, Recorder, Traffic
from webdyno.loadgen.job import LoadEvent, Tick, WindowClosed, WindowOpened
from webdyno.loadgen.merge import merge_results, merge_ticks
from webdyno.loadgen.together import Together
from webdyno.model.histogram import Histogram
from webdyno.model.trial import Bodies, EngineUse, FailureKind, FailureSample, LoadFigures

SECOND = 1_000_000_000
PROCESSES = 3
KINDS: tuple[FailureKind, ...] = ("connect", "reset", "timeout", "status")
ENDPOINTS = (Recorded("list", "GET", "/items", 200), Recorded("add", "POST", "/items", 201))


class Sent(NamedTuple):
    """One request, by whom it was sent and what became of it; moments in nanoseconds from the window's opening."""

    process: int
    end: str
    endpoint: int
    due: int
    late: int
    waited: int
    service: int

    @property
    def ended(self) -> int:
        return self.due + self.late + self.waited + self.service


spans = st.integers(0, 3 * SECOND // 2)
requests = st.builds(
    Sent,
    process=st.integers(0, PROCESSES - 1),
    end=st.sampled_from(["ok", "ok", "ok", "dropped", "unfinished", *KINDS]),
    endpoint=st.integers(0, 1),
    due=st.integers(-SECOND // 2, 3 * SECOND),
    late=spans,
    waited=spans,
    service=spans,
)
EXAMPLES = st.lists(requests, max_size=40)


def record(sent: Sequence[Sent], *, open_load: bool = True, seconds: bool = True) -> LoadFigures:
    """What one process that had sent all of it would tell of a window of 2.5 s."""
    opens = 10 * SECOND
    recorder = Recorder(5 * SECOND // 2, open_load=open_load, endpoints=ENDPOINTS, apart=True, seconds=seconds)
    recorder.open(opens)
    if not open_load:
        sent = [request._replace(late=0, waited=0) for request in sent]
    for request in sorted(sent, key=lambda request: request.ended):
        due = opens + request.due
        turned = due + request.late
        attempt = Attempt(request.endpoint, due, turned, turned + request.waited)
        ended = opens + request.ended
        match request.end:
            case "ok":
                recorder.right((*attempt, ended))
            case "dropped":
                recorder.dropped(attempt._replace(sent=0))
            case "unfinished":
                recorder.unfinished(attempt, ended)
            case _:
                kind: FailureKind = next(kind for kind in KINDS if kind == request.end)
                recorder.failed(kind, f"after {request.service}", 500 * (kind == "status"), attempt, ended)
    use = EngineUse(cpu_s=1, loop_gap_max_s=0)
    return recorder.result(None, SECOND, Traffic(len(sent), 2 * len(sent), 100 * len(sent)), use)


def split(sent: Sequence[Sent], *, open_load: bool = True) -> list[LoadFigures]:
    """What each of several processes would tell of its own."""
    return [
        record([request for request in sent if request.process == process], open_load=open_load)
        for process in range(PROCESSES)
    ]


def merge(results: Sequence[LoadFigures], *, open_load: bool = True) -> LoadFigures:
    return merge_results(results, open_load=open_load, seconds=True)


def plain(result: LoadFigures, *without: str) -> dict[str, object]:
    """A result to compare; means are rounded, since the order of additions shows in their last digit."""
    document = result.model_dump(exclude=set(without))
    for name in ("in_flight_mean", "timed_out_mean", "failed_in_window", "cut_s"):
        document[name] = round(document[name], 9)
    for counted in (document, *document["endpoints"]):
        if counted["ok_in_window"] is not None:
            counted["ok_in_window"] = round(counted["ok_in_window"], 9)
    for endpoint in document["endpoints"]:
        for name in without:
            endpoint.pop(name, None)
    return document


@settings(deadline=None, max_examples=60)
@given(EXAMPLES, st.booleans())
def test_the_sum_of_the_parts_is_what_one_process_would_have_counted(sent: list[Sent], open_load: bool) -> None:
    merged = merge(split(sent, open_load=open_load), open_load=open_load)
    assert plain(merged, "failure_samples", "engine") == plain(
        record(sent, open_load=open_load), "failure_samples", "engine"
    )
    assert known(merged.engine).processes == PROCESSES


@settings(deadline=None, max_examples=25)
@given(EXAMPLES, st.randoms(use_true_random=False))
def test_neither_order_nor_grouping_matters(sent: list[Sent], order: random.Random) -> None:
    results = split(sent)
    merged = merge(results)
    first, second, third = order.sample(results, PROCESSES)
    assert plain(merge([first, second, third])) == plain(merged)
    assert plain(merge([merge([first, second]), third])) == plain(merged)
    assert plain(merge([first, merge([second, third])])) == plain(merged)


def ok(process: int, due: int, service: int) -> Sent:
    return Sent(process, "ok", 0, due, 0, 0, service)


def test_percentiles_are_those_of_the_whole_and_no_mean_of_the_parts() -> None:
    few_slow = [ok(0, 0, SECOND // 2)] * 2
    many_fast = [ok(1, 0, SECOND // 1000)] * 98
    [second, *_] = merge(split(few_slow + many_fast)).series
    assert second.p50_us == pytest.approx(1000, rel=0.001)
    assert second.p99_us == pytest.approx(500_000, rel=0.001)
    [second, *_] = merge(split(few_slow[:1] + many_fast + many_fast[:1])).series
    assert second.p99_us == pytest.approx(1000, rel=0.001)


def test_the_series_tells_the_time_that_the_load_reports() -> None:
    waited = [ok(process, 0, SECOND // 10)._replace(waited=SECOND // 10) for process in range(PROCESSES)]
    results = split(waited)
    assert merge(results, open_load=True).series[0].p50_us == pytest.approx(200_000, rel=0.001)
    assert merge(results, open_load=False).series[0].p50_us == pytest.approx(100_000, rel=0.001)


def test_the_seconds_are_left_out_unless_they_are_asked_for() -> None:
    merged = merge_results(split([ok(0, 0, 1000)]), open_load=True, seconds=False)
    assert merged.times == ()
    assert merged.series[0].ok == 1
    assert [endpoint.times for endpoint in merged.endpoints] == [(), ()]


def test_of_each_kind_of_failure_three_different_examples_are_kept() -> None:
    def failed(kind: FailureKind, *details: str) -> LoadFigures:
        samples = tuple(FailureSample(kind=kind, detail=detail) for detail in details)
        return record([]).model_copy(update={"failure_samples": samples})

    merged = merge([failed("reset", "c", "c", "c"), failed("reset", "b", "d", "a"), failed("connect", "refused")])
    assert [(sample.kind, sample.detail) for sample in merged.failure_samples] == [
        ("connect", "refused"),
        ("reset", "a"),
        ("reset", "b"),
        ("reset", "c"),
    ]


def sockets(ports: int = 0, descriptors: int = 0) -> dict[str, int]:
    return {"ports_exhausted": ports, "descriptors_exhausted": descriptors}


def test_of_the_processes_own_use_the_worst_is_told() -> None:
    uses = [
        EngineUse(cpu_s=3, loop_gap_max_s=0.1, busy_s=1, core_wait_s=0.2, render_s=0.5, **sockets(ports=2)),
        EngineUse(cpu_s=1, loop_gap_max_s=0.4, busy_s=2, core_wait_s=0.1, spinning=True, **sockets(descriptors=1)),
        EngineUse(cpu_s=2, loop_gap_max_s=0.2, busy_s=0, core_wait_s=None, processes=2, **sockets(ports=3)),
    ]
    empty = record([])
    merged = merge([empty.model_copy(update={"engine": use}) for use in uses]).engine
    assert merged == EngineUse(
        cpu_s=3,
        loop_gap_max_s=0.4,
        spinning=True,
        busy_s=2,
        core_wait_s=None,
        render_s=0.5,
        ports_exhausted=5,
        descriptors_exhausted=1,
        processes=4,
    )


def test_histograms_that_older_versions_do_not_have_are_passed_over() -> None:
    new = record([ok(0, 0, 1000)])
    old = new.model_copy(update={"waited": ""})
    assert merge([old, old]).waited == ""
    assert merge([old, new]).waited == new.waited


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"window_s": 2.4}, "measured for 2.4 s and for 2.5 s"),
        ({"times": ()}, "different seconds"),
        ({"series": (), "times": ()}, "different seconds"),
        ({"lag": "no histogram"}, "cannot be read"),
    ],
    ids=str,
)
def test_results_that_do_not_belong_together_are_refused(change: dict[str, object], words: str) -> None:
    result = record([ok(0, 0, 1000)])
    with pytest.raises(EngineFailed, match=words):
        merge([result, result.model_copy(update=change)])


def make_tick(at_s: float, times_us: Sequence[int] = (), interval_s: float = 1.0, in_flight: int = 1) -> Tick:
    times = Histogram()
    times.record([value * 1000 for value in times_us])
    return Tick(
        at_s=at_s,
        interval_s=interval_s,
        sent=len(times_us) + 1,
        ok=len(times_us),
        failed=2,
        dropped=3,
        in_flight=in_flight,
        waiting=4,
        times=times.encode() if times_us else "",
    )


def test_ticks_are_added_up_and_their_percentiles_read_anew() -> None:
    ticks = [make_tick(1.01, [100] * 98), make_tick(1.03, [500, 900], in_flight=7)]
    merged = merge_ticks(ticks, ticks, since_s=None)
    assert (merged.at_s, merged.interval_s) == (1.03, 1.0)
    assert (merged.sent, merged.ok, merged.failed, merged.dropped) == (102, 100, 4, 6)
    assert (merged.in_flight, merged.waiting) == (8, 8)
    assert merged.p50_us == pytest.approx(100, rel=0.001)
    assert merged.p99_us == pytest.approx(500, rel=0.001)
    assert Histogram.decode(merged.times).count == 100
    assert merge_ticks(ticks, ticks, since_s=0.5).interval_s == pytest.approx(0.53)


def test_ticks_without_answers_have_no_percentiles() -> None:
    merged = merge_ticks([make_tick(1), make_tick(1)], [], since_s=None)
    assert (merged.times, merged.p50_us, merged.p99_us) == ("", None, None)


def test_a_tick_with_a_broken_histogram_is_refused() -> None:
    with pytest.raises(EngineFailed, match="cannot be read"):
        merge_ticks([make_tick(1).model_copy(update={"times": "broken"})], [], since_s=None)


def tell(processes: int, duration_s: float, said: Sequence[tuple[int, LoadEvent]]) -> list[LoadEvent]:
    told: list[LoadEvent] = []
    together = Together(processes, duration_s, told.append)
    for process, event in said:
        together.take(process, event)
    return told


def moments(told: Sequence[LoadEvent]) -> list[float]:
    return [event.at_s for event in told if isinstance(event, Tick)]


def test_the_window_opens_with_the_first_and_closes_with_the_last() -> None:
    opened, closed = WindowOpened(at=5), WindowClosed(at=6)
    said: list[tuple[int, LoadEvent]] = [(0, opened), (0, closed), (1, opened)]
    assert tell(2, 1, said) == [opened]
    assert tell(2, 1, [*said, (1, closed)]) == [opened, closed]


def test_a_tick_waits_for_the_others_but_not_beyond_the_next_second() -> None:
    first = [(0, make_tick(1.01)), (1, make_tick(1.02))]
    assert moments(tell(3, 9, first)) == []
    assert moments(tell(3, 9, [*first, (2, make_tick(1.04))])) == [1.04]
    assert moments(tell(3, 9, [*first, (0, make_tick(2.0))])) == [1.02]


def test_what_a_late_process_says_goes_into_the_next_tick() -> None:
    told = tell(
        2,
        9,
        [
            (0, make_tick(1.0, [100], in_flight=10)),
            (0, make_tick(2.0, [100], in_flight=20)),
            (1, make_tick(2.5, [100] * 5, interval_s=2.5, in_flight=30)),
            (0, make_tick(3.0, [100], in_flight=40)),
            (0, make_tick(4.0, [100], in_flight=50)),
            (1, make_tick(3.5, [100] * 7, in_flight=60)),
            (1, make_tick(4.2, [100] * 9, in_flight=70)),
        ],
    )
    ticks = [tick for tick in told if isinstance(tick, Tick)]
    assert [(tick.at_s, tick.ok, tick.in_flight) for tick in ticks] == [
        (1.0, 1, 20),
        (2.5, 6, 50),
        (3.0, 1, 80),
        (4.2, 17, 120),
    ]


def test_the_last_tick_is_told_apart_from_that_of_its_second() -> None:
    said = [(0, make_tick(1.01)), (1, make_tick(1.02)), (1, make_tick(1.3)), (0, make_tick(1.3))]
    assert moments(tell(2, 1.3, said)) == [1.02, 1.3]


def test_nothing_of_the_warm_up_is_counted_to_the_window() -> None:
    said = [(0, make_tick(0, [1])), (0, make_tick(1.0, [1])), (1, make_tick(0, [1] * 50)), (1, make_tick(1.0, [1]))]
    ticks = [tick for tick in tell(2, 9, said) if isinstance(tick, Tick)]
    assert [(tick.at_s, tick.ok) for tick in ticks] == [(0, 1), (1.0, 2)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0.001, 3)), max_size=40))
def test_whoever_is_late_every_request_is_told_once_and_time_goes_on(steps: list[tuple[int, float]]) -> None:
    duration_s, processes = 10.5, 3
    at = [0.0] * processes
    said: list[tuple[int, LoadEvent]] = []
    for process, step in steps:
        at[process] += step
        # An engine tells once in a second.
        if int(at[process]) > int(at[process] - step) and at[process] < duration_s:
            said.append((process, make_tick(at[process], [100])))
    said += [(process, make_tick(duration_s, [100])) for process in range(processes)]
    ticks = [tick for tick in tell(processes, duration_s, said) if isinstance(tick, Tick)]
    assert sum(tick.ok for tick in ticks) == len(said)
    assert all(early.at_s < late.at_s for early, late in pairwise(ticks))
    assert ticks[-1].at_s == duration_s
    assert len({int(tick.at_s) for tick in ticks[:-1]}) == len(ticks) - 1


def test_what_was_seen_of_bodies_is_added_up() -> None:
    seen = [
        Bodies(looked=5, varied=3, misshapen=2, misfits=("b", "a")),
        Bodies(looked=1, varied=1, misshapen=1),
        Bodies(misfits=("a", "c", "d")),
    ]
    parts = [part.model_copy(update={"bodies": one}) for part, one in zip(split([]), seen, strict=True)]
    assert merge(parts).bodies == Bodies(looked=6, varied=4, misshapen=3, misfits=("a", "b", "c"))
