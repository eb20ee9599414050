"""Why a trial may not be used, or needs care."""

from __future__ import annotations

from typing import Literal

from ...model.base import Figure
from ...model.trial import Phase

# The reason of a stack whose windows hold too few responses for its rates and times: it may differ where no difference
# is seen.
UNRESOLVED = "short-window"


class ValidityReason(Figure):
    """A reason why a trial may not be used, or why a number needs care.

    Attributes:
        name: stable identifier, such as `generator-limited`.
        severity: `invalid`: the trial is left out of every average; `caution`: it counts, and the reason is shown.
        sentence: what happened, in plain words with the figure.
        remedy: what to do.
        stack: notation; None where it speaks of the run.
        phase: of the trials in which it was seen; None for all.
        blocks: the blocks in which it was seen.
    """

    name: str
    severity: Literal["invalid", "caution"]
    sentence: str
    remedy: str
    stack: str | None = None
    phase: Phase | None = None
    blocks: tuple[int, ...] = ()
