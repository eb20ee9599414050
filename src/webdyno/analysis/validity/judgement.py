"""Which trials may be used, and every reason why one may not or needs care."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...model.run import CpuPlan, Experiment, Run, StackRecord
from ...model.trial import Phase, Trial
from ...units import format_bytes, format_percent
from ..failure_counts import count_errors, main_cause
from ..measured_trial import MeasuredTrial, with_results
from ..statistics.percentiles import censored, percentiles, samples_needed, samples_needed_in_block
from .body_rules import body_reasons
from .finding import BY_HAND, Finding
from .findings import findings
from .generator_rules import out_of_sockets
from .pace_rules import fell_behind
from .reason import ValidityReason
from .server_rules import HONEST, OWN_FAILURES, less

# A stack that fails one request in a hundred does less work than the others: its speed is not comparable.
ERRORS_INVALID = 0.01
# Survivors of a stack that often dies flatter it; one lost trial in a default run of six blocks is forgiven.
LOST_TRIALS_INVALID = 0.25
# Below it reconnects are the odd keep-alive limit (gunicorn's max_requests, a restart).
RECONNECTS_SHOWN = 0.10
MUCH_OUTPUT_BYTES = 64 * 2**20
# Below ten blocks the t-interval holds but is wide: t(5) is 14 % above t(9), and the scatter itself is badly known.
FIRM_BLOCKS = 10


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
        *_unequal(record, trials),
        *body_reasons(record, trials),
        *_without_p99(rate),
        *_among_unanswered(rate),
        *_piled_up(rate),
    ]
    return Judgement(saturation, rate, duet, tuple(reason.model_copy(update={"stack": notation}) for reason in reasons))


def run_reasons(run: Run, judgements: Iterable[Judgement]) -> list[ValidityReason]:
    """What needs care about the run as a whole."""
    blocks = max((len(judgement.closed) for judgement in judgements), default=0)
    reasons = []
    if run.experiment.duet:
        sentence = "both ran at once on the same cores: CPU per request and memory can be compared, and nothing else"
        reasons.append(_caution("duet", sentence, "leave out --duet for throughput and response times"))
    if run.state == "interrupted":
        reasons.append(
            _caution("interrupted", "the run was interrupted: it stands on what was measured until then", "")
        )
    if run.state == "failed":
        reasons.append(
            _caution("failed", "the run ended early by an error: it stands on what was measured until then", "")
        )
    if blocks == 1:
        remedy = "measure at least 2 blocks, better 10: --blocks 10"
        reasons.append(_caution("few-blocks", "one block gives no interval: nothing can be decided", remedy))
    elif 2 <= blocks < FIRM_BLOCKS and not _went_on(run.experiment):
        sentence = f"{blocks} blocks give wide intervals; {FIRM_BLOCKS} or more make a firm verdict"
        reasons.append(_caution("few-blocks", sentence, f"--blocks {FIRM_BLOCKS}"))
    if not run.cpus.apart:
        sentence = "the load generator and the servers shared a CPU: each took time from the other"
        reasons.append(_caution("shared-cpu", sentence, "use a machine with two cores or more"))
    if not run.cpus.pinned:
        sentence = "processes could not be bound to CPUs: the load generator may have disturbed the servers"
        reasons.append(_caution("not-pinned", sentence, "measure on Linux"))
    return reasons


def _went_on(plan: Experiment) -> bool:
    """Whether it went on until enough was known or time was up: then no more blocks were to be had, or needed."""
    return plan.precision is not None or plan.looks is not None


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
    unfit = any(reason.severity == "invalid" and reason.name in _OF_THE_STACK for reason in reasons)
    return (() if unfit else usable), reasons


_OF_THE_STACK = ("errors", "less-work", "no-result", "unstable-server", *OWN_FAILURES)


def _own_failures(merged: Sequence[ValidityReason], of_phase: Sequence[Trial]) -> list[ValidityReason]:
    """Blocks in which the server itself failed count as lost trials do: too many of them, and it is not ranked."""
    failed = {trial.block for trial in of_phase if trial.result is None}
    own = [reason for reason in merged if reason.name in OWN_FAILURES and reason.severity == "invalid"]
    failed.update(block for reason in own for block in reason.blocks)
    told = []
    for reason in merged:
        sentence, severity = reason.sentence, reason.severity
        if reason in own and len(failed) > LOST_TRIALS_INVALID * len(of_phase):
            sentence = f"in {len(failed)} of {len(of_phase)} trials it failed: {sentence}"
        elif reason in own:
            sentence, severity = f"{sentence}; its figures stand on the other blocks only", "caution"
        told.append(reason.model_copy(update={"sentence": sentence, "severity": severity}))
    return told


def _unanswered(phase: Phase, measured: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    count = sum(one.result.unanswered for one in measured)
    blocks = tuple(sorted(one.trial.block for one in measured if one.result.unfinished))
    sentence = f"{count:,} of its requests had no answer when the trial ended"
    return [_caution("unanswered", sentence, BY_HAND, phase, blocks)] if count else []


def _much_output(phase: Phase, measured: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    most = max((one.trial.output_bytes for one in measured), default=0)
    if most <= MUCH_OUTPUT_BYTES:
        return []
    blocks = tuple(sorted(one.trial.block for one in measured if one.trial.output_bytes > MUCH_OUTPUT_BYTES))
    sentence = f"its log was {format_bytes(most)}, the first and last part were kept: to write that much costs time too"
    return [_caution("much-output", sentence, "let it log less, as in production, and measure again", phase, blocks)]


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
            sentence=finding.sentence,
            remedy=finding.remedy,
            phase=phase,
            blocks=tuple(blocks[key]),
        )
        for key, finding in worst.items()
    ]


def _never_measured(record: StackRecord | None, trials: Sequence[Trial]) -> list[ValidityReason]:
    if record is None and not trials:
        return [_invalid("not-measured", "its set-up failed", "see the notes of the run")]
    if any(trial.phase in ("saturation", "duet") or (trial.phase == "pilot" and trial.failure) for trial in trials):
        return []
    done = (
        "only the pilot was measured"
        if trials and trials[-1].phase == "pilot"
        else "nothing was measured at saturation"
    )
    remedy = "see the notes of the run, or let it go on to its end"
    return [_invalid("not-measured", f"{done} before the run ended", remedy)]


def _lost_trials(phase: Phase, trials: Sequence[Trial]) -> list[ValidityReason]:
    of_phase = [trial for trial in trials if trial.phase == phase]
    # A pilot without one right answer has a result and is lost all the same; in blocks, `no-answers` speaks of that.
    lost = [trial for trial in of_phase if trial.result is None or (phase == "pilot" and trial.failure)]
    if not lost:
        return []
    last = lost[-1]
    if last.result and last.result.delivered:
        # It answered in the pilot, and rightly: what was wrong is what it did, or did not do, for the answers.
        return [_invalid("less-work", less(last.failure or ""), HONEST, phase, (last.block,))]
    sentence, remedy = last.failure or "it ended without a result", last.remedy or BY_HAND
    blocks = tuple(sorted(trial.block for trial in lost))
    others = any(trial.phase != "pilot" for trial in trials)
    if len(lost) == len(of_phase) and (phase != "pilot" or not others):
        return [_invalid("no-result", sentence, remedy, phase, blocks)]
    if len(lost) > LOST_TRIALS_INVALID * len(of_phase) and phase != "pilot":
        told = f"{len(lost)} of {len(of_phase)} trials ended without a result, the last: {sentence}"
        return [_invalid("unstable-server", told, remedy, phase, blocks)]
    return [_caution("no-result", sentence, remedy, phase, blocks)]


def _errors(phase: Phase, measured: Sequence[MeasuredTrial], expected_status: int) -> list[ValidityReason]:
    errors = count_errors(one.result for one in measured)
    # Requests without an answer are told by `unanswered`: what the server could not take in time is no wrong answer.
    wrong = errors.failed - (errors.unfinished or 0)
    if not wrong:
        return []
    share = wrong / errors.requests
    errors = errors.model_copy(update={"unfinished": 0})
    cause = main_cause(errors, expected_status)
    blocks = tuple(sorted(one.trial.block for one in measured if one.result.failed or one.result.dropped))
    if share > ERRORS_INVALID:
        sentence = f"{format_percent(share)} of its answers were errors: {cause}"
        return [_invalid("errors", sentence, f"find the cause first: {BY_HAND}", phase, blocks)]
    sentence = f"{format_percent(share)} of its answers were errors ({wrong:,}): {cause}"
    return [_caution("errors", sentence, "", phase, blocks)]


def _unequal(record: StackRecord | None, trials: Sequence[Trial]) -> list[ValidityReason]:
    reasons = [_caution("unequal", note, "") for note in (record.notes if record else ())]
    errors = count_errors(one.result for one in with_results(trials) if one.trial.phase != "pilot")
    share = (errors.reconnects or 0) / max(errors.requests, 1)
    if share > RECONNECTS_SHOWN:
        sentence = f"{format_percent(min(share, 1.0))} of its requests needed a new connection"
        reasons.append(_caution("reconnects", sentence, "choose a server or worker class that keeps connections"))
    return reasons


def _without_p99(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    times = percentiles("response time", [one.response for one in rate], [one.result for one in rate])
    if times is None or times.p99 is not None:
        return []
    needed = samples_needed(0.99)
    if times.count < needed:
        sentence = f"no p99: {times.count:,} answers at the common rate, it needs {needed:,}"
        return [_caution("few-samples", sentence, "measure longer: --duration, --blocks", "rate")]
    sentence = "no p99: more than 1 % of the requests at the common rate had no answer in time"
    return [_caution("beyond-timeout", sentence, "ask for a lower rate with --rate", "rate")]


def _among_unanswered(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    """The other blocks alone would flatter it, so such a percentile is not compared (see `verdicts`)."""
    reasons = []
    for name, metric, q in (("p50-unanswered", "p50", 0.5), ("p99-unanswered", "p99", 0.99)):
        enough = [one for one in rate if one.response.count + censored(one.result) >= samples_needed_in_block(q)]
        blocks = tuple(sorted(one.trial.block for one in enough if one.response_ms(q) is None))
        if blocks:
            where = f"in {len(blocks)} of {len(rate)} blocks it lies among the requests without an answer"
            sentence = f"its {metric} is not compared: {where}"
            reasons.append(_caution(name, sentence, "ask for a lower rate with --rate", "rate", blocks))
    return reasons


def _piled_up(rate: Sequence[MeasuredTrial]) -> list[ValidityReason]:
    """While requests pile up, response times grow with the window: they are its own, not the stack's."""
    blocks = tuple(one.trial.block for one in rate if fell_behind(one))
    if len(blocks) <= LOST_TRIALS_INVALID * len(rate):
        return []
    where = f"in {len(blocks)} of {len(rate)} blocks requests piled up, so that times grow with the window's length"
    sentence = f"its response times are not compared: {where}"
    return [_caution("times-overloaded", sentence, "ask for a lower rate with --rate", "rate", blocks)]


def _invalid(
    name: str, sentence: str, remedy: str, phase: Phase | None = None, blocks: tuple[int, ...] = ()
) -> ValidityReason:
    return ValidityReason(name=name, severity="invalid", sentence=sentence, remedy=remedy, phase=phase, blocks=blocks)


def _caution(
    name: str, sentence: str, remedy: str, phase: Phase | None = None, blocks: tuple[int, ...] = ()
) -> ValidityReason:
    return ValidityReason(name=name, severity="caution", sentence=sentence, remedy=remedy, phase=phase, blocks=blocks)
