"""What the system tells of single processes: from /proc/PID/stat (see proc_pid_stat(5)) and its CPU clock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import NamedTuple

_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ProcessReading(NamedTuple):
    """One process at one moment.

    Attributes:
        parent, session: pids.
        born: start time on the system's own scale; tells a process from a later one with the same pid.
        alive: False for a zombie.
        used_s: CPU seconds of its own threads, living and ended.
        reaped_s: CPU seconds of the children that it has waited for, and of theirs.
        rss_bytes, vms_bytes, threads: as the system counts them.
        descriptors: open ones; None where they may not be counted.
    """

    parent: int
    session: int
    born: float
    alive: bool
    used_s: float
    reaped_s: float
    rss_bytes: int
    vms_bytes: int
    threads: int
    descriptors: int | None


def all_pids() -> set[int]:
    """All processes of the system."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208


def parent_and_session(pid: int) -> tuple[int, int] | None:
    """The pids of its parent and of its session's leader; None when it is gone."""
    fields = _stat_fields(pid)
    return None if fields is None else (int(fields[1]), int(fields[3]))


def read_process(pid: int) -> ProcessReading | None:
    """Everything about one process; None when it is gone."""
    fields = _stat_fields(pid)
    if fields is None:
        return None
    try:
        used_s = time.clock_gettime(_cpu_clock(pid))
    except OSError:
        return None
    return ProcessReading(
        parent=int(fields[1]),
        session=int(fields[3]),
        born=float(fields[19]),
        alive=fields[0] not in (b"Z", b"X"),
        used_s=used_s,
        reaped_s=(int(fields[13]) + int(fields[14])) * _TICK_S,
        rss_bytes=int(fields[21]) * _PAGE,
        vms_bytes=int(fields[20]),
        threads=int(fields[17]),
        descriptors=_descriptors(pid),
    )


def _stat_fields(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on (field 3 of the manual is index 0)."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        text = os.read(descriptor, 2048)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    # The name stands in parentheses and may itself hold any character.
    return text[text.rindex(b")") + 2 :].split()


def _cpu_clock(pid: int) -> int:
    """The clock of all CPU time of a process, in nanoseconds (MAKE_PROCESS_CPUCLOCK of Linux, CPUCLOCK_SCHED)."""
    return (~pid << 3) | 2


def _descriptors(pid: int) -> int | None:
    folder = f"/proc/{pid}/fd"
    try:
        # Since Linux 6.2 the size is the number of open descriptors; before, it is 0.
        return os.stat(folder).st_size or len(os.listdir(folder))  # noqa: PTH116, PTH208
    except OSError:
        return None


def total_or_none(counts: Iterable[int | None]) -> int | None:
    """The sum, or None where one of the counts is unknown."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total
