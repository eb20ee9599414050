"""Windows that followed one another, added up: nothing is lost, and nothing averaged that is no mean."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known import known
from webdyno.errors import EngineFailed
from webdyno.loadgen.consecutive import join_windows
from webdyno.model.histogram import Histogram
from webdyno.model.trial import EngineUse, LoadFigures, Second


def window(times_ns: Sequence[int], window_s: float, use: EngineUse | None = None) -> LoadFigures:
    """A window of closed load in which each of these requests was answered."""
    times, count = Histogram(), len(times_ns)
    times.record(times_ns)
    return LoadFigures(
        window_s=window_s,
        warmup_s=0.05,
        scheduled=count + 1,
        ok=count,
        completed=count,
        ok_in_window=count - 0.5 if count else 0.0,
        failures={"timeout": 1},
        failed_in_window=0.25,
        unfinished=0,
        statuses={200: count},
        connects=1,
        reconnects=0,
        bytes_in=10 * count,
        answered=count,
        in_flight_mean=sum(times_ns) / 1e9 / window_s,
        timed_out_mean=0.5,
        cut_s=0.001,
        service=times.encode(),
        series=(Second(ok=count, failed=1),),
        engine=use,
    )


windows = st.lists(
    st.builds(window, st.lists(st.integers(1_000, 10**9), max_size=20), st.floats(0.05, 2.0)), min_size=1, max_size=6
)


@settings(deadline=None)
@given(windows)
def test_counts_and_times_are_those_of_all_windows(results: list[LoadFigures]) -> None:
    joined = join_windows(results)
    assert joined.window_s == pytest.approx(sum(one.window_s for one in results))
    assert joined.warmup_s == pytest.approx(0.05 * len(results))
    assert joined.ok == sum(one.ok for one in results)
    assert joined.scheduled == joined.ok + joined.failed
    assert joined.delivered == pytest.approx(sum(one.delivered for one in results))
    assert joined.failures == {"timeout": len(results)}
    assert joined.connects == len(results)
    assert [second.ok for second in joined.series] == [one.ok for one in results]
    assert Histogram.decode(joined.service).count == joined.ok
    assert Histogram.decode(joined.service).encode() == Histogram.merged([one.service for one in results]).encode()


@settings(deadline=None)
@given(windows)
def test_means_over_time_weigh_each_window_by_its_length(results: list[LoadFigures]) -> None:
    joined = join_windows(results)
    busy_s = sum(known(one.in_flight_mean) * one.window_s for one in results)
    assert known(joined.in_flight_mean) * joined.window_s == pytest.approx(busy_s)
    assert joined.timed_out_mean == pytest.approx(0.5)


@settings(deadline=None)
@given(windows, st.data())
def test_joining_in_steps_gives_the_same(results: list[LoadFigures], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(results) - 1))
    steps = join_windows([*([join_windows(results[:at])] if at else []), *results[at:]])
    once = join_windows(results)
    for name, value in once.model_dump().items():
        expected = pytest.approx(value) if isinstance(value, float) else value
        assert steps.model_dump()[name] == expected, name


def test_what_the_generator_used_is_added_and_its_longest_gap_kept() -> None:
    one = EngineUse(cpu_s=0.1, loop_gap_max_s=0.002, busy_s=0.08, core_wait_s=0.01, ports_exhausted=1)
    other = EngineUse(cpu_s=0.2, loop_gap_max_s=0.001, busy_s=0.1, core_wait_s=0.02, ports_exhausted=2)
    use = known(join_windows([window([1], 0.1, one), window([1], 0.1, other)]).engine)
    assert use.cpu_s == pytest.approx(0.3)
    assert use.loop_gap_max_s == 0.002
    assert use.busy_s == pytest.approx(0.18)
    assert use.core_wait_s == pytest.approx(0.03)
    assert use.ports_exhausted == 3
    assert use.processes == 1


def test_what_one_window_does_not_tell_is_not_known_of_all() -> None:
    first = window([1], 0.1)
    silent = first.model_copy(update={"connects": None, "in_flight_mean": None, "unfinished": None})
    joined = join_windows([first, silent])
    assert (joined.connects, joined.in_flight_mean, joined.unfinished, joined.engine) == (None, None, None, None)


def test_a_damaged_histogram_is_told() -> None:
    damaged = window([1], 0.1).model_copy(update={"service": "no histogram"})
    with pytest.raises(EngineFailed, match="cannot be read"):
        join_windows([damaged, damaged])
