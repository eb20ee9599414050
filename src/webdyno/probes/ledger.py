"""CPU time of a process tree whose members come and go; pure.

A living process tells its CPU time to the nanosecond. A process that has ended is known in two ways, and each alone is
wrong: what it had used when it was last seen (misses the rest of its life, and processes that were never seen), and
what its parent's `cutime + cstime` grew by when it was reaped (in clock ticks, and never if nobody waits for it). The
ledger takes the greater of the two, without letting a child that is in both count twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

# `cutime` and `cstime` are each cut to a tick of 10 ms: a reaped child can be this much more than its parent shows.
_TICKS_S = 0.02


class CpuReading(NamedTuple):
    """One process as read.

    Attributes:
        parent: pid of its parent.
        used_s: CPU seconds of its own threads, living and ended.
        reaped_s: CPU seconds of the children that it has waited for, and of theirs.
    """

    parent: int
    used_s: float
    reaped_s: float


@dataclass(slots=True)
class _Account:
    """A living process; `ended_s` is the CPU time of its ended descendants, `unshown_s` the part never reaped."""

    reading: CpuReading
    ended_s: float
    unshown_s: float = 0.0

    @property
    def total_s(self) -> float:
        return self.reading.used_s + self.ended_s


class CpuLedger:
    """Adds up the CPU time of a tree over successive readings; never goes backwards.

    Each reading must be of one moment: a child's end may not fall between the reading of its parent and its own
    (`ProcessTree` reads parents first, and again where a child has gone meanwhile).
    """

    def __init__(self) -> None:
        self._accounts: dict[int, _Account] = {}
        self._orphans_s = 0.0

    def update(self, readings: Mapping[int, CpuReading]) -> float:
        """Take in all living members by pid, parents before their children.

        Returns:
            CPU seconds of the tree since its processes began: living, ended, and ended before anyone looked.
        """
        vanished_s = self._close(readings)
        for pid, reading in readings.items():
            account = self._accounts.get(pid)
            if account is None:
                self._accounts[pid] = _Account(reading, reading.reaped_s)
            else:
                _advance(account, reading, vanished_s.get(pid, 0.0))
        return self._orphans_s + sum(account.total_s for account in self._accounts.values())

    def _close(self, readings: Mapping[int, CpuReading]) -> dict[int, float]:
        """Close the accounts of those that are gone; the CPU time to be credited to each living parent."""
        credit_s: dict[int, float] = {}
        # Children stand after their parents: what a child leaves is in its parent's account before that is closed.
        for pid in [pid for pid in reversed(self._accounts) if pid not in readings]:
            account = self._accounts.pop(pid)
            parent = account.reading.parent
            if parent in readings and parent in self._accounts:
                credit_s[parent] = credit_s.get(parent, 0.0) + account.total_s
            elif parent in self._accounts:
                self._accounts[parent].ended_s += account.total_s
            else:
                self._orphans_s += account.total_s
        return credit_s


def _advance(account: _Account, reading: CpuReading, vanished_s: float) -> None:
    shown_s = reading.reaped_s - account.reading.reaped_s
    if vanished_s - shown_s > _TICKS_S:
        account.unshown_s += vanished_s - shown_s
    account.ended_s = max(account.ended_s + vanished_s, reading.reaped_s + account.unshown_s)
    account.reading = reading
