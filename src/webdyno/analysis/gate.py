"""A gate: is the head worse than the base by more than the limits? Told by intervals, and confirmed once more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

from ..model.base import Value
from ..model.side import Side
from ..model.verdict import Estimate, Metric
from .limits import Limit
from .results import Analysis, StackSummary
from .statistics import Sample, blocks_until, half_width

State = Literal["passed", "regression", "not confirmed", "undecided", "not measured"]
GateOutcome = Literal["passed", "regression", "not measured"]


class Change(Value):
    """One metric of the head against the base.

    Attributes:
        metric: what is compared.
        base, head: its value: requests per second, microseconds, milliseconds or bytes; None where not measured.
        ratio: head divided by base, from the mean log-ratio over blocks; None where it was not compared.
        again: the same from the fresh blocks that confirm; None where there were none.
        limit: how much worse it may be; None where it is told only.
        state: `regression`: beyond the limit in both measurements; `not confirmed`: in the first only; `undecided`: the
            interval reaches over the limit; `not measured`: there is no interval; `passed`: within it, or no limit.
        blocks_needed: about how many blocks more would decide what is undecided; None where nothing can be said.
    """

    metric: Metric
    base: float | None
    head: float | None
    ratio: Estimate | None
    again: Estimate | None
    limit: Limit | None
    state: State
    blocks_needed: int | None = None


class Gate(Value):
    """What a gate found.

    Attributes:
        base, head: the sides.
        changes: one for each limit in the order given, then the metrics without a limit.
        outcome: `regression` where one is confirmed, else `not measured` where a limit could not be checked.
        confirmed: whether it was measured a second time.
        notes: what the reader should know about the sides.
    """

    base: Side
    head: Side
    changes: tuple[Change, ...]
    outcome: GateOutcome
    confirmed: bool
    notes: tuple[str, ...]


def suspects(limits: Sequence[Limit], first: Analysis, base: Side, head: Side) -> list[Limit]:
    """The limits that the first measurement shows as passed over, so that they are to be confirmed."""
    return [limit for limit in limits if limit.place(_ratio(limit.metric, first, base, head)) == "beyond"]


def judge_gate(
    limits: Sequence[Limit], first: Analysis, again: Analysis | None, base: Side, head: Side, notes: Sequence[str] = ()
) -> Gate:
    """Hold two measurements against the limits.

    An interval at 95 % lies beyond a limit that is kept in at most 1 of 40 cases; in both measurements, in 1 of 1,600.

    Args:
        limits: at least one.
        first: of the first run.
        again: of the second one with fresh blocks, made where the first has `suspects`.
        base: the side that is compared with.
        head: the other one.
        notes: about them.
    """
    limited = {limit.metric for limit in limits}
    told = [metric for metric in get_args(Metric) if metric not in limited]
    changes = [_change(limit.metric, limit, first, again, base, head) for limit in limits]
    changes += [_change(metric, None, first, again, base, head) for metric in told]
    states = {change.state for change in changes if change.limit}
    outcome: GateOutcome = "passed"
    if "regression" in states:
        outcome = "regression"
    elif "not measured" in states:
        outcome = "not measured"
    return Gate(
        base=base,
        head=head,
        changes=tuple(changes),
        outcome=outcome,
        confirmed=again is not None,
        notes=tuple(notes),
    )


def _change(
    metric: Metric, limit: Limit | None, first: Analysis, again: Analysis | None, base: Side, head: Side
) -> Change:
    ratio = _ratio(metric, first, base, head)
    second = _ratio(metric, again, base, head) if again else None
    state = _state(limit, ratio, second)
    return Change(
        metric=metric,
        base=_value(metric, first.stack(base.stack)),
        head=_value(metric, first.stack(head.stack)),
        ratio=ratio,
        again=second,
        limit=limit,
        state=state,
        blocks_needed=_blocks_needed(limit, ratio) if limit and ratio and state == "undecided" else None,
    )


def _state(limit: Limit | None, first: Estimate | None, again: Estimate | None) -> State:
    if limit is None:
        return "passed"
    place = limit.place(first)
    if place == "beyond":
        confirmed = limit.place(again)
        # A suspicion that could not be looked into is no pass.
        return "regression" if confirmed == "beyond" else "not measured" if confirmed == "unknown" else "not confirmed"
    return "not measured" if place == "unknown" else "passed" if place == "within" else "undecided"


def _blocks_needed(limit: Limit, ratio: Estimate) -> int | None:
    """So many more that the interval ends before the limit, if the ratio and its scatter stay as they are."""
    assert ratio.interval, "what is undecided has an interval"
    mean, half = math.log(ratio.value), math.log(ratio.interval.high / ratio.interval.low) / 2
    sd = half / float(half_width(1.0, ratio.blocks, ratio.interval.level))
    more = blocks_until(Sample(mean, sd, ratio.blocks), abs(mean - math.log1p(limit.change)), ratio.interval.level)
    return None if more is None else max(more, 1)


def _ratio(metric: Metric, analysis: Analysis, base: Side, head: Side) -> Estimate | None:
    verdict = analysis.verdict(metric, head.stack, base.stack)
    return verdict.ratio if verdict else None


def _value(metric: Metric, stack: StackSummary) -> float | None:
    match metric:
        case "throughput":
            return stack.throughput.value if stack.throughput else None
        case "cpu_per_request":
            return stack.cpu_per_request_us.value if stack.cpu_per_request_us else None
        case "p50":
            return stack.response.p50 if stack.response else None
        case "p99":
            return stack.response.p99 if stack.response else None
        case "memory":
            return stack.memory.rss_peak
