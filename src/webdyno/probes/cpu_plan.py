"""Which CPUs serve and which load."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..model.run import CpuPlan

Siblings = Mapping[int, frozenset[int]]


def plan_cpus(workers: int) -> CpuPlan:
    """Share out the CPUs that this process may use: one for the load, one for each worker as far as they go."""
    if not hasattr(os, "sched_getaffinity"):
        every = tuple(range(os.cpu_count() or 1))
        return CpuPlan(server=every, load=every, apart=False, pinned=False)
    allowed = sorted(os.sched_getaffinity(0))
    return share_cpus(allowed, read_siblings(allowed), workers)


def share_cpus(allowed: Sequence[int], siblings: Siblings, workers: int) -> CpuPlan:
    """Give the load the first CPU and the servers as many others as they have workers.

    Hardware threads of one core slow each other down: those beside the load come last, and each core gives one thread
    before any gives a second.

    Args:
        allowed: CPU numbers in ascending order, at least one.
        siblings: for each CPU the hardware threads of its core, itself included; may be incomplete.
        workers: how many workers the servers run.
    """
    load, *rest = allowed
    if not rest:
        return CpuPlan(server=(load,), load=(load,), apart=False, pinned=True)

    def preference(cpu: int) -> tuple[bool, int, int]:
        core = siblings.get(cpu, frozenset({cpu}))
        return load in core, sum(other < cpu for other in core), cpu

    server = sorted(rest, key=preference)[: max(1, workers)]
    return CpuPlan(server=tuple(sorted(server)), load=(load,), apart=True, pinned=True)


def read_siblings(cpus: Sequence[int]) -> dict[int, frozenset[int]]:
    """The hardware threads of each CPU's core, as far as the system shows them."""
    siblings = {}
    for cpu in cpus:
        file = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            siblings[cpu] = parse_cpu_list(file.read_text())
        except (OSError, ValueError):
            continue
    return siblings


def parse_cpu_list(text: str) -> frozenset[int]:
    """Read the kernel's list form: `0-2,8` is 0, 1, 2 and 8.

    Raises:
        ValueError: the text is no such list.
    """
    cpus: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        cpus.update(range(int(first), int(last or first) + 1))
    return frozenset(cpus)
