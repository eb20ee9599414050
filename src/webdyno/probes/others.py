"""CPU time that other processes use meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping

import psutil

from ..model.machine import OtherProcess
from .processes import all_pids, read_process

# Of an idle machine's many small services nobody would stop one.
LEAST_CORES = 0.02
MOST_NAMED = 3


def read_others() -> dict[int, float]:
    """CPU seconds so far of every process that is visible, by pid, but for this one."""
    readings = ((pid, read_process(pid)) for pid in all_pids() if pid != os.getpid())
    return {pid: reading.used_s for pid, reading in readings if reading}


def busiest(before: Mapping[int, float], after: Mapping[int, float], elapsed_s: float) -> tuple[OtherProcess, ...]:
    """Those that used most CPU time between two readings, the first most; no more than three.

    A process that began meanwhile counts with all it has used.
    """
    used = {pid: (seconds - before.get(pid, 0.0)) / elapsed_s for pid, seconds in after.items()}
    most = sorted(used, key=lambda pid: used[pid], reverse=True)[:MOST_NAMED]
    return tuple(OtherProcess(pid=pid, name=_name(pid), cores=used[pid]) for pid in most if used[pid] >= LEAST_CORES)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "?"
