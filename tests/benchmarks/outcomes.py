"""Outcomes of comparisons as they might be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.aa.lines import Line
from benchmarks.aa.outcome import Outcome, Ratio

from webdyno.model.metric import Metric

BEGAN = datetime(2026, 11, 29, 12, tzinfo=UTC)


def ratio(
    line: Line, value: float = 1.0, half_width: float = 0.02, outcome: str = "tie", metric: Metric | None = None
) -> Ratio:
    """One of what the line judges, with an interval that is even on the scale of logarithms."""
    return Ratio(
        metric=metric or line.metric,
        stack=line.stacks[-1],
        against=line.stacks[0],
        value=value,
        low=value / (1 + half_width),
        high=value * (1 + half_width),
        outcome=outcome,
        blocks=8,
    )


def outcome(
    line: Line, seed: int = 0, *, design: str = "in-turn", burner: bool = False, ratios: Sequence[Ratio] = ()
) -> Outcome:
    """One of a quiet machine, 40 % of whose time was outside windows."""
    return Outcome(
        line=line.name,
        design=design,
        burner=burner,
        seed=seed,
        began=BEGAN + timedelta(minutes=seed),
        machine="AMD EPYC, 2 of 2 CPUs",
        revision="abc1234",
        load_average=0.1 * seed,
        seconds=25.0,
        inside_s=15.0,
        blocks=8,
        ratios=tuple(ratios),
        burnt_s=5.0 if burner else 0.0,
    )
