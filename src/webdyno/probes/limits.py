"""What bounds the work on this machine: CPU quota, descriptors, ports, what sets the CPUs' speed. Only read."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ..model.machine import FrequencyFacts, SocketFacts
from .system import cpu_stat_files

_CPU = Path("/sys/devices/system/cpu")
_CGROUPS = Path("/sys/fs/cgroup")
_NET = Path("/proc/sys/net/ipv4")
# tcp_tw_reuse: 0 never, 1 for every address, 2 on the loopback interface only, which is where we measure.
_REUSING = ("1", "2")
Quota = float | Literal["none"] | None


def quota_cores() -> Quota:
    """How many CPUs the control group may use on average, the tightest of those above it included."""
    files = cpu_stat_files(_text(Path("/proc/self/cgroup")) or "", _CGROUPS)
    names = ("cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us")
    return tightest(parse_quota(*(_text(file.with_name(name)) for name in names)) for file in files)


def parse_quota(version_2: str | None, quota_us: str | None, period_us: str | None) -> Quota:
    """The quota of one control group.

    Args:
        version_2: the text of its cpu.max, such as `150000 100000` or `max 100000`.
        quota_us: that of cpu.cfs_quota_us of version 1, where -1 is no limit.
        period_us: that of cpu.cfs_period_us.
    """
    if version_2 is None and quota_us is not None:
        version_2 = f"{'max' if quota_us.strip() == '-1' else quota_us} {period_us or ''}"
    fields = (version_2 or "").split()
    with suppress(ValueError, IndexError, ZeroDivisionError):
        return "none" if fields[0] == "max" else int(fields[0]) / int(fields[1])
    return None


def tightest(quotas: Iterable[Quota]) -> Quota:
    """The least of several; None where none of them is known."""
    known = [quota for quota in quotas if quota is not None]
    limits = [quota for quota in known if quota != "none"]
    return min(limits, default="none" if known else None)


def socket_facts() -> SocketFacts:
    """Descriptors and ports."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reused = _text(_NET / "tcp_tw_reuse")
    return SocketFacts(
        descriptors=(soft, hard),
        ports=parse_ports(_text(_NET / "ip_local_port_range")),
        reused=None if reused is None else reused.strip() in _REUSING,
        time_wait=parse_time_wait(_text(Path("/proc/net/sockstat"))),
    )


def parse_ports(text: str | None) -> tuple[int, int] | None:
    """First and last port of ip_local_port_range."""
    with suppress(ValueError):
        first, last = map(int, (text or "").split())
        return first, last
    return None


def parse_time_wait(sockstat: str | None) -> int | None:
    """The `tw` of /proc/net/sockstat: `TCP: inuse 32 orphan 0 tw 12 alloc 32 mem 8`."""
    for line in (sockstat or "").splitlines():
        kind, *fields = line.split()
        if kind == "TCP:" and "tw" in fields[:-1]:
            with suppress(ValueError):
                return int(fields[fields.index("tw") + 1])
    return None


def frequency_facts(governor: str | None, heat_before: int | None) -> FrequencyFacts:
    """What sets the speed of the CPUs.

    Args:
        governor: as in `HostFacts`.
        heat_before: an earlier `heat_events`, which what has happened since is counted from.
    """
    lowest = _numbers("cpu[0-9]*/cpufreq/scaling_min_freq")
    highest = _numbers("cpu[0-9]*/cpufreq/scaling_max_freq")
    heat = heat_events()
    return FrequencyFacts(
        governor=governor,
        mhz=(min(lowest) / 1e3, max(highest) / 1e3) if lowest and highest else None,
        turbo=parse_turbo(_text(_CPU / "intel_pstate/no_turbo"), _text(_CPU / "cpufreq/boost")),
        heat_events=None if heat is None or heat_before is None else max(heat - heat_before, 0),
    )


def heat_events() -> int | None:
    """How often CPUs were slowed down for heat or power so far; None where it is not counted."""
    counts = _numbers("cpu[0-9]*/thermal_throttle/*_throttle_count")
    return sum(counts) if counts else None


def parse_turbo(no_turbo: str | None, boost: str | None) -> bool | None:
    """Whether a CPU may go above its nominal frequency, from intel_pstate's `no_turbo` or acpi-cpufreq's `boost`."""
    if no_turbo is not None and no_turbo.strip() in ("0", "1"):
        return no_turbo.strip() == "0"
    if boost is not None and boost.strip() in ("0", "1"):
        return boost.strip() == "1"
    return None


def _numbers(pattern: str) -> list[int]:
    texts = (_text(file) or "" for file in _CPU.glob(pattern))
    return [int(text) for text in texts if text.strip().isascii() and text.strip().isdecimal()]


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (OSError, ValueError):
        return None
