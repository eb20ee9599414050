"""From a run to all that may be said about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from string import ascii_uppercase

from ...errors import StoreError
from ...model.fact import fact
from ...model.metric import METRICS, Metric
from ...model.notation import parse_stack
from ...model.run import Run
from ...model.trial import Trial
from ...model.verdict import Family, Verdict
from ...units import printable
from ..machine.margins import raised_margins
from ..validity.judgement import run_reasons
from ..validity.reason import ValidityReason
from .agreement import agreed
from .analysis import Analysis, StackSummary
from .block_difference_facts import differences_reason
from .block_differences import block_differences
from .contrasts import contrasts
from .looks import looks_of
from .order import order
from .order_statements import order_statements
from .statements import statements
from .summary import summaries
from .verdicts import NO_FLOORS, Comparison, ratios, rivals, verdicts
from .what_is_open import remaining


def analyse(run: Run) -> Analysis:
    """Say what a run shows: pure, and for whatever part of the run there is.

    Raises:
        StoreError: the run contradicts itself, or a stored histogram is damaged.
    """
    judged, unlabelled = summaries(run)
    stacks = _labelled(unlabelled)
    ranked = sorted((stack for stack in stacks if stack.throughput), key=_throughput, reverse=True)
    baseline, about_baseline = chosen_baseline(run.experiment.baseline, stacks)
    main, found = run.experiment.main_metric, _judged(run, baseline, stacks, ranked)
    records = {record.notation: record for record in run.stacks}
    parsed = {name: records[name].stack if name in records else parse_stack(name) for name in run.experiment.stacks}
    apart = contrasts(ranked, parsed, looks_of(run).level)
    in_order = order(run, stacks) if run.experiment.quick else None
    if in_order is not None:
        found = agreed(found, in_order)
    differences = block_differences(run, baseline, stacks)
    return Analysis(
        baseline=baseline.notation,
        stacks=stacks,
        ranking=tuple(stack.notation for stack in ranked),
        verdicts=found,
        contrasts=apart,
        order=in_order,
        differences=differences,
        statements=(
            *order_statements(run, in_order),
            *statements(baseline, stacks, ranked, found, apart, parsed, looks_of(run)),
        ),
        remaining=remaining(found, {stack.notation: stack.label for stack in stacks}),
        reasons=(
            *run_reasons(run, judged),
            *about_baseline,
            *raised_margins(run.floor, found),
            *differences_reason(differences),
        ),
        answered=any(one.metric == main for one in found) or (len(stacks) == 1 and _measured(main, stacks[0])),
    )


def block_seconds(trials: Sequence[Trial]) -> float | None:
    """How long one block takes, from the first trial of one to the first of the next; None below two blocks.

    The median, since whoever sets the clock meanwhile makes one of them negative or days long.
    """
    begins: dict[int, datetime] = {}
    for trial in trials:
        if trial.block:
            begins.setdefault(trial.block, trial.started)
    moments = [begins[block] for block in sorted(begins)]
    taken = median([(after - before).total_seconds() for before, after in pairwise(moments)] or [0.0])
    return taken if taken > 0 else None


def label(place: int) -> str:
    """A, B ... Z, AA, AB ...: how tables and charts refer to the stack at this place, from 0."""
    rest, letter = divmod(place, len(ascii_uppercase))
    return (label(rest - 1) if rest else "") + ascii_uppercase[letter]


def _labelled(stacks: Sequence[StackSummary]) -> tuple[StackSummary, ...]:
    best_first = sorted(stacks, key=lambda stack: (stack.valid, _throughput(stack)), reverse=True)
    labels = {stack.notation: label(place) for place, stack in enumerate(best_first)}
    return tuple(stack.model_copy(update={"label": labels[stack.notation]}) for stack in stacks)


def _measured(metric: Metric, stack: StackSummary) -> bool:
    """Whether there is a valid figure of a stack that is measured alone, as it would be compared."""
    return bool(ratios(Comparison(metric, stack, stack)))


def _throughput(stack: StackSummary) -> float:
    return stack.throughput.value if stack.throughput else 0.0


def chosen_baseline(asked: str, stacks: Sequence[StackSummary]) -> tuple[StackSummary, list[ValidityReason]]:
    """What ratios refer to: the stack that is asked for, or the first valid one where it is not, with why.

    Raises:
        StoreError: the run has no such stack.
    """
    first = next((stack for stack in stacks if stack.notation == asked), None)
    if first is None:
        raise StoreError(f"the run's baseline {printable(asked):.80} is none of its stacks", "measure anew")
    instead = next((stack for stack in stacks if stack.valid), None)
    if first.valid or instead is None:
        return first, []
    reason = ValidityReason(
        name="baseline-invalid",
        severity="caution",
        what=fact("baseline-invalid", asked=asked, instead=instead.notation),
        advice=fact("other-baseline"),
    )
    return instead, [reason]


def _judged(
    run: Run, baseline: StackSummary, stacks: Sequence[StackSummary], ranked: Sequence[StackSummary]
) -> tuple[Verdict, ...]:
    """What the run is about as one family, the other metrics as a second one."""
    plan, block_s = run.experiment, block_seconds(run.trials)
    floors = run.floor.differences if run.floor else NO_FLOORS
    families: dict[Family, list[Comparison]] = {"primary": [], "secondary": []}
    for stack in rivals(baseline, stacks):
        for metric in plan.metrics or METRICS:
            family: Family = "primary" if metric in plan.primary_metrics else "secondary"
            families[family].append(Comparison(metric, stack, baseline))
    if "throughput" in plan.primary_metrics and len(ranked) > 1 and baseline not in ranked[:2]:
        families["primary"].append(Comparison("throughput", ranked[0], ranked[1]))
    return tuple(
        one
        for family, compared in families.items()
        for one in verdicts(compared, family, block_s=block_s, floors=floors, looks=looks_of(run))
    )
