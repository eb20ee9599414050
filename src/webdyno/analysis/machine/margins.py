"""Margins that the machine raises: what it cannot tell apart counts as no difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...model.fact import fact
from ...model.floor import MarginFloor
from ...model.verdict import Verdict
from ..statistics.estimates import DEFAULT_MARGIN
from ..validity.reason import ValidityReason


def raised_margins(floor: MarginFloor | None, verdicts: Sequence[Verdict]) -> Iterator[ValidityReason]:
    """Say which margins the floor of the machine has raised, and from when it is."""
    raised = {one.metric: one.margin for one in verdicts if one.margin > DEFAULT_MARGIN}
    if floor is None or not raised:
        return
    yield ValidityReason(
        name="raised-margin",
        severity="caution",
        what=fact(
            "raised-margin",
            margin=DEFAULT_MARGIN,
            raised=tuple(
                fact("raised", margin=margin, noun=fact(f"metric.{metric}")) for metric, margin in raised.items()
            ),
            measured_s=floor.seconds,
            when=f"{floor.measured:%Y-%m-%d %H:%M}",
        ),
        advice=fact("doctor-again"),
    )
