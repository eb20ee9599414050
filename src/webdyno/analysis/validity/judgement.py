"""Which trials may be used, and every reason why one may not or needs care."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...model.fact import Fact, fact
from ...model.run import CpuPlan, Run, StackRecord
from ...model.trial import FAILING_SHARE, Phase, Trial
from ...texts.catalogue import fact_of, in_sentence
from ..failure_counts import count_errors, main_cause
from ..measured_trial import MeasuredTrial, with_results
from ..statistics.percentiles import merged, samples_needed, samples_needed_in_block
from .body_rules import body_reasons
from .finding import BY_HAND, FREE_CORE, Finding, in_place
from .findings import findings
from .generator_rules import out_of_sockets
from .lag_rules import moved_together, what_moved
from .pace_rules import fell_behind
from .reason import ValidityReason
from .running_rules import instead, running_reasons
from .server_rules import HONEST, OWN_FAILURES, less

# Survivors of a stack that often dies flatter it; one lost trial in a default run of six blocks is forgiven.
LOST_TRIALS_INVALID = 0.25
# Below it reconnects are the odd keep-alive limit (gunicorn's max_requests, a restart).
RECONNECTS_SHOWN = 0.10
MUCH_OUTPUT_BYTES = 64 * 2**20
# Below ten blocks the t-interval holds but is wide: t(5) is 14 % above t(9), and the scatter itself is badly known.
FIRM_BLOCKS = 10
LOWER_RATE = fact("lower-rate")


class Judgement(NamedTuple):
    """What may be used of one stack.

    Attributes:
        saturation, rate, duet: the usable trials, by block.
        reasons: of everything left out and of everything that needs care.
    """

    saturation: tuple[MeasuredTrial, ...]
    rate: tuple[MeasuredTrial, ...]
    duet: tuple[MeasuredTrial, ...]
    reasons: tuple[ValidityReason, ...]

    @property
    def closed(self) -> tuple[MeasuredTrial, ...]:
        """The usable trials under closed load, whether in turn or in a duet: a run has one or the other."""
        return self.saturation or self.duet


def judge(notation: str, record: StackRecord | None, trials: Sequence[Trial], cpus: CpuPlan) -> Judgement:
    """Decide which trials of one stack may be used.

    Args:
        notation: the stack.
        record: how it ran; None where it could not be set up.
        trials: all of this stack, of every phase.
        cpus: who had which CPUs.
    """
    expected_status = (record.expected.status if record and record.expected else None) or 200
    workers = _workers(record)
    cores = max(min(workers, len(cpus.server)), 1)
    measured = list(with_results(trials, cores, workers, own_core=cpus.apart))
    saturation, about_saturation = _judge_phase("saturation", trials, measured, expected_status)
    rate, about_rate = _judge_phase("rate", trials, measured, expected_status)
    duet, about_duet = _judge_phase("duet", trials, measured, expected_status)
    reasons = [
        *_never_measured(record, trials),
        *_lost_trials("pilot", trials),
        *about_saturation,
        *about_rate,
        *about_duet,
        *running_reasons(record),
        *_unequal(record, trials),
        *body_reasons(record, trials),
        *_without_p99(rate),
        *_moved_by_lag(rate),
        *_among_unanswered(rate),
        *_piled_up(rate),
    ]
    told = (
        reason.model_copy(update={"stack": notation, "advice": in_place(reason.advice, instead(record))})
        for reason in reasons
    )
    return Judgement(saturation, rate, duet, tuple(told))


def run_reasons(run: Run, judgements: Iterable[Judgement]) -> list[ValidityReason]:
    """What needs care about the run as a whole."""
    blocks = max((len(judgement.closed) for judgement in judgements), default=0)
    reasons = []
    if run.experiment.duet:
        reasons.append(_caution("duet", fact("duet"), fact("without-duet")))
    if run.state == "interrupted":
        reasons.append(_caution("interrupted", fact("interrupted")))
    if run.state == "failed":
        reasons.append(_caution("failed", fact("failed")))
    if blocks == 1:
        reasons.append(_caution("few-blocks", fact("few-blocks.one"), fact("more-blocks.two")))
    elif 2 <= blocks < FIRM_BLOCKS and not _went_on(run):
        what = fact("few-blocks", blocks=blocks, firm=FIRM_BLOCKS)
        reasons.append(_caution("few-blocks", what, fact("more-blocks", blocks=FIRM_BLOCKS)))
    if not run.cpus.apart and run.launches != "none":
        reasons.append(_caution("shared-cpu", fact("shared-cpu"), fact("two-cores")))
    if not run.cpus.pinned and run.launches != "none":
        reasons.append(_caution("not-pinned", fact("not-pinned"), fact("on-linux")))
    return reasons


def _went_on(run: Run) -> bool:
    """Whether it went on until enough was known or time was up: then no more blocks were to be had, or needed.

    A run that blocks were added to had ended before, so that more are to be had.
    """
    plan = run.experiment
    return plan.precision is not None or (plan.looks is not None and not run.continuations)


def _workers(record: StackRecord | None) -> int:
    workers = record.stack.option("workers") if record else None
    return int(workers) if workers and workers.isdecimal() else 1


def _judge_phase(
    phase: Phase, trials: Sequence[Trial], with_result: Sequence[MeasuredTrial], expected_status: int
) -> tuple[tuple[MeasuredTrial, ...], list[ValidityReason]]:
    of_phase = [trial for trial in trials if trial.phase == phase]
    measured = [one for one in with_result if one.trial.phase == phase]
    # Connections that the generator could not open are no errors of the server's.
    connected = [one for one in measured if not out_of_sockets(one)]
    found = {one.trial.block: findings(one) for one in measured}
    usable = tuple(one for one in measured if all(f.severity != "invalid" for f in found[one.trial.block]))
    reasons = [
        *_lost_trials(phase, trials),
        *_errors(phase, connected, expected_status),
        *_unanswered(phase, measured),
        *_much_output(phase, measured),
        *_own_failures(_merged(phase, found), of_phase),
    ]
    # Errors and lost trials speak of the whole stack: leaving out only the bad blocks would flatter it.
    unfit = any(reason.severity == "invalid" and reason.name in OF_THE_STACK for reason in reasons)
    return (() if unfit else usable), reasons


OF_THE_STACK = frozenset({"errors", "less-work", "no-result", "unstable-server", *OWN_FAILURES})
"""Reasons that are a stack's own, whatever the machine did."""


