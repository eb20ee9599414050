import json
import time
from email.utils import formatdate

import pytest

from webdyno.lab.fairness import repeated, skipped_calls, stale_date
from webdyno.model.histogram import Histogram
from webdyno.model.trial import EngineUse, LoadResult
from webdyno.model.workload import Workload
from webdyno.stacks.launch_request import Answer
from webdyno.stacks.workloads import find_workload

EMPTY = Histogram().encode()
TEN = LoadResult(
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


def test_a_date_of_the_present_is_no_reason_and_none_is_required() -> None:
    now = time.time()
    assert stale_date(answer(Date=formatdate(now, usegmt=True)), now) is None
    assert stale_date(answer(date=formatdate(now - 1, usegmt=True)), now) is None
    assert stale_date(answer(), now) is None


@pytest.mark.parametrize("off_s", [-60, -5, 3600])
def test_a_date_of_another_time_is_named_with_how_far_it_is_off(off_s: int) -> None:
    now = time.time()
    why = stale_date(answer(Date=formatdate(now + off_s, usegmt=True)), now)
    assert why is not None
    assert f"{off_s / abs(off_s):+.0f}"[0] in why
    assert "Date" in why


def test_a_date_that_is_none_is_named_without_its_control_characters() -> None:
    why = stale_date(answer(Date="yester\x1bday"), time.time())
    assert why is not None
    assert "\x1b" not in why


def test_an_answer_that_came_late_may_bear_any_moment_of_its_making() -> None:
    asked = time.time() - 30
    for made in (asked, asked + 15, asked + 30):
        assert stale_date(answer(Date=formatdate(made, usegmt=True)), asked) is None


def test_two_answers_with_the_same_value_come_from_a_cache() -> None:
    jobs = find_workload("jobs")
    a, b = (answer(json.dumps({"message": "request received", "id": name}).encode()) for name in "ab")
    assert repeated(jobs, [a, b]) is None
    assert "same id" in (repeated(jobs, [a, b, a]) or "")
    for other in (b"", b"[]", b"{}", b"[" * 100_000):
        assert "no id" in (repeated(jobs, [a, answer(other)]) or "")
    assert repeated(find_workload("hello"), [a, a]) is None


@pytest.mark.parametrize(("hits", "fair"), [(200, True), (230, True), (199, False), (0, False)])
def test_each_right_answer_needs_its_calls(hits: int, fair: bool) -> None:
    why = skipped_calls(find_workload("fanout?n=20"), hits, TEN)
    assert (why is None) == fair
    assert fair or f"had {hits}" in (why or "")


def test_a_workload_without_an_upstream_needs_no_calls() -> None:
    assert skipped_calls(Workload(), 0, TEN) is None
