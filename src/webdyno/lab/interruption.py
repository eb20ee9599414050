"""Ctrl-C, SIGTERM and a closed terminal: end the work early, but never in the middle of saving."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, ClassVar

from ..errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """While entered, the first of these signals raises `Interrupted` in the main thread, or at the end of a shield.

    The ones after it are ignored: a second Ctrl-C must not cost the clean-up or the report. Entered once more inside,
    the outer one goes on. Outside the main thread it does nothing, since Python delivers signals there only.
    """

    _entered: ClassVar[Interruption | None] = None

    def __init__(self) -> None:
        self._shields = 0
        self._pending: Interrupted | None = None
        self._ignored: Interrupted | None = None
        self._over = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if Interruption._entered is not None:
            return Interruption._entered
        if threading.current_thread() is threading.main_thread():
            Interruption._entered = self
            # What is ignored from the outside stays so: that is how nohup works.
            heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._handle) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        if Interruption._entered is self:
            Interruption._entered = None
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def ignore_further(self) -> None:
        """The work is over, what is left is quick: no signal stops it any more."""
        self._over = True

    def go_on(self) -> None:
        """More work follows after all: signals count again, also one that came meanwhile.

        Raises:
            Interrupted: one came.
        """
        self._over, ignored = self._ignored is not None, self._ignored
        if ignored is not None:
            raise ignored

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
        if self._over:
            self._ignored = error
            return
        self._over = True
        if self._shields:
            self._pending = error
        else:
            raise error
