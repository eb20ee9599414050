"""What the verdicts come to: the first statement says which stack carries more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.fact import Fact, fact
from ...model.stack import Stack
from ...model.verdict import Estimate, Verdict
from ...texts.catalogue import as_shown
from ..statistics.decisions import ONE_LOOK
from ..statistics.spending import Looks
from .analysis import Contrast, StackSummary, Statement
from .contrasts import PARTS, difference, part_fact, shares
from .ratio_facts import inverse, sureness, times
from .verdicts import verdict
from .what_is_open import about_size, not_known, to_decide


def statements(
    baseline: StackSummary,
    stacks: Sequence[StackSummary],
    ranked: Sequence[StackSummary],
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    parsed: Mapping[str, Stack],
    looks: Looks = ONE_LOOK,
) -> tuple[Statement, ...]:
    """All that a run shows, the most important first.

    Args:
        baseline: what ratios refer to.
        stacks: all, in the order of the experiment.
        ranked: the valid ones, highest throughput first.
        verdicts: as in `Analysis`.
        contrasts: as in `Analysis`.
        parsed: the stack of each notation.
        looks: when the run was looked at.
    """
    return (
        *_who_carries_more(baseline, ranked, verdicts, contrasts, parsed, looks),
        *_at_what_cost(baseline, [stack for stack in ranked or stacks if stack.valid], verdicts),
        *_not_ranked(stacks),
    )


def _who_carries_more(
    baseline: StackSummary,
    ranked: Sequence[StackSummary],
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    parsed: Mapping[str, Stack],
    looks: Looks,
) -> Iterator[Statement]:
    if not ranked:
        return
    best = ranked[0]
    if len(ranked) == 1 and best.throughput:
        sure = sureness(best.throughput)
        claim = fact("throughput.alone", stack=best.notation, throughput=best.throughput.value, sure=sure)
        yield Statement(claim=claim, additions=(fact("no-other"),))
        return
    on_load = {(one.stack, one.against): one for one in verdicts if one.metric == "throughput"}
    pairs = [(one.notation, baseline.notation) for one in ranked if one is not baseline]
    if best is baseline:
        most_telling = [(ranked[1].notation, best.notation)]
    else:
        most_telling = [(best.notation, baseline.notation), (best.notation, ranked[1].notation)]
    decided = all(one.differs for pair, one in on_load.items() if best.notation in pair)
    for place, pair in enumerate(dict.fromkeys([*most_telling, *pairs])):
        if pair in on_load:
            leads = place == 0 and len(ranked) > 2 and decided and _beats_all(best, ranked[1:], looks)
            yield _on_load(on_load[pair], contrasts, parsed, leads)


def _beats_all(best: StackSummary, others: Sequence[StackSummary], looks: Looks) -> bool:
    """Whether it is ahead of each: a claim that holds only where all its parts do needs no correction."""
    compared = [verdict("throughput", best, other, looks=looks) for other in others]
    return all(one is not None and one.differs and one.direction == "higher" for one in compared)


def _on_load(found: Verdict, contrasts: Sequence[Contrast], parsed: Mapping[str, Stack], leads: bool) -> Statement:
    ratio, more, less = found.ratio, found.stack, found.against
    if ratio.value < 1:
        ratio, more, less = inverse(ratio), less, more
    value, sure = times(ratio), sureness(ratio)
    if ratio.interval is None:
        return Statement(claim=fact("throughput.one-block", more=more, less=less, ratio=value))
    if found.outcome == "tie":
        claim = fact("throughput.tie", more=more, less=less, margin=found.margin, ratio=value, sure=sure)
        return Statement(claim=claim)
    if found.direction is None:
        what = fact("throughput.versus", more=more, less=less, ratio=value, sure=sure)
        return Statement(claim=not_known(what, found), additions=(to_decide(found),))
    claim = fact(
        "throughput.fastest" if leads else "throughput.higher" if found.size_is_open else "throughput.faster",
        more=more,
        less=less,
        ratio=value,
        sure=sure,
    )
    parts = tuple(_where_from(more, less, ratio, contrasts, parsed))
    return Statement(claim=claim, additions=(*parts, *about_size(found)))


def _where_from(
    more: str, less: str, whole: Estimate, contrasts: Sequence[Contrast], parsed: Mapping[str, Stack]
) -> Iterator[Fact]:
    """What part of a difference belongs to which part of the stack, as far as measured stacks show it.

    Nothing is said of a part that would exceed the whole.
    """
    only = difference(parsed[more], parsed[less])
    if only:
        yield fact("differ-only.part" if only[0] in PARTS else "differ-only.setting", part=part_fact(only))
        return
    told_of = set()
    for contrast in contrasts:
        bound = contrast.ratio.interval
        from_it = contrast.stack == more and shares(contrast.parts, parsed[contrast.against], parsed[less])
        within = bound is not None and bound.low > 1 and contrast.ratio.value <= whole.value
        if from_it and within and contrast.parts not in told_of:
            told_of.add(contrast.parts)
            yield fact(
                "comes-with", ratio=times(contrast.ratio), part=part_fact(contrast.parts), against=contrast.against
            )


def _at_what_cost(
    baseline: StackSummary, ranked: Sequence[StackSummary], verdicts: Sequence[Verdict]
) -> Iterator[Statement]:
    """Of the best rival what differs; where throughput was not asked, all that was."""
    by_name = {stack.notation: stack for stack in ranked}
    asked_load = any(one.metric == "throughput" for one in verdicts)
    rival = next((stack.notation for stack in ranked if stack is not baseline), None)
    costs = [one for one in verdicts if one.metric != "throughput" and one.stack in by_name]
    if asked_load:
        of_rival = {one.metric: one for one in costs if one.stack == rival}
        costs = [of_rival[metric] for metric in ("p99", "cpu_per_request", "memory") if metric in of_rival]
    for found in costs:
        if not asked_load or found.metric != "memory" or found.differs:
            yield from _on_cost(found, by_name[found.stack])


def _on_cost(found: Verdict, stack: StackSummary) -> Iterator[Statement]:
    if found.ratio.interval is None:
        return
    what = _cost(found, stack)
    if found.outcome == "tie":
        yield Statement(claim=fact("cost.tie", what=what, margin=found.margin))
    elif found.direction is None:
        yield Statement(claim=not_known(what, found), additions=(to_decide(found),))
    else:
        yield Statement(claim=what, additions=tuple(about_size(found)))


def _cost(found: Verdict, stack: StackSummary) -> Fact:
    metric, (one, other) = fact(f"metric.{found.metric}"), (found.stack, found.against)
    ratio, sure = times(found.ratio), sureness(found.ratio)
    if found.metric not in ("p50", "p99") or not stack.offered_rate or not stack.response:
        return fact("cost", metric=metric, stack=one, against=other, ratio=ratio, sure=sure)
    rate, ms = stack.offered_rate, stack.response.p50 if found.metric == "p50" else stack.response.p99
    if ms is None:
        return fact("cost.at-rate", rate=rate, metric=metric, stack=one, against=other, ratio=ratio, sure=sure)
    return fact("cost.time", rate=rate, metric=metric, stack=one, time_ms=ms, against=other, ratio=ratio, sure=sure)


def _not_ranked(stacks: Sequence[StackSummary]) -> Iterator[Statement]:
    because: dict[object, tuple[bool, list[Fact], list[str]]] = {}
    for stack in stacks:
        alike = {as_shown(why): why for why in reversed(stack.why_not)}
        if alike and not (stack.valid and stack.response):
            firsts = list(reversed(alike.values()))
            key = stack.valid, tuple(map(as_shown, firsts))
            because.setdefault(key, (stack.valid, firsts, []))[2].append(stack.notation)
    for ranked, (first, *further), names in because.values():
        if ranked:
            claim = fact("no-response-time", stacks=tuple(names), count=len(names), because=first)
        elif len(names) == len(stacks) > 1:
            claim = fact("none-ranked", because=first)
        else:
            claim = fact("not-ranked", stacks=tuple(names), count=len(names), because=first)
        yield Statement(claim=claim, additions=tuple(further))
