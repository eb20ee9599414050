"""Each stack over all its trials."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ...model.run import Experiment, Run
from ...model.trial import Trial
from ..failure_counts import count_errors
from ..measured_trial import MeasuredTrial, with_results
from ..statistics.estimates import geometric_estimate
from ..statistics.percentiles import percentiles
from ..validity.judgement import Judgement, judge
from .analysis import BlockValues, Memory, StackSummary


def summaries(run: Run) -> tuple[list[Judgement], list[StackSummary]]:
    """What may be used of each stack, and its figures yet without a label, in the order of the experiment.

    Raises:
        StoreError: a stored histogram is damaged.
    """
    names = run.experiment.stacks
    records = {record.notation: record for record in run.stacks}
    trials = {name: [trial for trial in run.trials if trial.stack == name] for name in names}
    judged = [judge(name, records.get(name), trials[name], run.cpus) for name in names]
    found = [summarise(name, run.experiment, one, trials[name]) for name, one in zip(names, judged, strict=True)]
    return judged, found


def of_closed_load(run: Run) -> Run:
    """The run without the trials of the open load, half of them, where its main metric does not come of these."""
    if run.experiment.main_metric not in ("throughput", "cpu_per_request"):
        return run
    return run.model_copy(update={"trials": tuple(trial for trial in run.trials if trial.phase != "rate")})


def summarise(notation: str, experiment: Experiment, judgement: Judgement, trials: Sequence[Trial]) -> StackSummary:
    """The figures of one stack, yet without its label; only usable trials enter an average."""
    saturation, rate, closed = judgement.saturation, judgement.rate, judgement.closed
    measured = [one for one in with_results(trials) if one.trial.phase != "pilot"]
    started = [(trial.block, trial.startup_s) for trial in trials if trial.startup_s is not None]
    # The pilot starts with cold caches of the file system: it stands in only where there is no block.
    starts = [start for block, start in started if block] or [start for _, start in started]
    cpu = [value for one in closed if (value := one.cpu_per_request_us) is not None]
    return StackSummary(
        notation=notation,
        label="",
        valid=bool(closed),
        throughput=geometric_estimate([one.result.throughput for one in saturation]),
        cpu_per_request_us=geometric_estimate(cpu),
        saturation=percentiles([one.times for one in saturation]),
        response=percentiles([one.times for one in rate]),
        offered_rate=experiment.rate.rate if experiment.rate else None,
        memory=_memory((*closed, *rate)),
        errors=count_errors(one.result for one in measured),
        errors_saturation=count_errors(one.result for one in measured if one.trial.phase == "saturation"),
        errors_rate=count_errors(one.result for one in measured if one.trial.phase == "rate"),
        startup_s=statistics.median(starts) if starts else None,
        blocks=_block_values(judgement, trials),
        used={
            phase: tuple(one.trial.block for one in usable)
            for phase, usable in (("saturation", saturation), ("rate", rate), ("duet", judgement.duet))
            if usable
        },
        reasons=judgement.reasons,
    )


def _memory(usable: Sequence[MeasuredTrial]) -> Memory:
    sampled = [one.trial.resources for one in usable if one.trial.resources and one.trial.resources.samples]
    if not sampled:
        return Memory(rss_mean=None, rss_peak=None, vms_mean=None, vms_peak=None)
    return Memory(
        rss_mean=statistics.fmean(use.rss_mean_bytes for use in sampled),
        rss_peak=max(use.rss_peak_bytes for use in sampled),
        vms_mean=statistics.fmean(use.vms_mean_bytes for use in sampled),
        vms_peak=max(use.vms_peak_bytes for use in sampled),
    )


def _block_values(judgement: Judgement, trials: Sequence[Trial]) -> tuple[BlockValues, ...]:
    closed = {one.trial.block: one for one in judgement.closed}
    rate = {one.trial.block: one for one in judgement.rate}
    blocks = sorted({trial.block for trial in trials if trial.phase != "pilot"})
    return tuple(_one_block(block, closed.get(block), rate.get(block)) for block in blocks)


def _one_block(block: int, closed: MeasuredTrial | None, rate: MeasuredTrial | None) -> BlockValues:
    peaks = [peak for one in (closed, rate) if one and (peak := one.rss_peak_bytes) is not None]
    return BlockValues(
        block=block,
        throughput=closed.result.throughput if closed and closed.trial.phase == "saturation" else None,
        cpu_per_request_us=closed.cpu_per_request_us if closed else None,
        p50_ms=rate.response_ms(0.5) if rate else None,
        p99_ms=rate.response_ms(0.99) if rate else None,
        rss_bytes=max(peaks) if peaks else None,
    )
