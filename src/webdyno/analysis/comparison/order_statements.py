"""What the order of a quick run comes to."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.fact import Fact, fact
from ...model.order import Order, Step
from ...model.run import Run
from .analysis import Statement
from .ratio_facts import sure_ratio

# Of more, the sentence says by signs alone that they are not told apart.
MOST_PAIRS = 2


def order_statements(run: Run, order: Order | None) -> Iterator[Statement]:
    """The order as far as it is known, and which neighbours are not told apart.

    Args:
        run: of which it is said.
        order: its order; None where there is nothing to say.
    """
    if order is None:
        return
    first, *_ = order.stacks
    stacks: tuple[Fact | str, ...] = (
        first,
        *(fact(f"order.step.{step.relation}", stack=step.behind) for step in order.steps),
    )
    claim = fact(
        "order.known" if order.known else "order.not-known" if _some_known(order) else "order.unknown",
        metric=fact(f"metric.{order.metric}"),
        blocks=order.blocks,
        took_s=run.measured_s,
        stacks=stacks,
    )
    yield Statement(claim=claim, additions=tuple(_additions(order)))


def _some_known(order: Order) -> bool:
    return any(step.relation != "open" for step in order.steps)


def _additions(order: Order) -> Iterator[Fact]:
    only, *further = order.steps
    if not further and only.relation != "open" and only.ratio:
        yield sure_ratio(only.ratio)
    ties = [step.margin for step in order.steps if step.relation == "tie"]
    if ties:
        yield fact("order.ties", margin=max(ties))
    open_ = [step for step in order.steps if step.relation == "open"]
    if len(open_) > MOST_PAIRS:
        yield fact("order.not-apart")
    elif open_:
        yield fact("order.pairs", pairs=tuple(map(_pair, open_)))


def _pair(step: Step) -> Fact:
    if step.ratio is None:
        return fact("order.pair.apart", stack=step.stack, behind=step.behind)
    return fact("order.pair", stack=step.stack, behind=step.behind, ratio=sure_ratio(step.ratio))
