"""What several engine processes say while they measure, told as if one spoke."""

from __future__ import annotations

import math
from collections.abc import Callable

from .job import LoadEvent, Tick, WindowClosed, WindowOpened
from .merge import merge_ticks


class Together:
    """Passes on one tick for each second, and that the window opened and closed once each.

    A tick waits until every process has told of its second, but no longer than until one of them tells of the next:
    what a late process says after that goes into the next tick, so that no request is missing from their sum. The
    window opens with the first process and closes with the last.
    """

    def __init__(self, processes: int, duration_s: float, on_event: Callable[[LoadEvent], None]) -> None:
        """Begin before anything was said.

        Args:
            processes: how many speak.
            duration_s: length of the window.
            on_event: is told.
        """
        self._duration_s = duration_s
        self._on_event = on_event
        self._said = [-math.inf] * processes
        self._latest: dict[int, Tick] = {}
        self._untold: list[tuple[float, Tick]] = []
        self._told = -math.inf
        self._since_s: float | None = None
        self._opened = False
        self._open = processes

    def take(self, process: int, event: LoadEvent) -> None:
        """Hear what a process says, in the order in which it says it."""
        match event:
            case Tick():
                self._take_tick(process, event)
            case WindowOpened():
                if not self._opened:
                    self._on_event(event)
                self._opened = True
            case WindowClosed():
                self._open -= 1
                if not self._open:
                    self._on_event(event)

    def _take_tick(self, process: int, tick: Tick) -> None:
        # They come a little after the whole second, but for the last, which is at the very end of the window.
        second = math.floor(tick.at_s) if tick.at_s < self._duration_s else self._duration_s
        self._said[process] = second
        self._latest[process] = tick
        if second > self._told or second > 0:
            # What is too late for the warm-up is left out: no tick spans the two.
            self._untold.append((second, tick))
        while waiting := [second for second, _ in self._untold if second > self._told]:
            second = min(waiting)
            if min(self._said) < second and max(self._said) <= second:
                return
            self._tell(second)

    def _tell(self, second: float) -> None:
        """Tell of a second, and of what came too late for those before."""
        ticks = [tick for of, tick in self._untold if of <= second]
        self._untold = [(of, tick) for of, tick in self._untold if of > second]
        self._told = second
        merged = merge_ticks(ticks, self._latest.values(), self._since_s)
        self._since_s = merged.at_s
        self._on_event(merged)
