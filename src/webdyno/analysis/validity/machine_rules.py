"""What the machine did to a trial: time that others took away."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.fact import fact
from ..measured_load import MeasuredLoad
from ..measured_trial import MeasuredTrial
from .finding import Finding, severity

# 1 % of stolen time can be seen in results; 5 % moves them by as much as what is usually compared.
STEAL_CAUTION, STEAL_INVALID = 1.0, 5.0
THROTTLED_CAUTION, THROTTLED_INVALID = 0.01, 0.05

MACHINE = fact("dedicated-cores")


def steal(measured: MeasuredLoad) -> Iterator[Finding]:
    """The hypervisor gave CPU time to others."""
    percent = measured.system.steal_percent if measured.system else None
    if percent is not None and percent > STEAL_CAUTION:
        what = fact("steal", share=percent / 100)
        yield Finding("steal", severity(percent, STEAL_INVALID), what, MACHINE, percent)


def environment_changed(measured: MeasuredTrial) -> Iterator[Finding]:
    """What was measured before and after is not the same stack, or not the same machine."""
    if measured.changed:
        what = fact("environment-changed", what=measured.changed)
        yield Finding("environment-changed", "invalid", what, fact("leave-alone"), len(measured.changed))


def throttled(measured: MeasuredLoad) -> Iterator[Finding]:
    """The control group's CPU quota ran out."""
    seconds = measured.system.throttled_s if measured.system else None
    share = (seconds or 0.0) / measured.result.window_s
    if share > THROTTLED_CAUTION:
        found = severity(share, THROTTLED_INVALID)
        yield Finding("throttled", found, fact("throttled", share=share), fact("raise-quota"), share)
