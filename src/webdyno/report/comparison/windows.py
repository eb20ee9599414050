"""How long each stack was measured in a block, and in which windows."""

from __future__ import annotations

from ...model.fact import Fact, fact
from ...model.run import Run


def windows(run: Run) -> Fact:
    """One window, or several that alternated between the stacks."""
    window = run.experiment.window
    most = {"saturation": 1, "rate": 1}
    for trial in run.trials:
        if trial.phase in most:
            most[trial.phase] = max(most[trial.phase], len(trial.windows))
    if run.experiment.design != "alternating" or max(most.values()) == 1:
        return fact("windows.one", window_s=window.duration_s, warmup_s=window.warmup_s)
    return fact(
        "windows.alternating" if run.experiment.rate else "windows.alternating.closed",
        measured_s=window.duration_s,
        closed=most["saturation"],
        open=most["rate"],
        warmup_s=window.warmup_s,
    )
