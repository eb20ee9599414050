import gzip
import itertools
import json
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from webdyno.lab import fairness
from webdyno.lab.fairness import is_present, kept_date, repeated, skipped_calls, stood_still
from webdyno.model.histogram import Histogram
from webdyno.model.trial import EngineUse, LoadFigures
from webdyno.model.workload import Need, Workload
from webdyno.serving.launch_request import Answer
from webdyno.stacks.workloads import find_workload
from webdyno.texts.catalogue import told

EMPTY = Histogram().encode()
TEN = LoadFigures(
    scheduled=0,
    ok=0,
    completed=0,
    late=EMPTY,
    lag=EMPTY,
    service=EMPTY,
    response=EMPTY,
    window_s=1,
    answered=10,
    engine=EngineUse(cpu_s=0, loop_gap_max_s=0),
)


def answer(body: bytes = b"", **headers: str) -> Answer:
    return Answer(200, tuple(headers.items()), body, truncated=False, startup_s=0.1)


def dated(made_s: float) -> Answer:
    return answer(Date=formatdate(made_s, usegmt=True))


def test_a_date_of_the_present_is_no_reason_and_none_is_required() -> None:
    now = time.time()
    for fair in (dated(now), dated(now - 1), answer(date=formatdate(now)), answer()):
        assert is_present(fair, now)


@pytest.mark.parametrize("off_s", [-60, -5, 3600])
def test_a_date_of_another_time_is_none_of_the_present(off_s: int) -> None:
    now = time.time()
    assert not is_present(dated(now + off_s), now)


def test_an_answer_that_came_late_may_bear_any_moment_of_its_making() -> None:
    asked = time.time() - 30
    for made in (asked, asked + 15, asked + 30):
        assert is_present(dated(made), asked)


@pytest.mark.parametrize("off_s", [-86_400, -7_200, -5, 0, 3_600])
def test_a_clock_or_a_zone_that_is_off_moves_all_the_same(off_s: int) -> None:
    assert stood_still(dated(1e9 + off_s), dated(1e9 + off_s + 6), 6.2) is None


@pytest.mark.parametrize("later_s", [0, -60, 1])
def test_a_date_that_does_not_go_with_the_clock_comes_from_a_cache(later_s: int) -> None:
    # One second later: another worker, which keeps another answer.
    assert "stood still for 6 s" in told(stood_still(dated(1e9), dated(1e9 + later_s), 6.0))


@pytest.mark.parametrize("text", ["yester\x1bday", "Thu, 99 Foo 2026", ""])
def test_a_date_that_is_none_is_judged_by_whether_it_moves(text: str) -> None:
    assert not is_present(answer(Date=text), time.time())
    why = stood_still(answer(Date=text), answer(Date=text), 6.0)
    assert why is not None and told(why).isprintable()
    assert stood_still(answer(Date=text), answer(Date=text + "+"), 6.0) is None
    assert stood_still(answer(Date=text), answer(), 6.0) is None


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 1e9

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(fairness, "time", made)
    return made


def serving(clock: Clock, renewed_at: Callable[[float], float], takes_s: float = 0.01) -> Callable[[], Answer]:
    """A server whose Date is what `renewed_at` makes of the moment."""

    def ask() -> Answer:
        clock.sleep(takes_s)
        return dated(renewed_at(clock.now))

    return ask


@pytest.mark.parametrize("takes_s", [0.01, 3.0])
def test_an_honest_server_is_asked_until_its_date_is_renewed(clock: Clock, takes_s: float) -> None:
    assert kept_date(serving(clock, lambda now: now, takes_s)) is None
    began = clock.now
    # Behind by a minute when the load ends, and every second once it is idle.
    assert kept_date(serving(clock, lambda now: now if now > began + 2 else began - 60, takes_s)) is None
    for off_s in (-7_200, 7_200):
        assert kept_date(serving(clock, lambda now, off_s=off_s: now + off_s, takes_s)) is None  # type: ignore[misc]
    assert kept_date(lambda: answer()) is None


def test_a_date_that_is_of_the_present_is_asked_for_once(clock: Clock) -> None:
    began = clock.now
    assert kept_date(serving(clock, lambda now: now)) is None
    assert clock.now - began < 1


def test_what_a_cache_keeps_is_told_from_it(clock: Clock) -> None:
    began = clock.now
    assert "stood still for 6 s" in told(kept_date(serving(clock, lambda now: began - 60)))
    workers = itertools.cycle([began - 60, began - 50])
    assert kept_date(serving(clock, lambda now: next(workers))) is not None
    # Kept for 10 s each time, and just about to expire.
    began = clock.now
    expiring = serving(clock, lambda now: began - 9 + 10 * ((now - began + 9) // 10))
    assert "while it was idle" in told(kept_date(expiring))


def test_a_value_is_found_in_a_compressed_answer() -> None:
    same = Answer(200, (("Content-Encoding", "gzip"),), gzip.compress(b'{"id": "a"}'), truncated=False, startup_s=0.1)
    assert "same id" in told(repeated(find_workload("jobs"), [same, same]))


def test_two_answers_with_the_same_value_come_from_a_cache() -> None:
    jobs = find_workload("jobs")
    a, b = (answer(json.dumps({"message": "request received", "id": name}).encode()) for name in "ab")
    assert repeated(jobs, [a, b]) is None
    assert "same id" in told(repeated(jobs, [a, b, a]))
    for other in (b"", b"[]", b"{}", b"[" * 100_000):
        assert "no id" in told(repeated(jobs, [a, answer(other)]))
    assert repeated(find_workload("hello"), [a, a]) is None


@pytest.mark.parametrize(("hits", "fair"), [(200, True), (230, True), (199, False), (0, False)])
def test_each_right_answer_needs_its_calls(hits: int, fair: bool) -> None:
    why = skipped_calls(find_workload("fanout?n=20"), {"upstream": hits}, TEN)
    assert (why is None) == fair
    assert fair or f"had {hits}" in told(why)


def test_calls_that_are_not_held_against_the_stacks_may_be_none() -> None:
    assert skipped_calls(Workload(), {}, TEN) is None
    assert skipped_calls(Workload(needs=(Need(name="cache"),)), {"cache": 0}, TEN) is None
    assert skipped_calls(Workload(needs=(Need(name="uncounted"),)), {}, TEN) is None


def test_of_several_dependencies_the_one_that_was_called_too_rarely_is_named() -> None:
    workload = Workload(needs=(Need(name="cache", calls=1), Need(name="database", calls=2)))
    assert skipped_calls(workload, {"cache": 10, "database": 20}, TEN) is None
    assert "20 calls of the database, but it had 19" in told(
        skipped_calls(workload, {"cache": 10, "database": 19}, TEN)
    )
