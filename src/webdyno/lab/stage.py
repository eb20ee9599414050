"""Stages: what a fresh start goes through, one trial after the other."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from ..model.load import Load, Window
from ..model.trial import Phase, Trial

_MEAN_STRETCH = 1.5


class Stage(NamedTuple):
    """One trial of what was started.

    Attributes:
        phase: what it is for.
        load: which load.
        window: its warm-up, length and time-out; of several windows, those of the first.
        loaded: of the stacks that were started together, the places of those that are loaded; None for all.
        cycles: how many windows each of them has alone, in an order that is drawn anew for each cycle; None where all
            have one window at the same time.
        resume_s: the warm-up of each window but the first, at least; at most twice that.
        idle_s: for so long it is watched afterwards without a load.
    """

    phase: Phase
    load: Load
    window: Window
    loaded: tuple[int, ...] | None = None
    cycles: int | None = None
    resume_s: float = 0.0
    idle_s: float = 0.0

    def seconds(self, stacks: int) -> float:
        """How long it takes, warm-ups included.

        Args:
            stacks: how many were started together.
        """
        if self.cycles is None:
            return window_s(self.window) + self.idle_s
        each_s = window_s(self.window) + (self.cycles - 1) * (_MEAN_STRETCH * self.resume_s + self.window.duration_s)
        return each_s * (stacks if self.loaded is None else len(self.loaded))

    def resumed(self, stretch: float) -> Window:
        """A window but the first, its warm-up so many times as long as it is at least."""
        return self.window.model_copy(update={"warmup_s": stretch * self.resume_s})


# Asked for the next stage with the trials of the last one, so that what was seen may decide what comes next.
Stages = Generator[Stage, Sequence[Trial], None]


def in_order(*stages: Stage) -> Stages:
    """These stages, whatever their trials show."""
    # A generator of its own: that of a tuple takes no trials.
    for stage in stages:  # noqa: UP028
        yield stage


def window_s(window: Window) -> float:
    """How long a window takes, warm-up included."""
    return window.warmup_s + window.duration_s
