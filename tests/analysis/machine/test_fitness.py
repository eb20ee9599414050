"""What is said of machines whose faults are known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.machines import BUSY, QUIET, UNSEEN
from webdyno.analysis.machine.check import Check
from webdyno.analysis.machine.judge_machine import judge_machine
from webdyno.model.machine import MachineFacts, SpinFacts
from webdyno.model.run import CpuPlan

NAMES = ["cores", "pinning", "quota", "siblings", "governor", "turbo", "steal", "pressure", "throttling", "others"]
NAMES += ["stops", "descriptors", "ports", "clock"]


def judged(facts: MachineFacts) -> dict[str, Check]:
    return {check.name: check for check in judge_machine(facts)}


def changed(part: str | None = None, **fields: Any) -> MachineFacts:
    """A quiet machine with other facts, or with other facts in one part."""
    return QUIET.model_copy(
        update={part: getattr(QUIET, part).model_copy(update=fields)} if part is not None else fields
    )


def test_a_quiet_machine_has_nothing_to_be_mended() -> None:
    checks = judged(QUIET)
    assert list(checks) == NAMES
    assert {check.state for check in checks.values()} == {"ok"}
    assert all(check.seen and not check.matters and not check.remedy for check in checks.values())


def test_what_cannot_be_read_is_unknown_and_nothing_is_claimed_of_it() -> None:
    checks = judged(UNSEEN)
    unknown = {name for name, check in checks.items() if check.state == "unknown"}
    assert unknown == {"quota", "siblings", "governor", "turbo", "steal", "pressure", "throttling", "ports"}
    assert all("could not be read" in checks[name].seen for name in unknown)


def test_every_fault_says_why_it_matters_and_what_to_do() -> None:
    checks = judged(BUSY)
    assert {name for name, check in checks.items() if check.state == "ok"} == {"cores", "pinning"}
    for name in set(NAMES) - {"cores", "pinning"}:
        assert checks[name].state in ("warning", "bad")
        assert checks[name].matters
        assert checks[name].remedy


def test_one_cpu_is_too_few() -> None:
    one = changed(cpus=CpuPlan(server=(0,), load=(0,), apart=False, pinned=True))
    assert judged(one)["cores"].state == "bad"


def test_processes_that_may_not_be_bound_are_told() -> None:
    assert judged(changed(may_pin=False))["pinning"].state == "warning"


@pytest.mark.parametrize(
    ("quota", "state"), [("none", "ok"), (4.0, "ok"), (2.5, "warning"), (1.99, "bad"), (None, "unknown")]
)
def test_a_quota_is_held_against_what_is_needed(quota: object, state: str) -> None:
    assert judged(changed(quota_cores=quota))["quota"].state == state


def test_threads_of_one_core_are_told_also_in_a_virtual_machine_that_shows_them() -> None:
    assert judged(changed(virtual=True))["siblings"].state == "unknown"
    shared = changed(virtual=True, siblings={0: (0, 1), 1: (0, 1)})
    assert judged(shared)["siblings"].state == "warning"


@pytest.mark.parametrize(("percent", "state"), [(0.0, "ok"), (1.0, "ok"), (1.1, "warning"), (5.1, "bad")])
def test_steal_has_the_limits_of_a_trial(percent: float, state: str) -> None:
    assert judged(changed("system", steal_percent=percent))["steal"].state == state


def test_heat_is_told_beside_a_quota_that_stopped_nothing() -> None:
    hot = judged(changed("frequency", heat_events=2))["throttling"]
    assert hot.state == "warning"
    assert "by a quota: no; for heat or power: 2 times" in hot.seen
    assert "cooling" in hot.remedy


def test_load_by_others_is_bad_only_where_there_is_no_cpu_left_for_it() -> None:
    assert judged(changed(others_cores=1.5))["others"].state == "warning"
    assert judged(changed(others_cores=2.3))["others"].state == "bad"


def test_the_processes_are_named_and_where_none_is_visible_that_is_said() -> None:
    assert "make" in judged(BUSY)["others"].seen
    assert "\x1b" not in judged(BUSY)["others"].seen
    assert "none of them visible" in judged(changed(others_cores=0.5))["others"].seen


def stopped(lost_s: float, waited_s: float | None, longest_s: float = 0.001) -> Check:
    spin = SpinFacts(cpu=0, watched_s=1.0, stops=10, longest_s=longest_s, lost_s=lost_s, waited_s=waited_s)
    return judged(changed(spins=(spin,)))["stops"]


def test_stops_are_laid_to_other_processes_only_where_these_had_the_cpu() -> None:
    assert "other processes" in stopped(0.1, 0.09).matters
    assert "hypervisor" in stopped(0.1, 0.01).matters
    assert "hypervisor" in stopped(0.1, None).matters


@pytest.mark.parametrize(
    ("lost_s", "longest_s", "state"),
    [(0.02, 0.001, "ok"), (0.03, 0.001, "warning"), (0.06, 0.001, "bad"), (0.0, 0.06, "warning")],
)
def test_a_spinning_loop_is_judged_by_its_share_and_by_its_longest_stop(
    lost_s: float, longest_s: float, state: str
) -> None:
    assert stopped(lost_s, 0.0, longest_s).state == state


@pytest.mark.parametrize(
    ("limits", "state"), [((1024, 1024), "ok"), ((-1, -1), "ok"), ((256, 4096), "warning"), ((64, 128), "bad")]
)
def test_descriptors(limits: tuple[int, int], state: str) -> None:
    assert judged(changed("sockets", descriptors=limits))["descriptors"].state == state


@pytest.mark.parametrize(
    ("ports", "reused", "time_wait", "state"),
    [
        ((32768, 60999), True, 50_000, "ok"),
        ((32768, 60999), False, 50_000, "warning"),
        ((32768, 60999), False, 100, "ok"),
        ((32768, 60999), None, None, "ok"),
        ((60000, 60999), True, 0, "warning"),
    ],
)
def test_ports(ports: tuple[int, int], reused: bool | None, time_wait: int | None, state: str) -> None:
    assert judged(changed("sockets", ports=ports, reused=reused, time_wait=time_wait))["ports"].state == state


@pytest.mark.parametrize(
    ("source", "step_s", "read_s", "state"),
    [
        ("kvm-clock", 1e-8, 1e-7, "ok"),
        (None, 1e-8, 1e-7, "ok"),
        ("hpet", 1e-8, 1e-7, "warning"),
        ("tsc", 4e-3, 1e-7, "warning"),
    ],
)
def test_the_clock(source: str | None, step_s: float, read_s: float, state: str) -> None:
    assert judged(changed("clock", source=source, step_s=step_s, read_s=read_s))["clock"].state == state
