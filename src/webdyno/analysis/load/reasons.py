"""Why one load is not valid or needs care: the rules of a comparison's trials, in the words of `webdyno load`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ...model.load_run import LoadRun
from ...units import format_percent
from ..failure_counts import count_errors, main_cause
from ..measured_trial import MeasuredTrial
from ..statistics.percentiles import samples_needed
from ..validity.finding import BY_HAND, FREE_CORE
from ..validity.findings import findings
from ..validity.judgement import RECONNECTS_SHOWN
from ..validity.reason import ValidityReason

# In a comparison there is one process, and connections and rate follow from the plan; here they are options.
REMEDIES = {
    "slow-templates": "use fewer or simpler templates, or share the load among more --processes",
    "overloaded": "ask for less, or allow more connections with -c",
}
MORE_PROCESSES = "share the load among more --processes, each with a core of its own, or ask for less load"
# Another process takes work from one that has much; one that lacks a core is only in its way.
MUCH_WORK = 0.5


def load_reasons(run: LoadRun, measured: MeasuredTrial) -> Iterator[ValidityReason]:
    """Everything that speaks against one load, or needs care."""
    by_hand = f"ask it by hand: curl -i {shlex.quote(run.url)}"
    free_core = MORE_PROCESSES if _is_busy(run) else FREE_CORE
    for finding in findings(measured):
        remedy = finding.remedy.replace(BY_HAND, by_hand).replace(FREE_CORE, free_core)
        # Of the server's processes nothing is known.
        if finding.name != "server-not-limit":
            yield ValidityReason(
                name=finding.name,
                severity=finding.severity,
                sentence=finding.sentence,
                remedy=REMEDIES.get(finding.name, remedy),
            )
    yield from _about_answers(run, by_hand)


def _is_busy(run: LoadRun) -> bool:
    engine = run.result.engine
    if engine is None:
        return False
    return (engine.cpu_s if engine.busy_s is None else engine.busy_s) / run.result.window_s > MUCH_WORK


def _about_answers(run: LoadRun, by_hand: str) -> Iterator[ValidityReason]:
    errors = count_errors([run.result])
    if errors.unfinished:
        sentence = f"{errors.unfinished:,} of the requests had no answer when the load ended"
        yield _caution("unanswered", sentence, by_hand)
    if late := run.result.warmup_failed:
        sentence = f"{late:,} requests of the warm-up failed or hung beyond it; they are in no other count"
        yield _caution("warmup-failed", sentence, by_hand)
    wrong = errors.failed - (errors.unfinished or 0)
    if wrong:
        cause = main_cause(errors.model_copy(update={"unfinished": 0}), run.expected_status)
        sentence = f"{format_percent(wrong / errors.requests)} of the requests failed ({wrong:,}): {cause}"
        yield _caution("errors", sentence, f"find the cause first: {by_hand}")
    reconnects = (errors.reconnects or 0) / max(errors.requests, 1)
    if reconnects > RECONNECTS_SHOWN:
        sentence = f"{format_percent(min(reconnects, 1.0))} of the requests needed a new connection"
        yield _caution("reconnects", sentence, "see why the server closes them: its keep-alive settings")


def sample_reasons(answered: int, beyond: int, p99: float | None) -> Iterator[ValidityReason]:
    """Why there is no p99.

    Args:
        answered: right answers.
        beyond: requests that rank above every one of them.
        p99: where there is one, nothing is said.
    """
    if p99 is not None or not answered:
        return
    if answered + beyond < samples_needed(0.99):
        sentence = f"no p99: {answered:,} answers, it needs {samples_needed(0.99):,}"
        yield _caution("few-samples", sentence, "measure longer: --duration")
    else:
        sentence = "no p99: more than 1 % of the requests had no answer in time"
        yield _caution("beyond-timeout", sentence, "ask for less load, or give a longer --timeout")


def _caution(name: str, sentence: str, remedy: str) -> ValidityReason:
    return ValidityReason(name=name, severity="caution", sentence=sentence, remedy=remedy)
