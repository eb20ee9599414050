"""The upstream: it runs for as long as it is needed, and what it cannot do is told."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from webdyno.dependencies.dependency_set import DependencySet, find_wanted, run_dependencies
from webdyno.errors import DependencyFailed
from webdyno.model.run import CpuPlan
from webdyno.model.workload import Need

ANYWHERE = CpuPlan(server=(0,), load=(0,), apart=False, pinned=False)
# Every CPU serves, and the load's is none that there is.
NOWHERE = CpuPlan(server=tuple(os.sched_getaffinity(0)), load=(4095,), apart=True, pinned=True)


def ignore(text: str) -> None:
    pass


@contextmanager
def upstream(cpus: CpuPlan = ANYWHERE, **settings: str | float) -> Iterator[DependencySet]:
    need = Need(name="upstream", settings={"delay": "constant:1"} | settings, calls=1)
    with run_dependencies(find_wanted([need]), cpus, ignore, ignore) as running:
        yield running


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_its_calls_are_counted_and_it_ends_with_its_context() -> None:
    before = children()
    with upstream() as running:
        assert running.calls() == {"upstream": 0}
        with urllib.request.urlopen(f"{running.env['WEBDYNO_UPSTREAM']}/value?x=3") as answer:
            assert answer.status == 200
        assert running.calls_since({"upstream": 0}) == {"upstream": 1}
        assert children() - before
    assert children() <= before


def test_what_ran_is_recorded() -> None:
    with upstream(errors=0.5) as running:
        (record,) = running.records
    assert record.name == "upstream" and record.version.startswith("Python 3")
    assert record.settings == {"delay": "constant:1", "errors": 0.5}
    assert record.env == {"WEBDYNO_UPSTREAM": record.address}
    assert record.argv[-2:] == ("--delay=constant:1", "--errors=0.5")
    assert (record.cpus, record.apart) == ((), False)


def test_it_takes_no_settings_that_it_does_not_know_and_says_so() -> None:
    before = children()
    told = "the dependency upstream exited with code 2"
    with pytest.raises(DependencyFailed, match=told) as failed, upstream(delay="sometimes"):
        pass
    assert "a delay is" in " ".join(failed.value.details)
    assert children() <= before


def test_cpus_to_which_it_cannot_be_bound_are_told_and_nothing_stays_behind() -> None:
    before = children()
    with pytest.raises(DependencyFailed, match="cannot be bound to its CPUs"), upstream(NOWHERE):
        pass
    assert children() <= before


@pytest.mark.parametrize("asked", [DependencySet.check, DependencySet.calls])
def test_an_upstream_that_was_killed_is_told_by_its_end(asked: object) -> None:
    with upstream() as running:
        before = running.calls()
        (program,) = [
            each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == list(running.records[0].argv)
        ]
        program.kill()
        with pytest.raises(DependencyFailed, match="exited by SIGKILL"):
            asked(running)  # type: ignore[operator]
        with pytest.raises(DependencyFailed, match="exited by SIGKILL"):
            running.calls_since(before)
