"""All stacks of a block alive, and short windows that alternate between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import get_args

from ...model.load import Window
from ...model.metric import Metric
from ..stage import Stage
from ..windows import FILLING
from .design import Design, Plan

# A neighbour that comes and goes falls on all stacks alike if a stack has many windows, each shorter than its visits.
SHORTEST_S = 0.1
# With fewer responses of a connection in a window, its edges are most of what is seen (see docs/statistics.md).
LEAST_RESPONSES = 5
# Taken up again, a closed load is spread anew, and caches fill.
RESUME_S = 0.03
# Under open load what queues up must have come to its usual length before a window, which holds a fair number.
SHORTEST_RATE_S = 0.25
RESUME_RATE_S = 0.07
LEAST_ARRIVALS = 25
# A queue takes S / (1 - sqrt(utilisation))^2 to forget how it began (Morse, J. Oper. Res. Soc. Am. 3, 1955): nearer to
# what the slowest stack can take, that is too long for short windows.
MOST_UTILISATION = 0.6


class Alternating(Design):
    """Each stack has the machine for itself in many short windows; those that wait are idle."""

    name = "alternating"
    metrics: tuple[Metric, ...] = get_args(Metric)
    keeps_floor = True
    idles = True

    def groups(self, order: Sequence[str], fit: Callable[[Sequence[str]], bool]) -> list[Sequence[str]]:
        """All together, or as many at a time as find room."""
        groups: list[list[str]] = [[]]
        for notation in order:
            if groups[-1] and not fit([*groups[-1], notation]):
                groups.append([])
            groups[-1].append(notation)
        return [*groups]

    def planned(self, plan: Plan) -> Sequence[Stage]:
        """Saturation, then the fixed rate where response times are measured."""
        least_s = LEAST_RESPONSES * plan.slowest_s
        window, cycles = divided(plan.window, max(SHORTEST_S, least_s))
        stages = [Stage("saturation", plan.saturation, window, cycles=cycles, resume_s=RESUME_S)]
        if plan.rate:
            utilisation = plan.rate.rate * plan.slowest_s / plan.saturation.connections
            least_s = max(SHORTEST_RATE_S, least_s, LEAST_ARRIVALS / plan.rate.rate)
            window, cycles = plan.rate_window, 1
            if utilisation <= MOST_UTILISATION and plan.window.warmup_s:
                window, cycles = divided(window, least_s)
            resume_s = min(max(RESUME_RATE_S, FILLING * plan.slowest_s), window.warmup_s)
            if cycles > 1:
                # By now the process is warm, and only its queue has to come to its usual length.
                window = window.model_copy(update={"warmup_s": resume_s})
            stages.append(Stage("rate", plan.rate, window, cycles=cycles, resume_s=resume_s))
        return stages


def divided(window: Window, shortest_s: float) -> tuple[Window, int]:
    """One of the windows that a long one is divided into, none shorter than that, and how many they are.

    Without a warm-up it stays whole: each part would count how a load begins.
    """
    # Lengths in decimal fractions do not divide evenly.
    cycles = max(math.floor(window.duration_s / shortest_s + 1e-9), 1) if window.warmup_s else 1
    return window.model_copy(update={"duration_s": window.duration_s / cycles}), cycles
