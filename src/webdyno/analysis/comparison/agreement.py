"""The verdicts of a quick run as its order has them, so that no line doubts what another one says."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.metric import METRICS
from ...model.order import Order, Step
from ...model.verdict import Verdict
from ..statistics.estimates import ALPHA


def agreed(verdicts: Sequence[Verdict], order: Order) -> tuple[Verdict, ...]:
    """Verdicts that say of neighbours what the order says, and of others at least what follows from it.

    Both are corrected, each for its own comparisons, so that either may know what the other one does not. The order is
    what the run was asked for.

    Args:
        verdicts: of a quick run.
        order: its order.
    """
    return tuple(
        _agreed(one, order) if one.metric == order.metric and {one.stack, one.against} <= {*order.stacks} else one
        for one in verdicts
    )


def _agreed(found: Verdict, order: Order) -> Verdict:
    place, against = order.stacks.index(found.stack), order.stacks.index(found.against)
    between = order.steps[min(place, against) : max(place, against)]
    if all(step.relation == "ahead" for step in between):
        higher = (place < against) == METRICS[order.metric].more_is_better
        # Blocks that only some of the stacks have can rank two of them otherwise than those that both have.
        return _ahead(found, between) if higher == (found.ratio.value > 1) else found
    if len(between) > 1:
        return found
    return _same(found, between[0]) if between[0].relation == "tie" else _open(found, between[0])


def _ahead(found: Verdict, between: Sequence[Step]) -> Verdict:
    if found.direction is not None or found.outcome == "tie":
        return found
    known = {
        "direction": "higher" if found.ratio.value > 1 else "lower",
        "p_direction": max(step.p or 0.0 for step in between),
        "blocks_for_direction": None,
        "seconds_for_direction": None,
    }
    return found.model_copy(update=known)


def _same(found: Verdict, step: Step) -> Verdict:
    nothing = ("blocks_needed", "seconds_needed", "blocks_for_direction", "seconds_for_direction")
    if found.outcome != "undecided":
        return found
    return found.model_copy(update=dict.fromkeys(nothing) | {"outcome": "tie", "p_tie": step.p})


def _open(found: Verdict, step: Step) -> Verdict:
    """Not told apart, if only just: the order is stricter where the others are alike and far from the baseline."""
    if step.p is None or step.p <= ALPHA or (found.direction is None and found.outcome == "undecided"):
        return found
    p_values = (found.p_difference, found.p_direction, found.p_tie)
    stricter = {
        name: None if p is None else max(p, step.p)
        for name, p in zip(("p_difference", "p_direction", "p_tie"), p_values, strict=True)
    }
    nearly = {"blocks_needed" if found.outcome == "tie" else "blocks_for_direction": 1}
    return found.model_copy(update=stricter | nearly | {"direction": None, "outcome": "undecided"})
