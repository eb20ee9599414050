"""What the machine did to a trial: time that others took away."""

from __future__ import annotations

from collections.abc import Iterator

from ...units import format_percent
from ..measured_trial import MeasuredTrial
from .finding import Finding, severity

# 1 % of stolen time can be seen in results; 5 % moves them by as much as what is usually compared.
STEAL_CAUTION, STEAL_INVALID = 1.0, 5.0
THROTTLED_CAUTION, THROTTLED_INVALID = 0.01, 0.05

MACHINE = "use a machine with cores of its own (dedicated vCPUs), or measure at a quieter time"


def steal(measured: MeasuredTrial) -> Iterator[Finding]:
    """The hypervisor gave CPU time to others."""
    resources = measured.trial.resources
    percent = resources.system.steal_percent if resources else None
    if percent is not None and percent > STEAL_CAUTION:
        sentence = f"the hypervisor took {format_percent(percent / 100)} of the CPU time away (steal)"
        yield Finding("steal", severity(percent, STEAL_INVALID), sentence, MACHINE, percent)


def environment_changed(measured: MeasuredTrial) -> Iterator[Finding]:
    """What was measured before and after is not the same stack, or not the same machine."""
    if measured.changed:
        sentence = f"{' and '.join(measured.changed)} changed since its first block"
        remedy = "leave the app, its packages and the machine alone while it is measured"
        yield Finding("environment-changed", "invalid", sentence, remedy, len(measured.changed))


def throttled(measured: MeasuredTrial) -> Iterator[Finding]:
    """The control group's CPU quota ran out."""
    resources = measured.trial.resources
    seconds = resources.system.throttled_s if resources else None
    share = (seconds or 0.0) / measured.result.window_s
    if share > THROTTLED_CAUTION:
        sentence = f"the CPU quota of the control group ran out for {format_percent(share)} of the time"
        found = severity(share, THROTTLED_INVALID)
        yield Finding("throttled", found, sentence, "raise the container's CPU limit", share)
