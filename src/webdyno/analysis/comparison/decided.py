"""Is what a run asks decided?"""

from __future__ import annotations

from ...model.run import Run
from ...model.verdict import Verdict
from .analyse import analyse


def is_decided(run: Run) -> bool:
    """Whether all that the run is about is decided, or is such that no number of blocks decides it.

    To see that is a look, which must be counted (`docs/statistics.md`).
    """
    found = [one for one in analyse(run).verdicts if one.family == "primary"]
    return bool(found) and not any(map(_is_open, found))


def _is_open(found: Verdict) -> bool:
    """Where a difference sits on the margin, or the windows are too short for a tie, blocks decide nothing."""
    return found.outcome == "undecided" and (found.blocks_needed is not None or found.p_difference is None)
