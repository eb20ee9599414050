import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.probes.cpu_plan import parse_cpu_list, plan_cpus, share_cpus


def cores(*groups: set[int]) -> dict[int, frozenset[int]]:
    return {cpu: frozenset(group) for group in groups for cpu in group}


def test_one_core_is_shared() -> None:
    plan = share_cpus([3], {}, workers=4)
    assert (plan.server, plan.load, plan.apart) == ((3,), (3,), False)


def test_two_cores_are_kept_apart() -> None:
    plan = share_cpus([0, 1], {}, workers=4)
    assert (plan.server, plan.load, plan.apart) == ((1,), (0,), True)


def test_servers_get_a_core_for_each_worker_and_no_more() -> None:
    assert share_cpus(range(8), {}, workers=3).server == (1, 2, 3)
    assert share_cpus(range(8), {}, workers=0).server == (1,)


def test_the_thread_beside_the_load_is_left_free_where_others_are_enough() -> None:
    siblings = cores({0, 4}, {1, 5}, {2, 6}, {3, 7})
    assert share_cpus(range(8), siblings, workers=6).server == (1, 2, 3, 5, 6, 7)
    assert 4 in share_cpus(range(8), siblings, workers=7).server


def test_each_core_gives_one_thread_before_any_gives_two() -> None:
    siblings = cores({0, 1}, {2, 3}, {4, 5})
    assert share_cpus(range(6), siblings, workers=2).server == (2, 4)


@given(st.sets(st.integers(0, 63), min_size=1), st.integers(1, 80))
def test_every_plan_uses_allowed_cpus_only(allowed: set[int], workers: int) -> None:
    plan = share_cpus(sorted(allowed), {}, workers)
    assert {*plan.server, *plan.load} <= allowed
    assert len(plan.server) == max(1, min(workers, len(allowed) - 1))
    assert plan.apart == (not set(plan.server) & set(plan.load)) == (len(allowed) > 1)


def test_this_machine_has_a_plan() -> None:
    plan = plan_cpus(1)
    assert {*plan.server, *plan.load} <= os.sched_getaffinity(0)


def test_cpu_lists_are_read() -> None:
    assert parse_cpu_list("0-2,8\n") == {0, 1, 2, 8}
    with pytest.raises(ValueError, match="invalid literal"):
        parse_cpu_list("")
