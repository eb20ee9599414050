"""Is it this process tree, and no other, that serves an address? CPU time of the wrong one would be a wrong figure."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ..errors import LaunchFailed, UsageError
from ..model.fact import Fact, fact
from ..texts.failure import failure
from . import sockets


def refuse_other_process(pid: int, host: str, port: int) -> None:
    """Make sure that whoever connects to an address ends at this process, its descendants, and nobody else.

    Args:
        pid: the root of the process tree.
        host: of the address, an IP literal.
        port: of the address.

    Raises:
        LaunchFailed: that is not so, or cannot be seen.
    """
    where = sockets.join_address(host, port)
    if not psutil.pid_exists(pid):
        raise failure(LaunchFailed, fact("no-process", pid=str(pid)), _right_pid(host, port))
    family = sockets.family(pid)
    if os.getpid() in family:
        raise failure(LaunchFailed, fact("process-ours", pid=str(pid)), _right_pid(host, port))
    if _has_other_network(pid):
        raise failure(LaunchFailed, fact("process-apart", pid=str(pid), address=where), fact("same-network"))
    if not sockets.is_here(host):
        raise failure(LaunchFailed, fact("not-here", pid=str(pid), address=where), fact("no-pid"))
    found = sockets.listeners(pid)
    if not any(sockets.reaches(own, host, port) for own in found.own):
        if not os.access(f"/proc/{pid}/fd", os.R_OK):
            raise failure(LaunchFailed, fact("process-unseen", pid=str(pid), address=where), fact("as-user"))
        raise failure(LaunchFailed, fact("process-elsewhere", pid=str(pid), address=where), _right_pid(host, port))
    other = sockets.holder(host, port, but=family)
    if other or any(sockets.reaches(foreign, host, port) for foreign in found.foreign):
        what = fact("process-shares", pid=str(pid), address=where)
        if other:
            what = fact("process-shares.with", pid=str(pid), other=other, address=where)
        raise failure(LaunchFailed, what, fact("common-pid"))


def _has_other_network(pid: int) -> bool:
    """Whether it is in another network namespace; False where that cannot be seen."""
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    except OSError:
        return False


def cpu_used_s(pid: int, within_s: float) -> float:
    """CPU seconds that a process tree uses from now on within so many seconds; to ticks of the system's clock."""
    before = _cpu_s(pid)
    time.sleep(within_s)
    return _cpu_s(pid) - before


def _cpu_s(pid: int) -> float:
    used_s = 0.0
    for member in sockets.family(pid):
        with suppress(psutil.Error):
            times = psutil.Process(member).cpu_times()
            used_s += times.user + times.system
    return used_s


def refuse_shared(pids: Sequence[int | None]) -> None:
    """Refuse process trees of which one holds another: what one server uses would count as the other's.

    Raises:
        UsageError: two share processes.
    """
    roots = [pid for pid in pids if pid is not None]
    for at, pid in enumerate(roots):
        for other in roots[:at]:
            if sockets.family(pid) & sockets.family(other):
                same = f"both have pid={pid}" if pid == other else f"pid={pid} and pid={other} share processes"
                remedy = "give each the process that has only this server below it, or leave ,pid= out"
                raise UsageError(f"the servers cannot be told apart: {same}", remedy)


def _right_pid(host: str, port: int) -> Fact:
    serving = sockets.holder(host, port)
    return fact("right-pid.of", process=serving) if serving else fact("right-pid")
