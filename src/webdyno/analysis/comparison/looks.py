"""What may go wrong in a run that is looked at more than once, shared among the looks."""

from __future__ import annotations

from ...model.run import Experiment


def share_of_look(plan: Experiment) -> float:
    """The part of the 5 % that the verdicts and the order of a run have: 1 where nobody looked before its end.

    The planned looks of a quick run have equal parts (Bonferroni's bound), also where time ended it between two of
    them: then the last one was never taken. A gate sets levels of its own.
    """
    return 1 / len(plan.looks) if plan.quick and plan.looks else 1.0
