"""Why a trial has no figures, or none that count, where it is said while it is measured."""

from __future__ import annotations

TRIAL = {
    "nothing-right": "not one successful response in {window_s:duration}: {what}",
    "nothing-right.kinds": "{kinds:list}",
    "nothing-right.kinds-and-sample": "{kinds:list}, such as {sample}",
    "nothing-right.unanswered": "{count:count} requests had no response in time",
    "partner-failed": "{stack}, at whose side it was measured, failed",
    "or-in-turn": "{remedy}; if it cannot run beside the other stacks: --in-turn",
    "see-there": "see there",
    "more-time": (
        "see why it does not respond; if it only needs longer than {timeout_s:exact} s: --timeout {longer_s:exact}s"
    ),
    # It did less than it was asked to.
    "skipped-calls": (
        "{answered:count} successful responses need {needed:count} calls of the {dependency}, but it had {had:count}"
    ),
    "kept.date": "its Date header stood still for {seconds:plain} s: its responses come from a cache",
    "kept.old-date": (
        "its Date header was more than {seconds:plain} s old while it was idle: its responses come from a cache"
    ),
    "kept.value": "two responses have the same {name}: they come from a cache",
    "kept.no-value": "a response has no {name}",
}
