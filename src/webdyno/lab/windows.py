"""How long the windows of a run are, decided from what its pilot saw."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..model.fact import Fact, fact
from ..model.load import ClosedLoad, Window
from ..model.trial import Trial

# With fewer answers of each connection in a window, small differences do not show (see `short-window`) ...
LEAST_ANSWERS = 2.25
# ... so that windows are made long enough for these.
ANSWERS = 3
# Under open load the warm-up must last until as many requests end as begin: a mean time, and half for its scatter.
FILLING = 1.5


def slowest_s(pilots: Sequence[Trial]) -> float:
    """Mean seconds from one request of a connection to the next in the pilot of the slowest stack; 0 if unknown."""
    closed = ((trial.result, trial.load) for trial in pilots if isinstance(trial.load, ClosedLoad))
    return max((result.cycle_s(load.connections) or 0.0 for result, load in closed if result), default=0.0)


def long_enough(asked: Window, mean_s: float, room_s: float) -> Window:
    """The window of closed load, lengthened where answers take long against it.

    Args:
        asked: as the user asked for it.
        mean_s: how long answers take.
        room_s: by how much the time limit allows it to be longer.
    """
    if asked.duration_s >= LEAST_ANSWERS * mean_s or room_s <= 0:
        return asked
    needed_s = math.ceil(10 * ANSWERS * mean_s) / 10
    return asked.model_copy(update={"duration_s": min(needed_s, asked.duration_s + math.floor(10 * room_s) / 10)})


def filled(window: Window, mean_s: float) -> Window:
    """The window of open load, with a warm-up after which as many requests end as begin."""
    return window.model_copy(update={"warmup_s": max(window.warmup_s, FILLING * mean_s)})


def lengthened(asked: Window, window: Window, mean_s: float) -> Fact | None:
    """What to say where the window is not the one that was asked for."""
    if window.duration_s == asked.duration_s:
        return None
    return fact("longer-windows", mean_s=mean_s, window_s=window.duration_s, asked_s=asked.duration_s)
