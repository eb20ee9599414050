"""Is it this process tree, and no other, that serves an address? CPU time of the wrong one would be a wrong figure."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ..errors import LaunchFailed, UsageError
from . import sockets

_LEAVE_OUT = "or leave ,pid= out: then nothing is said of CPU and memory"


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
        raise LaunchFailed(f"there is no process {pid}", _give_instead(host, port))
    family = sockets.family(pid)
    if os.getpid() in family:
        message = f"webdyno itself runs below the process {pid}: its CPU time would count as the server's"
        raise LaunchFailed(message, _give_instead(host, port))
    if _has_other_network(pid):
        message = (
            f"whether the process {pid} listens on {where} cannot be seen: it has a network of its own, "
            "as in a container"
        )
        raise LaunchFailed(message, f"run webdyno in the same network namespace, {_LEAVE_OUT}")
    if not sockets.is_here(host):
        message = f"whether the process {pid} serves {where} cannot be seen: that is no address of this machine"
        raise LaunchFailed(message, "leave out ,pid=: then nothing is said of CPU and memory")
    found = sockets.listeners(pid)
    if not any(sockets.reaches(own, host, port) for own in found.own):
        if not os.access(f"/proc/{pid}/fd", os.R_OK):
            message = f"whether the process {pid} listens on {where} cannot be seen: it is another user's"
            raise LaunchFailed(message, f"run webdyno as that user, {_LEAVE_OUT}")
        raise LaunchFailed(f"the process {pid} does not listen on {where}", _give_instead(host, port))
    other = sockets.holder(host, port, but=family)
    if other or any(sockets.reaches(foreign, host, port) for foreign in found.foreign):
        message = f"beside the process {pid}, {other or 'another one'} listens on {where}"
        raise LaunchFailed(message, f"give the pid of the process that has started both, {_LEAVE_OUT}")


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


def _give_instead(host: str, port: int) -> str:
    serving = sockets.holder(host, port)
    return f"give the pid of {serving or 'the server'}, {_LEAVE_OUT}"
