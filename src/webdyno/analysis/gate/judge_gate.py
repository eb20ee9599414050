"""A gate: is the head worse than the base by more than the limits? Told by intervals, and confirmed once more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from pydantic import computed_field

from ...model.base import Figure
from ...model.fact import Fact, InWords
from ...model.metric import Metric
from ...model.note import Note
from ...model.run import Run
from ...model.side import Side
from ...model.verdict import Estimate
from ...texts.catalogue import told
from ..comparison.analyse import analyse, block_seconds
from ..comparison.analysis import Analysis
from ..comparison.metric_values import VALUES
from ..statistics.estimates import Sample, at_level, blocks_until, spread
from .limit import Limit, Place
from .looks import LOOK_LEVEL, end_level, level_of
from .statements import limit_statement

State = Literal["passed", "regression", "not confirmed", "inconclusive", "not measured"]
GateOutcome = Literal["passed", "regression", "inconclusive", "not measured"]
GateMeasurement = tuple[Run, Analysis]


class Change(InWords):
    """One metric of the head against the base.

    Attributes:
        metric: what is compared.
        base, head: its value: requests per second, microseconds, milliseconds or bytes; None where not measured.
        ratio: head divided by base, from the mean log-ratio over blocks; None where it was not compared.
        again: the same from the fresh blocks that confirm; None where there were none.
        limit: how much worse it may be; None where it is told only.
        state: `passed`: the interval lies within the limit, or there is none; `regression`: beyond it in both
            measurements; `not confirmed`: beyond it in the first, within it in the second; `inconclusive`: the
            interval that decides reaches over the limit, or the windows are too short; `not measured`: there is none.
        blocks_needed: about how many blocks more would decide what is inconclusive, if as large a part of them is valid
            as of those so far; None where nothing can be said.
        seconds_needed: about how long these take.
        resolved: False where the windows hold too few responses for a change to be ruled out.
        what: what the limit comes to: a key and the figures; None where there is no limit.
        sentence: the same in words.
    """

    metric: Metric
    base: float | None
    head: float | None
    ratio: Estimate | None
    again: Estimate | None
    limit: Limit | None
    state: State
    blocks_needed: int | None = None
    seconds_needed: float | None = None
    resolved: bool = True
    what: Fact | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """What the limit comes to."""
        return told(self.what)


class Gate(Figure):
    """What a gate found.

    Attributes:
        base, head: the sides.
        changes: one for each limit in the order given, then the metrics without a limit.
        outcome: `regression` where one is confirmed, else `not measured` where a limit could not be checked, else
            `inconclusive` where one is.
        confirmed: whether it was measured a second time.
        notes: what the reader should know about the sides.
    """

    base: Side
    head: Side
    changes: tuple[Change, ...]
    outcome: GateOutcome
    confirmed: bool
    notes: tuple[Note, ...]


class MetricReading(NamedTuple):
    """One metric in one measurement.

    Attributes:
        ratio: head divided by base.
        resolved: whether the windows are long enough to rule a change out.
        blocks: how many were measured, valid or not.
        block_s: how long one takes.
        end_level: of the interval, if the measurement went on to its end.
    """

    ratio: Estimate | None
    resolved: bool
    blocks: int
    block_s: float | None
    end_level: float

    def place(self, limit: Limit) -> Place:
        """Where it stands to the limit: as its interval, but never within where a change can hide."""
        place = limit.place(self.ratio)
        return "open" if place == "within" and not self.resolved else place


def is_decided(limits: Sequence[Limit], run: Run, base: Side, head: Side) -> bool:
    """Whether each limit is kept or broken at a planned look into a run that could go on."""
    analysis = analyse(run)
    seen = (_seen(limit.metric, (run, analysis), LOOK_LEVEL, base, head).place(limit) for limit in limits)
    return all(place in ("within", "beyond") for place in seen)


def suspects(limits: Sequence[Limit], first: GateMeasurement, base: Side, head: Side) -> list[Limit]:
    """The limits that the first measurement shows as broken, so that they are to be confirmed."""
    level = level_of(first[0].experiment)
    return [limit for limit in limits if _seen(limit.metric, first, level, base, head).place(limit) == "beyond"]


def judge_gate(
    limits: Sequence[Limit], measured: Sequence[GateMeasurement], base: Side, head: Side, notes: Sequence[Note] = ()
) -> Gate:
    """Hold one measurement, or two, against the limits.

    An interval lies beyond a limit that is kept, or within one that is broken, in at most 1 of 40 cases; beyond it in
    both measurements in 1 of 1,600.

    Args:
        limits: at least one.
        measured: the first run, and where it has `suspects` a second one with fresh blocks.
        base: the side that is compared with.
        head: the other one.
        notes: about them.
    """
    limited = {limit.metric for limit in limits}
    told = [metric for metric in get_args(Metric) if metric not in limited]
    changes = [_change(limit.metric, limit, measured, base, head) for limit in limits]
    changes += [_change(metric, None, measured, base, head) for metric in told]
    states = {change.state for change in changes if change.limit}
    worst_first: tuple[GateOutcome, ...] = ("regression", "not measured", "inconclusive")
    return Gate(
        base=base,
        head=head,
        changes=tuple(changes),
        outcome=next((outcome for outcome in worst_first if outcome in states), "passed"),
        confirmed=len(measured) > 1,
        notes=tuple(notes),
    )


def state_of(first: Place, again: Place | None) -> State:
    """What a limit comes to by its place in the first measurement, and in the second where it lay beyond."""
    deciding = again or "unknown" if first == "beyond" else first
    match deciding:
        case "beyond":
            return "regression"
        case "within":
            return "not confirmed" if first == "beyond" else "passed"
        case "open":
            return "inconclusive"
    # A suspicion that could not be looked into is no pass either.
    return "not measured"


def _change(metric: Metric, limit: Limit | None, measured: Sequence[GateMeasurement], base: Side, head: Side) -> Change:
    first, *further = (_seen(metric, one, level_of(one[0].experiment), base, head) for one in measured)
    again = further[0] if further else None
    state = state_of(first.place(limit), again.place(limit) if again else None) if limit else "passed"
    # What the first measurement finds broken is for the second one to decide.
    confirming = bool(limit and again and first.place(limit) == "beyond")
    deciding = again if again and confirming else first
    more = _blocks_needed(limit, deciding) if limit and state == "inconclusive" else None
    analysis = measured[0][1]
    change = Change(
        metric=metric,
        base=VALUES[metric].of_stack(analysis.stack(base.stack)),
        head=VALUES[metric].of_stack(analysis.stack(head.stack)),
        ratio=first.ratio,
        again=again.ratio if again else None,
        limit=limit,
        state=state,
        blocks_needed=more,
        seconds_needed=more * deciding.block_s if more and deciding.block_s else None,
        resolved=deciding.resolved,
    )
    return change.model_copy(update={"what": limit_statement(change, measured[-1 if confirming else 0][0])})


def _blocks_needed(limit: Limit, seen: MetricReading) -> int | None:
    """So many more that the interval ends before the limit, if ratio, scatter and the valid part stay as they are."""
    if seen.ratio is None or not seen.resolved:
        return None
    mean = math.log(seen.ratio.value)
    found = Sample(mean, spread(seen.ratio), seen.ratio.blocks)
    more = blocks_until(found, abs(mean - math.log1p(limit.change)), seen.end_level)
    return None if more is None else math.ceil(max(more, 1) * seen.blocks / seen.ratio.blocks)


def _seen(metric: Metric, measured: GateMeasurement, level: float, base: Side, head: Side) -> MetricReading:
    run, analysis = measured
    verdict = analysis.verdict(metric, head.stack, base.stack)
    return MetricReading(
        ratio=at_level(verdict.ratio, level) if verdict else None,
        resolved=all(analysis.stack(side.stack).resolves(metric) for side in (base, head)),
        blocks=run.blocks_begun,
        block_s=block_seconds(run.trials),
        end_level=end_level(len(run.experiment.looks or ())),
    )
