"""Margins that the machine raises: what it cannot tell apart counts as no difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.floor import MarginFloor
from ...model.metric import Metric
from ...model.verdict import Verdict
from ...units import format_duration, format_percent
from ..statistics.estimates import DEFAULT_MARGIN
from ..validity.reason import ValidityReason

NAMES: dict[Metric, str] = {
    "throughput": "throughput",
    "cpu_per_request": "CPU time per request",
    "p50": "median response time",
    "p99": "p99 response time",
    "memory": "memory",
}


def raised_margins(floor: MarginFloor | None, verdicts: Sequence[Verdict]) -> Iterator[ValidityReason]:
    """Say which margins the floor of the machine has raised, and from when it is."""
    raised = {one.metric: one.margin for one in verdicts if one.margin > DEFAULT_MARGIN}
    if floor is None or not raised:
        return
    told = ", ".join(f"{format_percent(margin)} for {NAMES[metric]}" for metric, margin in raised.items())
    yield ValidityReason(
        name="raised-margin",
        severity="caution",
        sentence=(
            f"the difference that counts as none is raised from {format_percent(DEFAULT_MARGIN)} to {told}: this "
            f"machine shows no smaller one in {format_duration(floor.seconds)} (webdyno doctor, "
            f"{floor.measured:%Y-%m-%d %H:%M} UTC)"
        ),
        remedy="make the machine quieter, then run webdyno doctor again",
    )
