"""How much of a difference is the server, the wrapper, the framework, the handler.

What a request costs is taken as a sum: the CPU time of the bare app on the server, and what each layer adds to it. The
ratio of two sums is shared out among the layers by the Shapley value of its logarithm: the layers are changed one after
the other, from one stack's to the other's, and each layer's factor is the geometric mean over all orders (Shapley 1953;
Shorrocks 2013). What `async def` costs belongs to its framework, and is never taken without it (orders with precedence:
Faigle and Kern 1992). The factors multiply up to the whole ratio, whatever the order. It is done within each block, so
that the intervals are those of the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from ...model.layer import LAYERS, Layer
from ...model.verdict import Estimate, Interval
from ..statistics.estimates import LEVEL, exp, geometric_estimate, half_width
from .analysis import Analysis, Cost, Explanation

Upto = Mapping[Layer, str]


def explain(analysis: Analysis, one: tuple[str, Upto], other: tuple[str, Upto]) -> Explanation | None:
    """Take the difference of two stacks apart; None where no block has all that it takes.

    Args:
        analysis: of a run with both stacks and all below them.
        one: the notation of the first, and for each layer that it has, the stack up to it.
        other: the same of the second.
    """
    rates = {name: _by_block(analysis, name, "throughput") for name in (one[0], other[0])}
    costs = {
        name: _by_block(analysis, name, "cpu_per_request_us")
        for name in {*one[1].values(), *other[1].values(), one[0], other[0]}
    }
    blocks = sorted(set.intersection(*map(set, (*rates.values(), *costs.values()))))
    if not blocks:
        return None
    ratio = math.prod(rates[one[0]][block] / rates[other[0]][block] for block in blocks)
    more, less = (one, other) if ratio >= 1 else (other, one)
    added = {side[0]: [_added(side, costs, block) for block in blocks] for side in (more, less)}
    shares = [
        share
        for ours, theirs in zip(added[more[0]], added[less[0]], strict=True)
        if (share := shapley(theirs, ours)) is not None
    ]
    if len(shares) < len(blocks):
        return None
    whole = [rates[more[0]][block] / rates[less[0]][block] for block in blocks]
    by_cpu = [costs[less[0]][block] / costs[more[0]][block] for block in blocks]
    layers = [layer for layer in LAYERS if layer in more[1] or layer in less[1]]
    return Explanation(
        stack=more[0],
        against=less[0],
        ratio=_geometric(whole),
        factors={layer: _geometric([share[layer] for share in shares]) for layer in layers},
        busy=_geometric([all_ / cpu for all_, cpu in zip(whole, by_cpu, strict=True)]),
        costs=(_cost(more, added[more[0]]), _cost(less, added[less[0]])),
        blocks=len(blocks),
    )


def shapley(of: Mapping[Layer, float], to: Mapping[Layer, float]) -> dict[Layer, float] | None:
    """The factor of each layer in `sum(of) / sum(to)`, by the mean logarithm over the orders of changing them.

    A layer that only one of both has counts as zero in the other. None where a sum on the way is not above zero: then
    the layers cannot be told apart.
    """
    layers = sorted({*of, *to}, key=LAYERS.index)
    logs = dict.fromkeys(layers, 0.0)
    orders = [order for order in permutations(layers) if _in_place(order, of, to)]
    for order in orders:
        now = {layer: of.get(layer, 0.0) for layer in layers}
        before = sum(now.values())
        for layer in order:
            now[layer] = to.get(layer, 0.0)
            after = sum(now.values())
            if before <= 0 or after <= 0:
                return None
            logs[layer] += math.log(before / after)
            before = after
    return {layer: exp(total / len(orders)) for layer, total in logs.items()}


def _in_place(order: Sequence[Layer], of: Mapping[Layer, float], to: Mapping[Layer, float]) -> bool:
    """Whether a handler that one of both has comes after the framework that it belongs to, or goes before it."""
    if ("handler" in of) == ("handler" in to) or "framework" not in order:
        return True
    return (order.index("framework") < order.index("handler")) == ("handler" in to)


def _added(side: tuple[str, Upto], costs: Mapping[str, Mapping[int, float]], block: int) -> dict[Layer, float]:
    """What each layer of a stack adds in one block, microseconds."""
    below = 0.0
    added: dict[Layer, float] = {}
    for layer in LAYERS:
        if layer in side[1]:
            upto = costs[side[1][layer]][block]
            added[layer], below = upto - below, upto
    return added


def _cost(side: tuple[str, Upto], added: Sequence[Mapping[Layer, float]]) -> Cost:
    return Cost(
        stack=side[0],
        layers={layer: _mean([one[layer] for one in added]) for layer in LAYERS if layer in side[1]},
        total=_mean([sum(one.values()) for one in added]),
    )


def _by_block(analysis: Analysis, notation: str, figure: str) -> dict[int, float]:
    return {
        values.block: value
        for values in analysis.stack(notation).blocks
        if (value := getattr(values, figure)) is not None
    }


def _geometric(values: Sequence[float]) -> Estimate:
    estimate = geometric_estimate(values)
    assert estimate, "there is at least one block"
    return estimate


def _mean(values: Sequence[float]) -> Estimate:
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Estimate(value=mean, interval=None, blocks=count)
    half = float(half_width(float(np.std(values, ddof=1)), count))
    return Estimate(value=mean, interval=Interval(low=mean - half, high=mean + half, level=LEVEL), blocks=count)
