"""Verdicts: one stack against another on one metric, paired block by block."""

from __future__ import annotations

from collections.abc import Callable

from ..model.verdict import Metric, Outcome, Verdict
from .results import BlockValues, StackSummary
from .statistics import DEFAULT_MARGIN, decide, geometric_estimate, paired_ratios, sign_flip_p

METRICS: dict[Metric, Callable[[BlockValues], float | None]] = {
    "throughput": lambda values: values.throughput,
    "cpu_per_request": lambda values: values.cpu_per_request_us,
    "p50": lambda values: values.p50_ms,
    "p99": lambda values: values.p99_ms,
    "memory": lambda values: values.rss_bytes,
}
MORE_IS_BETTER: frozenset[Metric] = frozenset({"throughput"})


def verdict(
    metric: Metric, stack: StackSummary, against: StackSummary, margin: float = DEFAULT_MARGIN
) -> Verdict | None:
    """Compare two stacks over the blocks in which both are valid; None where there is no such block.

    A percentile that is not shown, for want of samples, is not compared either; nor one that in some block falls among
    the requests without an answer, since the other blocks alone would flatter the stack.
    """
    if metric == "p99" and not all(one.response and one.response.p99 is not None for one in (stack, against)):
        return None
    if any(reason.name == f"{metric}-unanswered" for one in (stack, against) for reason in one.reasons):
        return None
    ratios = paired_ratios(_by_block(metric, stack), _by_block(metric, against))
    estimate = geometric_estimate(ratios)
    if estimate is None:
        return None
    decision = decide(ratios, margin)
    better = "above" if metric in MORE_IS_BETTER else "below"
    outcome: Outcome = "undecided"
    if decision.place == "within":
        outcome = "tie"
    elif decision.place != "open":
        outcome = "faster" if decision.place == better else "slower"
    return Verdict(
        metric=metric,
        stack=stack.notation,
        against=against.notation,
        ratio=estimate,
        outcome=outcome,
        margin=margin,
        blocks_needed=decision.more_blocks,
        p_value=sign_flip_p(ratios),
    )


def _by_block(metric: Metric, stack: StackSummary) -> dict[int, float]:
    values = ((one.block, METRICS[metric](one)) for one in stack.blocks)
    return {block: value for block, value in values if value}
