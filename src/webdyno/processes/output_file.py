"""The file that a process writes its output to, however much: its first and its last part are kept.

The process appends to a file and never waits for us. A thread looks at its size now and then, and cuts it down where it
is too large: a look takes some microseconds, where a pipe would have to be read without pause, on the core of the load.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Self

from ..errors import MeasurementError

MOST_BYTES = 64 * 1024 * 1024
KEPT_BYTES = 64 * 1024
_LOOK_S = 0.1
_SOONEST_S = 0.005


class OutputFile:
    """Takes the output of one process, as a context manager.

    Attributes:
        descriptor: to give to the process.
        path: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        """Make the file.

        Raises:
            MeasurementError: it cannot be made there.
        """
        try:
            handle, name = tempfile.mkstemp(prefix="log-", dir=folder)
            os.close(handle)
            # Appending, so that what comes after a cut follows what was kept.
            self.descriptor = os.open(name, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise MeasurementError(
                f"no temporary file for the output of a process could be made: {error.strerror}",
                "make room on the disk, or set TMPDIR to a folder with room",
            ) from error
        self.path = Path(name)
        self._lock = threading.Lock()
        self._cut = 0
        self._last = b""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="output", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the file; once more does no harm."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        with self._lock:
            os.close(self.descriptor)
            self.path.unlink(missing_ok=True)

    @property
    def written(self) -> int:
        """How many bytes the process has written, but for some that came while the file was being cut."""
        with self._lock:
            return 0 if self._closing.is_set() else self._cut + self._used()

    def ends(self) -> tuple[bytes, bytes]:
        """The first and the last 64 KiB; of a file that was never cut, only the last."""
        with self._lock:
            if self._closing.is_set():
                return b"", b""
            size = os.fstat(self.descriptor).st_size
            if not self._cut:
                return b"", os.pread(self.descriptor, KEPT_BYTES, max(size - KEPT_BYTES, 0))
            first = os.pread(self.descriptor, KEPT_BYTES, 0)
            since = os.pread(self.descriptor, KEPT_BYTES, max(size - KEPT_BYTES, KEPT_BYTES))
            return first, (self._last + (since.lstrip(b"\0") if self._used() < size else since))[-KEPT_BYTES:]

    def _watch(self) -> None:
        pause, before = _LOOK_S, 0
        while not self._closing.wait(pause):
            written = self.look()
            # Who writes fast is looked at before the file can be full again.
            pause = min(max(pause * MOST_BYTES / max(written - before, 1), _SOONEST_S), _LOOK_S)
            before = written

    def look(self) -> int:
        """Cut the file down where it is too large; how many bytes the process has written."""
        with self._lock:
            used = self._used()
            written = self._cut + used
            if used > MOST_BYTES:
                self._last = os.pread(self.descriptor, KEPT_BYTES, os.fstat(self.descriptor).st_size - KEPT_BYTES)
                os.ftruncate(self.descriptor, KEPT_BYTES)
                self._cut += used - KEPT_BYTES
            return written

    def _used(self) -> int:
        """The bytes in the file, without the hole before those of a process that has opened it anew, not to append."""
        found = os.fstat(self.descriptor)
        return min(found.st_size, found.st_blocks * 512)
