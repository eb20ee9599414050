"""Verdicts: one stack against another on one metric, paired block by block, a family of them judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ...model.metric import METRICS, Metric
from ...model.verdict import Direction, Family, Outcome, Verdict
from ..statistics.decisions import ONE_LOOK, Decision, Side, decide
from ..statistics.estimates import DEFAULT_MARGIN, at_level, geometric_estimate, paired_ratios, sign_flip_p
from ..statistics.spending import Looks
from .analysis import StackSummary
from .metric_values import VALUES

NO_FLOORS: Mapping[Metric, float] = MappingProxyType({})
_DIRECTIONS: dict[Side, Direction] = {"above": "higher", "below": "lower"}


class Comparison(NamedTuple):
    """What is compared: `stack` against another on one metric."""

    metric: Metric
    stack: StackSummary
    against: StackSummary


def rivals(baseline: StackSummary, stacks: Sequence[StackSummary]) -> list[StackSummary]:
    """The stacks that are compared with the baseline: all that are valid, where it is."""
    return [stack for stack in stacks if stack.valid and baseline.valid and stack is not baseline]


def ratios(compared: Comparison) -> list[float]:
    """Value of the stack divided by the other's in each block in which both are valid; empty where there is none.

    A percentile that is not shown, for want of samples, is not compared either; nor one that in some block falls among
    the requests without an answer, since the other blocks alone would flatter the stack; nor one of a stack that did
    not keep up.
    """
    metric, *both = compared
    if metric == "p99" and not all(one.response and one.response.p99 is not None for one in both):
        return []
    if _refused(metric) & {reason.name for one in both for reason in one.reasons}:
        return []
    return paired_ratios(*(_by_block(metric, one) for one in both))


def _refused(metric: Metric) -> set[str]:
    """The reasons for which it is not compared."""
    return {f"{metric}-unanswered", "times-overloaded"} if metric in ("p50", "p99") else set()


def verdicts(
    compared: Sequence[Comparison],
    family: Family = "primary",
    margin: float = DEFAULT_MARGIN,
    block_s: float | None = None,
    floors: Mapping[Metric, float] = NO_FLOORS,
    looks: Looks = ONE_LOOK,
) -> tuple[Verdict, ...]:
    """Judge a family of comparisons together; those without a block valid for both are left out.

    Args:
        compared: the family.
        family: which one it is.
        margin: the relative difference that counts as none.
        block_s: how long one block takes, to say how long it would take to decide; None where not known.
        floors: for each metric the least margin on the machine at hand (see `MarginFloor`).
        looks: when the run was looked at, which makes it stricter at a further look.
    """
    found = [(one, blocks) for one in compared if (blocks := ratios(one))]
    margins = [max(margin, floors.get(one.metric, 0.0)) for one, _ in found]
    decisions = decide([blocks for _, blocks in found], margins, looks)
    comparisons = max(sum(decision.p_difference is not None for decision in decisions), 1)
    judged = (
        _verdict(one, blocks, decision, bound, block_s)
        for (one, blocks), decision, bound in zip(found, decisions, margins, strict=True)
    )
    known = {"family": family, "comparisons": comparisons, "looks": looks.planned}
    return tuple(one.model_copy(update=known | {"ratio": at_level(one.ratio, looks.level)}) for one in judged)


def verdict(
    metric: Metric,
    stack: StackSummary,
    against: StackSummary,
    margin: float = DEFAULT_MARGIN,
    looks: Looks = ONE_LOOK,
) -> Verdict | None:
    """Judge one comparison by itself; None where there is no block in which both stacks are valid."""
    return next(iter(verdicts([Comparison(metric, stack, against)], margin=margin, looks=looks)), None)


def _verdict(
    compared: Comparison, blocks: Sequence[float], decision: Decision, margin: float, block_s: float | None
) -> Verdict:
    ratio, more, for_direction = geometric_estimate(blocks), decision.more_blocks, decision.more_for_direction
    assert ratio  # there is at least one block
    return Verdict(
        metric=compared.metric,
        stack=compared.stack.notation,
        against=compared.against.notation,
        ratio=ratio,
        outcome=_outcome(compared, decision),
        margin=margin,
        direction=_DIRECTIONS[decision.direction] if decision.direction else None,
        p_difference=decision.p_difference,
        p_direction=decision.p_direction,
        p_tie=decision.p_tie,
        sign_flip_p=sign_flip_p(blocks),
        blocks_needed=more,
        seconds_needed=more * block_s if more and block_s else None,
        blocks_for_direction=for_direction,
        seconds_for_direction=for_direction * block_s if for_direction and block_s else None,
    )


def _outcome(compared: Comparison, decision: Decision) -> Outcome:
    metric, *both = compared
    if decision.place == "open":
        return "undecided"
    if decision.place == "within":
        return "tie" if all(one.resolves(metric) for one in both) else "undecided"
    return "faster" if (decision.place == "above") == METRICS[metric].more_is_better else "slower"


def _by_block(metric: Metric, stack: StackSummary) -> dict[int, float]:
    values = ((one.block, VALUES[metric].in_block(one)) for one in stack.blocks)
    return {block: value for block, value in values if value}