def _own_failures(merged: Sequence[ValidityReason], of_phase: Sequence[Trial]) -> list[ValidityReason]:
    """Blocks in which the server itself failed count as lost trials do: too many of them, and it is not ranked."""
    failed = {trial.block for trial in of_phase if trial.result is None}
    own = [reason for reason in merged if reason.name in OWN_FAILURES and reason.severity == "invalid"]
    failed.update(block for reason in own for block in reason.blocks)
    told = []
    for reason in merged:
        what, severity = reason.what, reason.severity
        if reason in own and len(failed) > LOST_TRIALS_INVALID * len(of_phase):
            what = fact("failed-trials", failed=len(failed), of=len(of_phase), what=what)
        elif reason in own:
            what, severity = fact("other-blocks-only", what=what), "caution"
        told.append(reason.model_copy(update={"what": what, "severity": severity}))
    return told


def _unanswered(phase: Phase, measured: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    count = sum(one.result.unanswered for one in measured)
    blocks = tuple(sorted(one.trial.block for one in measured if one.result.unfinished))
    return [_caution("unanswered", fact("unanswered", count=count), BY_HAND, phase, blocks)] if count else []


def _much_output(phase: Phase, measured: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    most = max((one.trial.output_bytes for one in measured), default=0)
    if most <= MUCH_OUTPUT_BYTES:
        return []
    blocks = tuple(sorted(one.trial.block for one in measured if one.trial.output_bytes > MUCH_OUTPUT_BYTES))
    return [_caution("much-output", fact("much-output", size=most), fact("log-less"), phase, blocks)]


def _merged(phase: Phase, found: dict[int, list[Finding]]) -> list[ValidityReason]:
    worst: dict[tuple[str, str], Finding] = {}
    blocks: dict[tuple[str, str], list[int]] = {}
    for block, of_block in sorted(found.items()):
        for finding in of_block:
            key = finding.name, finding.severity
            blocks.setdefault(key, []).append(block)
            if key not in worst or finding.weight > worst[key].weight:
                worst[key] = finding
    return [
        ValidityReason(
            name=finding.name,
            severity=finding.severity,
            what=finding.what,
            advice=finding.advice,
            phase=phase,
            blocks=tuple(blocks[key]),
        )
        for key, finding in worst.items()
    ]


def _never_measured(record: StackRecord | None, trials: Sequence[Trial]) -> list[ValidityReason]:
    if record is None and not trials:
        return [_invalid("not-measured", fact("not-measured.set-up"), fact("see-notes"))]
    if any(trial.phase in ("saturation", "duet") or (trial.phase == "pilot" and trial.failure) for trial in trials):
        return []
    done = "not-measured.pilot" if trials and trials[-1].phase == "pilot" else "not-measured.nothing"
    return [_invalid("not-measured", fact(done), fact("see-notes.or-go-on"))]


def _lost_trials(phase: Phase, trials: Sequence[Trial]) -> list[ValidityReason]:
    of_phase = [trial for trial in trials if trial.phase == phase]
    # A pilot without one right answer has a result and is lost all the same; in blocks, `no-answers` speaks of that.
    lost = [trial for trial in of_phase if trial.result is None or (phase == "pilot" and trial.failure)]
    if not lost:
        return []
    last = lost[-1]
    why = in_sentence(last.failure) if last.failure else ""
    if last.result and last.result.delivered:
        # It answered in the pilot, and rightly: what was wrong is what it did, or did not do, for the answers.
        return [_invalid("less-work", less(why), HONEST, phase, (last.block,))]
    what = fact("no-result", why=why) if why else fact("no-result.unknown")
    advice = fact("as-said", remedy=in_sentence(last.remedy)) if last.remedy else BY_HAND
    blocks = tuple(sorted(trial.block for trial in lost))
    others = any(trial.phase != "pilot" for trial in trials)
    if len(lost) == len(of_phase) and (phase != "pilot" or not others):
        return [_invalid("no-result", what, advice, phase, blocks)]
    if len(lost) > LOST_TRIALS_INVALID * len(of_phase) and phase != "pilot":
        unstable = fact("unstable-server", lost=len(lost), of=len(of_phase), last=what)
        return [_invalid("unstable-server", unstable, advice, phase, blocks)]
    return [_caution("no-result", what, advice, phase, blocks)]


def _errors(phase: Phase, measured: Sequence[MeasuredTrial], expected_status: int) -> list[ValidityReason]:
    errors = count_errors(one.result for one in measured)
    # Requests without an answer are told by `unanswered`: what the server could not take in time is no wrong answer.
    wrong = errors.wrong
    if not wrong:
        return []
    share = wrong / errors.requests
    cause = main_cause(errors, expected_status)
    blocks = tuple(sorted(one.trial.block for one in measured if one.result.failed or one.result.dropped))
    if share > FAILING_SHARE:
        what = fact("errors", share=share, cause=cause)
        return [_invalid("errors", what, fact("find-cause", how=BY_HAND), phase, blocks)]
    return [_caution("errors", fact("errors.few", share=share, count=wrong, cause=cause), None, phase, blocks)]


def _unequal(record: StackRecord | None, trials: Sequence[Trial]) -> list[ValidityReason]:
    notes = record.notes if record else ()
    reasons = [_caution("unequal", fact_of(note) or fact("unequal", note=note.text)) for note in notes]
    errors = count_errors(one.result for one in with_results(trials) if one.trial.phase != "pilot")
    if errors.reconnecting > RECONNECTS_SHOWN:
        reasons.append(_caution("reconnects", fact("reconnects", share=errors.reconnecting), fact("keep-connections")))
    return reasons


def _without_p99(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    times = merged([one.times for one in rate])
    why = times and times.why_unknown(0.99)
    if times and why == "few-samples":
        what = fact("few-samples", count=times.answered.count, needed=samples_needed(0.99))
        return [_caution("few-samples", what, fact("longer.or-blocks"), "rate")]
    return [_caution("beyond-timeout", fact("beyond-timeout"), LOWER_RATE, "rate")] if why == "beyond-timeout" else []


def _moved_by_lag(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    """Each trial is fit for use, and what is shown of all together may still be partly the generator's own."""
    moved = moved_together(rate)
    return [_caution("lag", what_moved(moved), FREE_CORE, "rate")] if moved else []


def _among_unanswered(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    """The other blocks alone would flatter it, so such a percentile is not compared (see `verdicts`)."""
    reasons = []
    for name, q in (("p50-unanswered", 0.5), ("p99-unanswered", 0.99)):
        enough = [one for one in rate if one.times.total >= samples_needed_in_block(q)]
        blocks = tuple(sorted(one.trial.block for one in enough if one.response_ms(q) is None))
        if blocks:
            what = fact(name, blocks=len(blocks), of=len(rate))
            reasons.append(_caution(name, what, LOWER_RATE, "rate", blocks))
    return reasons


def _piled_up(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    """While requests pile up, response times grow with the window: they are its own, not the stack's."""
    blocks = tuple(one.trial.block for one in rate if fell_behind(one))
    if len(blocks) <= LOST_TRIALS_INVALID * len(rate):
        return []
    what = fact("times-overloaded", blocks=len(blocks), of=len(rate))
    return [_caution("times-overloaded", what, LOWER_RATE, "rate", blocks)]


def _invalid(
    name: str, what: Fact, advice: Fact | None = None, phase: Phase | None = None, blocks: tuple[int, ...] = ()
) -> ValidityReason:
    return ValidityReason(name=name, severity="invalid", what=what, advice=advice, phase=phase, blocks=blocks)


def _caution(
    name: str, what: Fact, advice: Fact | None = None, phase: Phase | None = None, blocks: tuple[int, ...] = ()
) -> ValidityReason:
    return ValidityReason(name=name, severity="caution", what=what, advice=advice, phase=phase, blocks=blocks)
