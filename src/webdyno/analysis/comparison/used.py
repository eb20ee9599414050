"""The trials that the figures of a stack stand on, for whoever draws them."""

from __future__ import annotations

from ...model.run import Run
from ...model.trial import Phase
from ..measured_trial import MeasuredTrial, with_results
from .analysis import StackSummary


def used_trials(run: Run, stack: StackSummary, *phases: Phase) -> list[MeasuredTrial]:
    """Those of some phases, as they have been judged."""
    of_stack = (trial for trial in run.trials if trial.stack == stack.notation and trial.phase in phases)
    return [one for one in with_results(of_stack) if one.trial.block in stack.used.get(one.trial.phase, ())]
