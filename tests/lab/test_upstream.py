"""The upstream: it runs for as long as it is needed, and what it cannot do is told."""

from __future__ import annotations

import os
import urllib.request

import psutil
import pytest

from webdyno.errors import LaunchFailed
from webdyno.lab.upstream import run_upstream
from webdyno.model.run import CpuPlan
from webdyno.model.workload import Upstream

PLAN = Upstream(delay="constant:1", calls=1)
ANYWHERE = CpuPlan(server=(0,), load=(0,), apart=False, pinned=False)
# Every CPU serves, and the load's is none that there is.
NOWHERE = CpuPlan(server=tuple(os.sched_getaffinity(0)), load=(4095,), apart=True, pinned=True)


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_its_calls_are_counted_and_it_ends_with_its_context() -> None:
    before = children()
    with run_upstream(PLAN, ANYWHERE) as upstream:
        assert upstream
        assert upstream.hits() == 0
        with urllib.request.urlopen(f"{upstream.url}/value?x=3") as answer:
            assert answer.status == 200
        assert upstream.hits() == 1
        assert children() - before
    assert children() <= before


def test_cpus_to_which_it_cannot_be_bound_are_told_and_nothing_stays_behind() -> None:
    before = children()
    with pytest.raises(LaunchFailed, match="cannot be bound to its CPUs"), run_upstream(PLAN, NOWHERE):
        pass
    assert children() <= before


def test_a_workload_that_needs_none_gets_none() -> None:
    with run_upstream(None, ANYWHERE) as upstream:
        assert upstream is None
