"""Levels of a run at which somebody looked: all looks together err as rarely as one interval by itself.

Each planned look before the end spends a tenth of what may go wrong, and the end spends the rest (Bonferroni's
bound, which holds however the looks depend on each other; see `docs/statistics.md`).
"""

from __future__ import annotations

from ...model.run import Experiment
from ..statistics.estimates import LEVEL

# Both sides of an interval together.
LOOK_ALPHA = 0.005
LOOK_LEVEL = 1 - LOOK_ALPHA


def level_of(experiment: Experiment) -> float:
    """The level of the intervals of a run that has ended."""
    looks = experiment.looks or ()
    return LOOK_LEVEL if experiment.blocks in looks else end_level(len(looks))


def end_level(looks: int) -> float:
    """The level at the end, after so many looks."""
    return LEVEL + LOOK_ALPHA * looks
