"""Is what a run asks decided?"""

from __future__ import annotations

from ...model.run import Run
from .analyse import analyse


def is_decided(run: Run) -> bool:
    """Whether all that the run is about is decided, or is such that no number of blocks decides it.

    To see that is a look, which must be counted (`docs/statistics.md`).
    """
    found = [one for one in analyse(run).verdicts if one.family == "primary"]
    return bool(found) and not any(one.is_open for one in found)
