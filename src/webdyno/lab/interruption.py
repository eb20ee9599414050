"""Ctrl-C and SIGTERM: end the work early, but never in the middle of saving."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While entered, SIGINT and SIGTERM raise `Interrupted` in the main thread, or wait for the end of a shield.

    Outside the main thread it does nothing, since Python delivers signals there only.
    """

    def __init__(self) -> None:
        self._shields = 0
        self._pending: Interrupted | None = None

    def __enter__(self) -> Interruption:
        self._active = threading.current_thread() is threading.main_thread()
        if self._active:
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        if self._active:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Hold signals back until the block has ended, then raise."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        if self._pending is not None and not self._shields:
            pending, self._pending = self._pending, None
            raise pending

    def _handle(self, number: int, _: FrameType | None) -> None:
        error = Interrupted(f"interrupted by {signal.Signals(number).name}")
        if self._shields:
            self._pending = error
        else:
            raise error
