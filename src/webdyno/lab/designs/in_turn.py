"""One stack after the other: the cores are its own, under a closed load and then under an open one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from ...model.load import Window
from ...model.metric import Metric
from ..stage import Stage, Stages, in_order
from .design import Design, Plan


class InTurn(Design):
    """Each stack has the machine for itself, once a block."""

    name = "in-turn"
    metrics: tuple[Metric, ...] = get_args(Metric)
    keeps_floor = True

    def groups(self, order: Sequence[str]) -> list[Sequence[str]]:
        """Each alone."""
        return [[notation] for notation in order]

    def stages(self, plan: Plan) -> Stages:
        """Saturation, then the fixed rate where response times are measured."""
        return in_order(*_stages(plan))

    def windows(self, plan: Plan) -> Sequence[Window]:
        """One of each load."""
        return [stage.window for stage in _stages(plan)]


def _stages(plan: Plan) -> list[Stage]:
    closed = Stage("saturation", plan.saturation, plan.window)
    return [closed, Stage("rate", plan.rate, plan.rate_window)] if plan.rate else [closed]
