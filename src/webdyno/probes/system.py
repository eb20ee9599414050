"""The whole machine: CPU, steal, pressure, throttling, memory. What is not available is None, never 0."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from ..model.trial import SystemUse
from .probe import Watcher


class SystemReading(NamedTuple):
    """Counters of the machine since some moment in the past.

    Attributes:
        at: seconds on the monotonic clock.
        busy_s, total_s: CPU seconds of all cores that were not idle, and all.
        steal_s, watched_s: CPU seconds of the watched CPUs that the hypervisor gave to others, and all of theirs.
        pressure_s: seconds in which some runnable task waited for a CPU (PSI).
        throttled_s: seconds that our control group was kept from running by its quota.
        memory_used_bytes, memory_available_bytes: now; what is available ends where a limit of our control group does.
        watched_busy_s: CPU seconds of the watched CPUs that were not idle, stolen ones not among them; None where it
            was not asked.
    """

    at: float
    busy_s: float
    total_s: float
    steal_s: float | None
    watched_s: float
    pressure_s: float | None
    throttled_s: float | None
    memory_used_bytes: int
    memory_available_bytes: int
    watched_busy_s: float | None = None


def read_system(watched: Collection[int] = ()) -> SystemReading:
    """Read the counters now.

    Args:
        watched: the CPUs whose steal and load matter; all where none is named. On a large machine those of a few CPUs
            would drown in the average of all.
    """
    each = psutil.cpu_times(percpu=True)
    total_s = sum(map(_total, each))
    counted = [times for number, times in enumerate(each) if not watched or number in watched]
    memory = psutil.virtual_memory()
    return SystemReading(
        at=time.monotonic(),
        busy_s=total_s - sum(map(_idle, each)),
        total_s=total_s,
        steal_s=sum(times.steal for times in counted) if hasattr(each[0], "steal") else None,
        watched_s=sum(map(_total, counted)),
        pressure_s=parse_pressure(_text(Path("/proc/pressure/cpu"))),
        throttled_s=_throttled_s(),
        memory_used_bytes=memory.used,
        memory_available_bytes=min([memory.available, *_room_of_groups()]),
        watched_busy_s=sum(_total(times) - _idle(times) - getattr(times, "steal", 0.0) for times in counted),
    )


def system_use(windows: Sequence[tuple[SystemReading, SystemReading]]) -> SystemUse:
    """What happened in windows, each from one reading to another, all together; memory is that of the last reading.

    Args:
        windows: at least one.
    """

    def grown(read: Callable[[SystemReading], float | None]) -> float | None:
        growths = [_growth(read(opened), read(closed)) for opened, closed in windows]
        known = [growth for growth in growths if growth is not None]
        return sum(known) if len(known) == len(growths) else None

    last = windows[-1][1]
    return SystemUse(
        cpu_percent=_percent(grown(lambda one: one.busy_s), grown(lambda one: one.total_s)) or 0.0,
        used_percent=_percent(grown(lambda one: one.watched_busy_s), grown(lambda one: one.watched_s)),
        steal_percent=_percent(grown(lambda one: one.steal_s), grown(lambda one: one.watched_s)),
        cpu_pressure_percent=_percent(grown(lambda one: one.pressure_s), grown(lambda one: one.at)),
        memory_used_bytes=last.memory_used_bytes,
        memory_available_bytes=last.memory_available_bytes,
        throttled_s=grown(lambda one: one.throttled_s),
    )


class WindowUse(NamedTuple):
    """What was used in one window.

    Attributes:
        cpu_s: CPU seconds of the server's processes; None where they cannot be seen.
        system: the whole machine.
    """

    cpu_s: float | None
    system: SystemUse


class SystemWatcher(Watcher):
    """Reads the machine's counters when a window opens and closes.

    Args:
        cpus: those whose steal matters; all where none is named.
    """

    def __init__(self, cpus: Collection[int] = ()) -> None:
        self._cpus = cpus
        self._opened: SystemReading | None = None
        self._windows: list[tuple[SystemReading, SystemReading]] = []

    def start(self) -> None:
        """Nothing: it reads at the windows' ends alone."""

    def stop(self) -> None:
        """Nothing: it reads at the windows' ends alone."""

    def opened(self, at: float) -> None:
        """A measured window opened."""
        self._opened = read_system(self._cpus)

    def closed(self, at: float) -> None:
        """It closed."""
        if self._opened:
            self._windows.append((self._opened, read_system(self._cpus)))

    def found(self) -> SystemUse | None:
        """What the machine did in the windows; None where there was none."""
        return system_use(self._windows) if self._windows else None

    def each(self) -> list[WindowUse]:
        """What the machine did in each."""
        return [WindowUse(None, system_use([window])) for window in self._windows]


