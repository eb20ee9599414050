"""What a limit comes to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...model.fact import Fact, fact
from ...model.run import Run
from ...model.verdict import Estimate

if TYPE_CHECKING:
    from .judge_gate import Change


def limit_statement(change: Change, deciding: Run) -> Fact | None:
    """What the limit of a metric comes to; None where it has none.

    Args:
        change: the metric, but for this statement.
        deciding: the run whose interval decides.
    """
    if change.limit is None:
        return None
    metric, limit = fact(f"metric.{change.metric}"), change.limit.change
    if change.ratio is None:
        return fact("gate.not-compared", metric=metric, limit=limit)
    found, again = _found(change.ratio), _found(change.again) if change.again else None
    match change.state:
        case "regression" if again:
            return fact("gate.regression", metric=metric, found=found, again=again, limit=limit)
        case "not confirmed" if again:
            return fact("gate.not-confirmed", metric=metric, found=found, again=again, limit=limit)
        case "inconclusive":
            needs = _needs(change, deciding)
            if again and change.limit.place(change.ratio) == "beyond":
                return fact(
                    "gate.inconclusive.again", metric=metric, found=found, again=again, limit=limit, needs=needs
                )
            return fact("gate.inconclusive", metric=metric, found=found, limit=limit, needs=needs)
        case "not measured":
            unsure = change.ratio.interval is None
            return fact("gate.no-interval" if unsure else "gate.not-again", metric=metric, found=found, limit=limit)
    return fact("gate.passed", metric=metric, found=found, limit=limit)


def _found(ratio: Estimate) -> Fact:
    change, ends = ratio.value - 1, ratio.interval
    if ends is None:
        return fact("change.no-interval", change=change, blocks=ratio.blocks)
    return fact("change", change=change, level=ends.level, low=ends.low - 1, high=ends.high - 1, blocks=ratio.blocks)


def _needs(change: Change, deciding: Run) -> Fact:
    if not change.resolved:
        return fact("gate.needs.longer")
    if change.blocks_needed is None:
        return fact("gate.needs.other-limit")
    option = _option(change.blocks_needed, change.seconds_needed, deciding)
    if change.seconds_needed is None:
        return fact("gate.needs.blocks", blocks=change.blocks_needed, option=option)
    return fact("gate.needs.blocks-in", blocks=change.blocks_needed, seconds=change.seconds_needed, option=option)


def _option(more_blocks: int, more_s: float | None, deciding: Run) -> Fact:
    """What to give when measuring once more: the number of blocks where it was given, else the time."""
    if deciding.experiment.looks is None or more_s is None:
        return fact("option.blocks", blocks=(deciding.experiment.blocks or 0) + more_blocks)
    # Up to the next half minute: it is an estimate.
    return fact("option.max-time", seconds=math.ceil((deciding.measured_s + more_s) / 30) * 30)
