"""What is worked out of a run while it goes on, for a lab that analyses nothing."""

from __future__ import annotations

from ..lab.events import Standings
from ..model.run import Run
from ..model.verdict import Closing

# Each imports the analysis only when it is asked: nobody waits for it before something is measured.


def closings_of(run: Run) -> tuple[Closing, ...]:
    """How near every asked ratio is."""
    from ..analysis.comparison.precision import closings

    return closings(run)


def decides(run: Run) -> bool:
    """Whether nothing is left that more blocks may decide."""
    from ..analysis.comparison.decided import is_decided

    return is_decided(run)


def knows_order(run: Run) -> bool:
    """Whether a quick run has what it goes on for."""
    from ..analysis.comparison.order import order_known

    return order_known(run)


def so_far(run: Run) -> Standings:
    """What there is to show."""
    from ..analysis.comparison.standings import standings

    baseline, found = standings(run)
    metric = run.experiment.main_metric
    return Standings(block=run.blocks_begun, metric=metric, baseline=baseline, standings=found)
