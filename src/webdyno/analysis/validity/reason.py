"""Why a trial may not be used, or needs care."""

from __future__ import annotations

from typing import Literal

from pydantic import computed_field

from ...model.fact import Fact, InWords
from ...model.trial import Phase
from ...texts.catalogue import told

# The reason of a stack whose windows hold too few responses for its rates and times: it may differ where no difference
# is seen.
UNRESOLVED = "short-window"


class ValidityReason(InWords):
    """A reason why a trial may not be used, or why a number needs care.

    Attributes:
        name: stable identifier, such as `generator-limited`.
        severity: `invalid`: the trial is excluded from every average; `caution`: it counts, and the reason is shown.
        what: what happened: a key and the figures.
        advice: what to do; None where there is nothing to do.
        sentence, remedy: both in words; `remedy` is empty where there is nothing to do.
        stack: notation; None where it speaks of the run.
        phase: of the trials in which it was seen; None for all.
        blocks: the blocks in which it was seen.
    """

    name: str
    severity: Literal["invalid", "caution"]
    what: Fact
    advice: Fact | None = None
    stack: str | None = None
    phase: Phase | None = None
    blocks: tuple[int, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentence(self) -> str:
        """What happened, in plain words with the figures."""
        return told(self.what)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def remedy(self) -> str:
        """What to do."""
        return told(self.advice)
