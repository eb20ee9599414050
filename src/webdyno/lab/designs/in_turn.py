"""One stack after the other: the cores are its own, under a closed load and then under an open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

from ...model.metric import Metric
from ..stage import Stage
from .design import Design, Plan


class InTurn(Design):
    """Each stack has the machine for itself, once a block."""

    name = "in-turn"
    metrics: tuple[Metric, ...] = get_args(Metric)
    keeps_floor = True

    def groups(self, order: Sequence[str], fit: Callable[[Sequence[str]], bool]) -> list[Sequence[str]]:
        """Each alone."""
        return [[notation] for notation in order]

    def planned(self, plan: Plan) -> Sequence[Stage]:
        """Saturation, then the fixed rate where response times are measured."""
        closed = Stage("saturation", plan.saturation, plan.window)
        return [closed, Stage("rate", plan.rate, plan.rate_window)] if plan.rate else [closed]