def _total(times: tuple[float, ...]) -> float:
    # Linux counts guests' time in user and nice as well.
    return sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)


def _idle(times: Any) -> float:
    return float(times.idle + getattr(times, "iowait", 0.0))


def _growth(before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return None
    return max(after - before, 0.0)


def _percent(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    return min(max(100.0 * part / whole, 0.0), 100.0)


def parse_pressure(text: str | None) -> float | None:
    """Seconds of the `some` line of /proc/pressure/cpu; None where there is none."""
    for line in (text or "").splitlines():
        kind, *pairs = line.split()
        if kind == "some":
            total_us = dict(pair.split("=") for pair in pairs).get("total")
            return None if total_us is None else int(total_us) / 1e6
    return None


def parse_throttled(text: str | None) -> float | None:
    """Seconds of throttling in a control group's cpu.stat, version 2 or 1; None where it is not counted."""
    counts = dict(line.split(None, 1) for line in (text or "").splitlines())
    if "throttled_usec" in counts:
        return int(counts["throttled_usec"]) / 1e6
    if "throttled_time" in counts:
        return int(counts["throttled_time"]) / 1e9
    return None


def cpu_stat_files(membership: str, root: Path) -> Iterator[Path]:
    """The cpu.stat files that may throttle a process, as `control_groups`."""
    return (group / "cpu.stat" for group in control_groups("cpu", membership, root))


def control_groups(controller: str, membership: str, root: Path) -> Iterator[Path]:
    """The folders of the control groups that may limit a process, its own first, then those above.

    Args:
        controller: what they limit.
        membership: the text of /proc/PID/cgroup.
        root: where control groups are mounted, /sys/fs/cgroup.
    """
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        # In a container the path may be the host's, which is not there: the mount's root is our own group then.
        mount = root / controllers if controllers else root
        group = mount / path.lstrip("/")
        yield group
        for above in group.parents:
            if not above.is_relative_to(mount):
                break
            yield above


def memory_room(group: Path) -> int | None:
    """Bytes that a control group's limit leaves, version 2 or 1; None where it has none."""
    for limit, used in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        most, now = _text(group / limit), _text(group / used)
        if most and now and most.strip().isdecimal():
            return max(int(most) - int(now) + _droppable(_text(group / "memory.stat")), 0)
    return None


def _droppable(stat: str | None) -> int:
    """Bytes of files that nobody uses at the moment: the system drops them before it runs out."""
    counts = dict(line.split(None, 1) for line in (stat or "").splitlines())
    return int(counts.get("total_inactive_file") or counts.get("inactive_file") or 0)


def _room_of_groups() -> Iterator[int]:
    groups = control_groups("memory", _text(Path("/proc/self/cgroup")) or "", Path("/sys/fs/cgroup"))
    return (room for group in groups if (room := memory_room(group)) is not None)


def _throttled_s() -> float | None:
    files = cpu_stat_files(_text(Path("/proc/self/cgroup")) or "", Path("/sys/fs/cgroup"))
    known = [seconds for file in files if (seconds := parse_throttled(_text(file))) is not None]
    # A quota above ours throttles us as well; summing would count one stop twice.
    return max(known, default=None)


def _text(path: Path) -> str | None:
    try:
        return path.read_text() if os.access(path, os.R_OK) else None
    except OSError:
        return None
