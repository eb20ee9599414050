"""What may go wrong in a run that is looked at more than once, shared among the looks."""

from __future__ import annotations

from ...model.run import Experiment, Run
from ..statistics.spending import LEAST_BLOCKS, Looks


def share_of_look(plan: Experiment) -> float:
    """The part of the 5 % that the verdicts and the order of a run have: 1 where nobody looked before its end.

    The planned looks of a quick run have equal parts (Bonferroni's bound), also where time ended it between two of
    them: then the last one was never taken. A gate sets levels of its own.
    """
    return 1 / len(plan.looks) if plan.quick and plan.looks else 1.0


def looks_of(run: Run) -> Looks:
    """After how many blocks the result of a run was looked at, now among them; a gate has rules of its own for that."""
    plan, done = run.experiment, run.blocks_begun
    if run.rules_not_kept:
        return Looks()
    looks = {done, *(look for look in plan.looks or () if look < done)} if run.continuations else {done}
    return Looks(tuple(look for look in sorted(looks) if look >= LEAST_BLOCKS), share_of_look(plan))
