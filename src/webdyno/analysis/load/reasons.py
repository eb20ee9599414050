"""Why one load is not valid or needs care: the rules of a comparison's trials, in the words of `webdyno load`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ...model.fact import Fact, fact
from ...model.load_run import LoadRun
from ..failure_counts import count_errors, main_cause
from ..measured_load import MeasuredLoad
from ..statistics.percentiles import Times, samples_needed
from ..validity.finding import BY_HAND, FREE_CORE, in_place
from ..validity.findings import findings_of_load
from ..validity.judgement import RECONNECTS_SHOWN
from ..validity.reason import ValidityReason

# In a comparison there is one process, and connections and rate follow from the plan; here they are options.
ADVICE = {"slow-templates": fact("fewer-templates.load"), "overloaded": fact("less-load")}
MORE_PROCESSES = fact("more-processes")
# Another process takes work from one that has much; one that lacks a core is only in its way.
MUCH_WORK = 0.5


def load_reasons(run: LoadRun, measured: MeasuredLoad) -> Iterator[ValidityReason]:
    """Everything that speaks against one load, or needs care."""
    by_hand = fact("by-hand.url", url=shlex.quote(run.url))
    instead = {BY_HAND.key: by_hand, FREE_CORE.key: MORE_PROCESSES if _is_busy(run) else FREE_CORE}
    for finding in findings_of_load(measured):
        advice = ADVICE.get(finding.name) or in_place(finding.advice, instead)
        yield ValidityReason(name=finding.name, severity=finding.severity, what=finding.what, advice=advice)
    yield from _about_answers(run, by_hand)


def _is_busy(run: LoadRun) -> bool:
    engine = run.result.engine
    if engine is None:
        return False
    return (engine.cpu_s if engine.busy_s is None else engine.busy_s) / run.result.window_s > MUCH_WORK


def _about_answers(run: LoadRun, by_hand: Fact) -> Iterator[ValidityReason]:
    errors = count_errors([run.result])
    if errors.unfinished:
        yield _caution("unanswered", fact("load.unanswered", count=errors.unfinished), by_hand)
    if late := run.result.warmup_failed:
        yield _caution("warmup-failed", fact("load.warmup-failed", count=late), by_hand)
    if wrong := errors.wrong:
        cause = main_cause(errors, run.expected_status)
        what = fact("load.errors", share=wrong / errors.requests, count=wrong, cause=cause)
        yield _caution("errors", what, fact("find-cause", how=by_hand))
    if errors.reconnecting > RECONNECTS_SHOWN:
        yield _caution("reconnects", fact("load.reconnects", share=errors.reconnecting), fact("keep-alive"))


def sample_reasons(times: Times) -> Iterator[ValidityReason]:
    """Why there is no p99."""
    why = times.why_unknown(0.99)
    if why == "few-samples":
        what = fact("load.few-samples", count=times.answered.count, needed=samples_needed(0.99))
        yield _caution("few-samples", what, fact("longer.duration"))
    elif why == "beyond-timeout":
        yield _caution("beyond-timeout", fact("load.beyond-timeout"), fact("less-load.or-patience"))


def _caution(name: str, what: Fact, advice: Fact) -> ValidityReason:
    return ValidityReason(name=name, severity="caution", what=what, advice=advice)
