import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.probes.ledger import CpuLedger, CpuReading

TICKS_S = 0.02


class World:
    """Processes with known CPU time, and what the kernel shows of them."""

    def __init__(self) -> None:
        self.parents = {1: 0}
        self.used = {1: 0.0}
        self.reaped = {1: 0.0}
        self.spent = 0.0
        self.last = 1

    def fork(self, parent: int) -> int:
        self.last += 1
        pid = self.last
        self.parents[pid], self.used[pid], self.reaped[pid] = parent, 0.0, 0.0
        return pid

    def run(self, pid: int, seconds: float) -> None:
        self.used[pid] += seconds
        self.spent += seconds

    def end(self, pid: int, waited_for: bool) -> None:
        parent = self.parents.pop(pid)
        used, reaped = self.used.pop(pid), self.reaped.pop(pid)
        if waited_for and parent in self.parents:
            self.reaped[parent] += used + reaped
        for child, its_parent in self.parents.items():
            if its_parent == pid:
                self.parents[child] = 0

    def pick(self, number: int) -> int:
        return list(self.parents)[number % len(self.parents)]

    def read(self) -> dict[int, CpuReading]:
        def ticks(seconds: float) -> float:
            return 2 * math.floor(seconds / 2 / 0.01 + 1e-6) * 0.01

        return {pid: CpuReading(self.parents[pid], self.used[pid], ticks(self.reaped[pid])) for pid in self.parents}


steps = st.lists(
    st.tuples(
        st.sampled_from(["fork", "run", "end", "end unwaited", "read"]),
        st.integers(0, 20),
        st.floats(0.0, 3.0),
    ),
    max_size=60,
)


def carry_out(world: World, action: str, who: int, seconds: float) -> bool:
    """True when something ended."""
    pid = world.pick(who)
    if action == "fork":
        world.fork(pid)
    elif action == "run":
        world.run(pid, seconds)
    elif action.startswith("end") and pid != 1:
        world.end(pid, waited_for=action == "end")
        return True
    return False


@given(steps)
def test_total_never_goes_backwards_and_never_exceeds_the_truth(plan: list[tuple[str, int, float]]) -> None:
    world, ledger, last, ended = World(), CpuLedger(), 0.0, 0
    for action, who, seconds in plan:
        ended += carry_out(world, action, who, seconds)
        if action == "read":
            total = ledger.update(world.read())
            assert total >= last - 1e-9
            assert total <= world.spent + TICKS_S * (ended + 1)
            last = total


@given(steps)
def test_total_is_the_truth_when_everybody_was_seen_before_its_end(plan: list[tuple[str, int, float]]) -> None:
    world, ledger, ended = World(), CpuLedger(), 0
    ledger.update(world.read())
    for action, who, seconds in plan:
        ended += carry_out(world, action, who, seconds)
        assert ledger.update(world.read()) == pytest.approx(world.spent, abs=TICKS_S * (ended + 1))


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0)), max_size=50))
def test_children_that_nobody_saw_count_when_they_are_waited_for(children: list[tuple[bool, float]]) -> None:
    world, ledger, total = World(), CpuLedger(), 0.0
    ledger.update(world.read())
    for seen, seconds in children:
        child = world.fork(1)
        world.run(child, seconds)
        if seen:
            ledger.update(world.read())
        world.run(child, seconds)
        world.end(child, waited_for=True)
        total = ledger.update(world.read())
    assert total == pytest.approx(world.spent, abs=2 * TICKS_S)


def test_a_reaped_worker_is_not_counted_twice() -> None:
    ledger = CpuLedger()
    ledger.update({1: CpuReading(0, 1.0, 0.0), 2: CpuReading(1, 5.0, 0.0)})
    assert ledger.update({1: CpuReading(0, 1.0, 5.0)}) == pytest.approx(6.0)


def test_a_worker_that_nobody_waits_for_keeps_what_it_had_used() -> None:
    ledger = CpuLedger()
    ledger.update({1: CpuReading(0, 1.0, 0.0), 2: CpuReading(1, 5.0, 0.0)})
    ledger.update({1: CpuReading(0, 1.0, 0.0)})
    assert ledger.update({1: CpuReading(0, 2.0, 0.0)}) == pytest.approx(7.0)


def test_a_tree_that_has_ended_keeps_its_time() -> None:
    ledger = CpuLedger()
    ledger.update({1: CpuReading(0, 1.0, 0.5), 2: CpuReading(1, 5.0, 0.0)})
    assert ledger.update({}) == pytest.approx(6.5)
