"""A machine looked at, and what a spinning loop sees of load whose truth is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.factories import HOST
from webdyno.probes.host import in_virtual_machine
from webdyno.probes.machine import look_at_machine, machine_key, used_by_others
from webdyno.probes.others import LEAST_CORES, busiest
from webdyno.probes.spin import clock_facts, may_pin, spin
from webdyno.probes.system import SystemReading

pytestmark = pytest.mark.paced

# Above what the kernel gives as a pid.
GONE = 2**22 + 1
needs_pinning = pytest.mark.skipif(not may_pin(), reason="processes cannot be bound to CPUs here")


@pytest.fixture
def burner() -> Iterator[None]:
    """A process that keeps the last of our CPUs busy."""
    cpu = max(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{cpu}}}); print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        yield
        process.kill()


@needs_pinning
@pytest.mark.usefixtures("burner")
def test_a_spinning_loop_sees_that_another_process_has_its_cpu() -> None:
    seen = spin(0.3, max(os.sched_getaffinity(0)))
    assert seen.stops > 0
    # They share it: a fifth at the least, however many others there are.
    assert seen.lost_s > 0.2 * seen.watched_s
    assert seen.longest_s <= seen.lost_s
    assert seen.waited_s is None or seen.waited_s > 0.5 * seen.lost_s


@needs_pinning
def test_the_loop_leaves_the_process_where_it_was() -> None:
    before = os.sched_getaffinity(0)
    seen = spin(0.01, min(before))
    assert os.sched_getaffinity(0) == before
    assert seen.cpu == min(before)
    assert seen.watched_s >= 0.01


@needs_pinning
@pytest.mark.usefixtures("burner")
def test_a_machine_is_looked_at_and_what_others_use_is_seen() -> None:
    facts = look_at_machine(0.3)
    assert {one.cpu for one in facts.spins} == {*facts.cpus.load, *facts.cpus.server}
    assert facts.watched_s >= 0.3 * len(facts.spins)
    assert facts.others_cores > 0.2
    assert all(one.cores >= LEAST_CORES for one in facts.others)
    assert os.getpid() not in {one.pid for one in facts.others}
    assert type(facts).model_validate_json(facts.model_dump_json()) == facts


def test_the_busiest_are_named_first_and_the_idle_not_at_all() -> None:
    found = busiest({1: 5.0, 2: 1.0, 3: 0.0}, {1: 5.001, 2: 2.0, 3: 0.1, GONE: 0.5}, 1.0)
    assert [(one.pid, round(one.cores, 3)) for one in found] == [(2, 1.0), (GONE, 0.5), (3, 0.1)]


def test_what_others_used_is_without_our_own_and_without_steal() -> None:
    opened = SystemReading(0.0, 10.0, 100.0, 1.0, 50.0, None, None, 0, 0)
    closed = opened._replace(at=2.0, busy_s=14.0, steal_s=1.5)
    assert used_by_others(opened, closed, own_s=2.0) == pytest.approx(0.75)
    assert used_by_others(opened, closed, own_s=9.0) == 0.0
    assert used_by_others(opened._replace(steal_s=None), closed._replace(steal_s=None), 2.0) == pytest.approx(1.0)


def test_the_clock_steps_and_costs_something() -> None:
    clock = clock_facts()
    assert 0 < clock.step_s < 0.1
    assert 0 < clock.read_s < 0.1


def test_a_machine_keeps_its_key_whatever_runs_on_it() -> None:
    key = machine_key(HOST)
    assert key == machine_key(HOST.model_copy(update={"webdyno": "9", "python": "x", "kernel": "y", "governor": "z"}))
    assert key != machine_key(HOST.model_copy(update={"cores": HOST.cores + 1}))


@pytest.mark.parametrize(
    ("name", "virtual"),
    [
        ("none", False),
        ("kvm", True),
        ("docker on kvm", True),
        ("virtual machine", True),
        ("docker", None),
        (None, None),
    ],
)
def test_whether_it_is_virtual_follows_from_the_name(name: str | None, virtual: bool | None) -> None:
    assert in_virtual_machine(name) is virtual
