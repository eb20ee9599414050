"""Stages: what a fresh start goes through, one trial after the other."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from ..model.load import Load, Window
from ..model.trial import Phase, Trial


class Stage(NamedTuple):
    """One trial of what was started.

    Attributes:
        phase: what it is for.
        load: which load.
        window: its warm-up, length and time-out.
        loaded: of the stacks that were started together, the places of those that are loaded; None for all.
    """

    phase: Phase
    load: Load
    window: Window
    loaded: tuple[int, ...] | None = None

    @property
    def seconds(self) -> float:
        """How long it takes, warm-up included."""
        return window_s(self.window)


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
