"""Ctrl-C, SIGTERM and a closed terminal: end the work early, but never in the middle of saving."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager

from ..errors import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any, ClassVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Longer than a destructor takes.
_AFTER_S = 0.01


class Interruption:
    """While entered, the first of these signals raises `Interrupted` in the main thread, or at the end of a shield.

    The ones after it are ignored: a second Ctrl-C must not cost the clean-up or the report. Entered once more inside,
    the outer one goes on. Outside the main thread it does nothing, since Python delivers signals there only.
    """

    _entered: ClassVar[Interruption | None] = None

    def __init__(self) -> None:
        self._shields = 0
        self._came: Interrupted | None = None
        self._lost = False
        self._over = False
        self._before: dict[signal.Signals, Any] = {}
        self._hook = sys.unraisablehook

    def __enter__(self) -> Interruption:
        if Interruption._entered is not None:
            return Interruption._entered
        if threading.current_thread() is threading.main_thread():
            Interruption._entered = self
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
            # What is ignored from the outside stays so: that is how nohup works.
            heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._handle) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        if Interruption._entered is self:
            Interruption._entered = None
            sys.unraisablehook = self._hook
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
        self._over = False
        self._check()

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Hold signals back until the block has ended, then raise.

        Raises:
            Interrupted: one came in the block, or before and was lost on its way.
        """
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            # Here, so that it is heard also where the block fails: that is then told as its context.
            self._check()

    def _check(self) -> None:
        if self._came is not None and not self._over and not self._shields:
            raise self._came

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._came is None:
            self._came = Interrupted(f"interrupted by {signal.Signals(number).name}")
        elif not self._lost:
            return
        self._lost = False
        self._check()

    def _unraisable(self, unraisable: sys.UnraisableHookArgs) -> None:
        """A signal that found the program in a destructor, out of which nothing is raised, is sent once more."""
        if self._came is None or unraisable.exc_value is not self._came:
            self._hook(unraisable)
            return
        self._lost = True
        # No `Thread`, whose locks may be held where a destructor runs.
        _thread.start_new_thread(self._send_again, ())

    def _send_again(self) -> None:
        time.sleep(_AFTER_S)
        if self._lost and Interruption._entered is self:
            os.kill(os.getpid(), next(iter(self._before)))
