"""Is what a run asks decided?"""

from __future__ import annotations

from ...model.run import Run
from .analyse import analyse


def is_decided(run: Run) -> bool:
    """Whether something is known of what the run is about, and nothing of it is open that more blocks may decide.

    To see that is a look, which must be counted (`docs/statistics.md`).
    """
    analysis = analyse(run)
    return analysis.remaining is None and any(one.family == "primary" for one in analysis.verdicts)
