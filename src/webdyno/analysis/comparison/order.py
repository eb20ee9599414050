"""The order of all stacks in one metric: which neighbours are told apart, which are the same, which are open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ...model.metric import METRICS, Metric
from ...model.order import Order, Relation, Step
from ...model.run import Run
from ..statistics.decisions import holm
from ..statistics.estimates import ALPHA, DEFAULT_MARGIN, Sample, geometric_estimate, p_difference, p_tie, sample
from ..validity.judgement import OF_THE_STACK
from .analysis import StackSummary
from .looks import looks_of
from .metric_values import VALUES
from .summary import of_closed_load, summaries
from .verdicts import Comparison, ratios


def order_known(run: Run) -> bool:
    """Whether a run may end, since the order of all stacks is known; those that fail by themselves have no place in it.

    Raises:
        StoreError: a stored histogram is damaged.
    """
    _, stacks = summaries(of_closed_load(run))
    found = order(run, stacks)
    return found is not None and found.known and not any(map(_may_recover, stacks))


def _may_recover(stack: StackSummary) -> bool:
    """Whether nothing but the machine kept it from being ranked so far."""
    invalid = {reason.name for reason in stack.reasons if reason.severity == "invalid"}
    return not stack.valid and bool(stack.blocks) and not invalid & OF_THE_STACK


def order(run: Run, stacks: Sequence[StackSummary]) -> Order | None:
    """The order as far as the blocks so far show it; None where fewer than two stacks are valid.

    Args:
        run: of which it is asked.
        stacks: its summaries.
    """
    metric = run.experiment.main_metric
    better = METRICS[metric].more_is_better
    valid = [(value, stack) for stack in stacks if stack.valid and (value := VALUES[metric].of_stack(stack))]
    ranked = [stack for _, stack in sorted(valid, key=lambda one: one[0], reverse=better)]
    compared = [ratios(Comparison(metric, one, next_one)) for one, next_one in pairwise(ranked)]
    if not compared:
        return None
    samples = [sample(blocks) if len(blocks) >= 2 else None for blocks in compared]
    floors = run.floor.differences if run.floor else {}
    margin, looks = max(DEFAULT_MARGIN, floors.get(metric, 0.0)), looks_of(run)
    judged = relations(samples, margin, looks.alpha / ALPHA, better=better)
    return Order(
        metric=metric,
        stacks=tuple(stack.notation for stack in ranked),
        steps=tuple(
            _step(metric, both, blocks, found, margin, looks.level)
            for both, blocks, found in zip(pairwise(ranked), compared, judged, strict=True)
        ),
        blocks=run.blocks_begun,
    )


def relations(
    steps: Sequence[Sample | None], margin: float, share: float = 1.0, *, better: bool = True
) -> list[tuple[Relation, float | None]]:
    """What is known of each step of an order, and the p-value of that claim, adjusted by Holm for all steps.

    A step is claimed either way: that the first is ahead (against "exactly equal"), or that both are the same (against
    a difference of the margin). Only one of the two can be wrong of any pair, so both share one level.

    Args:
        steps: log-ratios of each stack to the next; None below two blocks.
        margin: the relative difference that counts as none.
        share: the part of the 5 % that all claims together have.
        better: more is better.
    """
    known = [one for one in steps if one]
    mean, sd, blocks = (np.array([one[part] for one in known], dtype=np.float64) for part in range(3))
    ahead, same = p_difference(mean, sd, blocks, 0.0), p_tie(mean, sd, blocks, margin)
    adjusted = iter(holm(np.minimum(ahead, same) / share).tolist()) if known else iter(())
    apart = iter(zip(((mean > 0) == better).tolist(), (ahead <= same).tolist(), strict=True))
    found: list[tuple[Relation, float | None]] = []
    for one in steps:
        if one is None:
            found.append(("open", None))
            continue
        p, (in_order, differs) = next(adjusted), next(apart)
        # Blocks that are valid for one neighbour only can rank them otherwise than those that both have.
        claim: Relation = "tie" if not differs else "ahead" if in_order else "open"
        found.append((claim if p <= ALPHA else "open", p))
    return found


def _step(
    metric: Metric,
    neighbours: tuple[StackSummary, StackSummary],
    blocks: Sequence[float],
    judged: tuple[Relation, float | None],
    margin: float,
    level: float,
) -> Step:
    (stack, behind), (relation, p) = neighbours, judged
    hidden = relation == "tie" and not (stack.resolves(metric) and behind.resolves(metric))
    return Step(
        stack=stack.notation,
        behind=behind.notation,
        ratio=geometric_estimate(blocks, level),
        relation="open" if hidden else relation,
        p=p,
        margin=margin,
    )
