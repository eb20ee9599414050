"""CPU time, memory, threads and descriptors of a whole process tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .ledger import CpuLedger, CpuReading
from .processes import ProcessReading, all_pids, parent_and_session, read_process, total_or_none

# A child that ends while the tree is being read makes the reading start again; a tree that forks without
# pause is taken as it is.
_ATTEMPTS = 5


class TreeSample(NamedTuple):
    """A process tree at one moment.

    Attributes:
        cpu_s: CPU seconds since its processes began, of living and ended ones.
        rss_bytes, vms_bytes: summed over the processes; pages shared between them count in each.
        processes, threads: their number.
        descriptors: open ones; None where they may not be counted.
        used_s: CPU seconds of each living descendant, by its pid and start time.
    """

    cpu_s: float
    rss_bytes: int
    vms_bytes: int
    processes: int
    threads: int
    descriptors: int | None
    used_s: Mapping[tuple[int, float], float]


class ProcessTree:
    """A process, its descendants, and whoever else lives in its session.

    Membership is found out once per process: only pids that were not there before are looked up, which is what keeps
    a sample cheap on a machine with many processes. Members stay members when their parent ends.
    """

    def __init__(self, pid: int) -> None:
        self._root = pid
        self._strangers: set[int] = set()
        self._members: dict[int, ProcessReading] = {}
        self._ledger = CpuLedger()

    def sample(self) -> TreeSample:
        """Read the tree now; a tree that has ended has no processes and keeps its CPU time."""
        for _ in range(_ATTEMPTS):
            readings = self._read()
            if readings is not None:
                self._members = readings
                break
        living = [member for member in self._members.values() if member.alive]
        cpu_s = self._ledger.update(
            {pid: CpuReading(member.parent, member.used_s, member.reaped_s) for pid, member in self._members.items()}
        )
        return TreeSample(
            cpu_s=cpu_s,
            rss_bytes=sum(member.rss_bytes for member in living),
            vms_bytes=sum(member.vms_bytes for member in living),
            processes=len(living),
            threads=sum(member.threads for member in living),
            descriptors=total_or_none(member.descriptors for member in living),
            used_s={
                (pid, member.born): member.used_s
                for pid, member in self._members.items()
                if member.alive and pid != self._root
            },
        )

    def _read(self) -> dict[int, ProcessReading] | None:
        """Read all members, parents before children; None when one of them ended meanwhile."""
        readings = {}
        for pid in self._find_members():
            reading = read_process(pid)
            if reading is None:
                return None
            known = self._members.get(pid)
            # A pid that was given anew is looked up as a newcomer next time.
            if known is None or known.born == reading.born:
                readings[pid] = reading
        return readings

    def _find_members(self) -> list[int]:
        present = all_pids()
        self._strangers &= present
        members = [pid for pid in self._members if pid in present]
        known = set(members)
        parents = {}
        for pid in present - known - self._strangers:
            if (both := parent_and_session(pid)) is not None:
                parents[pid] = both
        # Pids wrap around, so a parent need not have the lower one: look again until nobody new joins.
        joined = True
        while joined:
            joined = False
            for pid, (parent, session) in sorted(parents.items()):
                if pid == self._root or session == self._root or parent in known:
                    members.append(pid)
                    known.add(pid)
                    del parents[pid]
                    joined = True
        self._strangers |= parents.keys()
        return members
