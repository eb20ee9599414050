"""What the engine uses itself, to know when it, and not the server, is the limit."""

from __future__ import annotations

import errno
import time
from contextlib import suppress
from pathlib import Path

from ...model.trial import EngineUse


class OwnUse:
    """Reads the clocks of this process, and keeps how the loop spends its time.

    Attributes:
        gap_ns: the longest time that the loop did not turn, also while what counts was awaited after the window.
        waited_ns: the time in which the loop had nothing to do.
        render_ns: the time that it took to write requests.
    """

    def __init__(self, *, spinning: bool) -> None:
        self._spinning = spinning
        self._ports = self._descriptors = 0
        self.begin()

    def begin(self) -> None:
        """Time everything from this moment on."""
        self.gap_ns = self.waited_ns = self.render_ns = 0
        self._cpu_s, self._core_wait_ns, self._began = time.process_time(), _core_wait_ns(), time.monotonic_ns()

    def exhausted(self, number: int | None) -> None:
        """A connection could not be opened in the window; the error's number may say that this machine has run out."""
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
