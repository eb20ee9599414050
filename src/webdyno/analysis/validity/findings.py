"""What one trial, or one load, says about its own validity: pure functions with rules set before anything is measured.

A trial is left out for what the machine or the load generator did, never for how the server did: a server that was slow
in one block was slow. Every name is explained in docs/validity.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..measured_load import MeasuredLoad
from ..measured_trial import MeasuredTrial
from .driver_rules import driver_untold, generator_unwatched, lag_untold, responses_unchecked, times_untold
from .finding import Finding
from .generator_rules import core_shared, descriptors_exhausted, generator_limited, ports_exhausted, slow_templates
from .machine_rules import environment_changed, steal, throttled
from .pace_rules import late_generator, late_in_part, overloaded, rate_missed
from .rule import rules_of_others
from .server_rules import (
    busy_idle,
    less_work,
    littles_law,
    no_answers,
    server_not_limit,
    short_window,
    stuck_connections,
)
from .worker_rules import worker_imbalance, worker_lost


def findings(measured: MeasuredTrial) -> list[Finding]:
    """All that one trial shows, by our rules and by those of other packages.

    Raises:
        UsageError: a rule of another package fails.
    """
    others = [finding for rule in rules_of_others() for finding in rule.findings(measured)]
    if measured.trial.phase != "duet":
        return [finding for judge in _OF_A_TRIAL for finding in judge(measured)] + others
    found = ((judge, finding) for judge in _OF_A_TRIAL if judge not in _NOT_IN_A_DUET for finding in judge(measured))
    ours = [finding._replace(severity="caution") if judge in _BOTH_ALIKE else finding for judge, finding in found]
    return ours + others


def findings_of_load(measured: MeasuredLoad) -> list[Finding]:
    """The same of a load on a server of which nothing is known but its responses.

    Raises:
        UsageError: a rule of another package fails.
    """
    others = [finding for rule in rules_of_others() for finding in rule.findings_of_load(measured)]
    return [finding for judge in _OF_A_LOAD for finding in judge(measured)] + others


_GENERATOR: tuple[Callable[[MeasuredLoad], Iterator[Finding]], ...] = (
    generator_limited,
    core_shared,
    ports_exhausted,
    descriptors_exhausted,
    late_generator,
    rate_missed,
    overloaded,
)
_MACHINE = (steal, throttled)
_COUNTS = (stuck_connections, short_window, littles_law, slow_templates)
_LEFT_OUT = (responses_unchecked, generator_unwatched, lag_untold, times_untold, driver_untold)
_OF_A_LOAD = (no_answers, *_GENERATOR, late_in_part, *_MACHINE, *_COUNTS, *_LEFT_OUT)
# Those that take a trial ask for the server's processes, or for what the stack was in other blocks.
_OF_A_TRIAL: tuple[Callable[[MeasuredTrial], Iterator[Finding]], ...] = (
    no_answers,
    less_work,
    worker_lost,
    worker_imbalance,
    busy_idle,
    *_GENERATOR,
    environment_changed,
    *_MACHINE,
    *_COUNTS,
    server_not_limit,
    *_LEFT_OUT,
)
# In a duet the two load generators share a core, and the two servers as well: how many requests came through says
# nothing, and what the machine takes away it takes from both.
_NOT_IN_A_DUET = (generator_limited, core_shared, slow_templates, server_not_limit)
_BOTH_ALIKE = (steal, throttled)
