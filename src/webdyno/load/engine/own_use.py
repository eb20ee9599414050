"""What the engine uses itself, to know when it, and not the server, is the limit."""

from __future__ import annotations

import errno
import time
from contextlib import suppress
from pathlib import Path

from ...model.trial import EngineUse

# Asking for events takes about 1 us, and so does all the rest of a turn that finds nothing to do.
_NOTHING_NS = 3_000


class OwnUse:
    """Reads the clocks of this process, and is told how the loop spends its time.

    Attributes:
        gap_ns: the longest time that the loop did not turn.
        waited_ns: the time in which the loop had nothing to do.
        render_ns: the time that it took to write requests.
    """

    def __init__(self, *, spinning: bool) -> None:
        self._spinning = spinning
        self.begin()

    def begin(self) -> None:
        """Count from this moment on."""
        self.gap_ns = self.waited_ns = self.render_ns = 0
        self._ports = self._descriptors = 0
        self._cpu_s, self._core_wait_ns, self._began = time.process_time(), _core_wait_ns(), time.monotonic_ns()

    def turned(self, start: int, before: int, after: int, wait_ns: int, *, events: bool) -> None:
        """One turn of the loop: it worked from `start` to `before`, then was willing to wait for `wait_ns`."""
        if before - start > self.gap_ns:
            self.gap_ns = before - start
        if after - before > self.gap_ns:
            self.gap_ns = max(self.gap_ns, after - before - max(wait_ns, 0))
        if events:
            if after - before > _NOTHING_NS:
                self.waited_ns += after - before
        elif wait_ns > 0:
            # A turn that only spun did nothing before it asked either.
            self.waited_ns += after - (start if before - start < _NOTHING_NS else before)

    def exhausted(self, number: int | None) -> None:
        """A connection could not be opened; the error's number may say that this machine has run out."""
        self._ports += number == errno.EADDRNOTAVAIL
        self._descriptors += number in (errno.EMFILE, errno.ENFILE)

    def use(self) -> EngineUse:
        """What was used since the beginning."""
        elapsed_ns, core_wait_ns = time.monotonic_ns() - self._began, _core_wait_ns()
        known = core_wait_ns is not None and self._core_wait_ns is not None
        return EngineUse(
            cpu_s=time.process_time() - self._cpu_s,
            loop_gap_max_s=self.gap_ns / 1e9,
            spinning=self._spinning,
            busy_s=max(elapsed_ns - self.waited_ns, 0) / 1e9,
            core_wait_s=((core_wait_ns or 0) - (self._core_wait_ns or 0)) / 1e9 if known else None,
            render_s=self.render_ns / 1e9,
            ports_exhausted=self._ports,
            descriptors_exhausted=self._descriptors,
        )


def _core_wait_ns() -> int | None:
    """How long this thread has been ready to run and had no core, from the second figure of schedstat."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/schedstat").read_text().split()[1])
    return None
