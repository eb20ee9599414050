"""What the verdicts come to: the first statement says which stack carries more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.fact import Fact, fact
from ...model.stack import Stack
from ...model.verdict import Estimate, Interval, Verdict
from ...texts.catalogue import as_shown, told
from ...units import decimals_of
from ..statistics.estimates import ALPHA
from .analysis import Contrast, StackSummary, Statement
from .contrasts import PARTS, difference, part_fact, shares
from .verdicts import verdict


def statements(
    baseline: StackSummary,
    stacks: Sequence[StackSummary],
    ranked: Sequence[StackSummary],
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    parsed: Mapping[str, Stack],
) -> tuple[Statement, ...]:
    """All that a run shows, the most important first.

    Args:
        baseline: what ratios refer to.
        stacks: all, in the order of the experiment.
        ranked: the valid ones, highest throughput first.
        verdicts: as in `Analysis`.
        contrasts: as in `Analysis`.
        parsed: the stack of each notation.
    """
    return (
        *_who_carries_more(baseline, ranked, verdicts, contrasts, parsed),
        *_at_what_cost(baseline, [stack for stack in ranked or stacks if stack.valid], verdicts),
        *_not_ranked(stacks),
    )


def ratio_text(ratio: Estimate) -> str:
    """A ratio and how sure it is: `3.1x (95 % CI 2.9-3.3, 6 blocks)`."""
    return told(sure_ratio(ratio))


def sure_ratio(ratio: Estimate) -> Fact:
    """A ratio and how sure it is."""
    return fact("ratio.sure", ratio=times(ratio), sure=sureness(ratio))


def times(ratio: Estimate) -> Fact:
    """A ratio with as many decimals as its interval carries: `3.1x`."""
    return fact("ratio", value=ratio.value, places=_decimals(ratio))


def sureness(ratio: Estimate) -> Fact:
    """How sure a ratio is: `95 % CI 2.9-3.3, 6 blocks`."""
    ends = ratio.interval
    if ends is None:
        return fact("sure.no-interval", blocks=ratio.blocks)
    places = _decimals(ratio)
    return fact("sure", level=ends.level, low=ends.low, high=ends.high, places=places, blocks=ratio.blocks)


def inverse(ratio: Estimate) -> Estimate:
    """The same comparison seen from the other side."""
    ends = ratio.interval
    turned = Interval(low=1 / ends.high, high=1 / ends.low, level=ends.level) if ends else None
    return Estimate(value=1 / ratio.value, interval=turned, blocks=ratio.blocks)


def _decimals(ratio: Estimate) -> int:
    finest = 2 if ratio.value >= 1 else decimals_of(ratio.value, 3)
    coarsest = min(decimals_of(ratio.value, 2), finest)
    if ratio.interval is None:
        return coarsest
    half = (ratio.interval.high - ratio.interval.low) / 2
    return min(max(decimals_of(half, 1), coarsest), finest) if half else finest


def _who_carries_more(
    baseline: StackSummary,
    ranked: Sequence[StackSummary],
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    parsed: Mapping[str, Stack],
) -> Iterator[Statement]:
    if not ranked:
        return
    best = ranked[0]
    if len(ranked) == 1 and best.throughput:
        claim = fact("carries.alone", stack=best.notation, throughput=best.throughput.value)
        yield Statement(claim=claim, additions=(fact("no-other"),))
        return
    on_load = {(one.stack, one.against): one for one in verdicts if one.metric == "throughput"}
    pairs = [(one.notation, baseline.notation) for one in ranked if one is not baseline]
    if best is baseline:
        most_telling = [(ranked[1].notation, best.notation)]
    else:
        most_telling = [(best.notation, baseline.notation), (best.notation, ranked[1].notation)]
    decided = all(on_load[pair].differs for pair in most_telling if pair in on_load)
    for place, pair in enumerate(dict.fromkeys([*most_telling, *pairs])):
        if pair in on_load:
            leads = place == 0 and len(ranked) > 2 and decided and _beats_all(best, ranked[1:])
            yield _on_load(on_load[pair], contrasts, parsed, leads)


def _beats_all(best: StackSummary, others: Sequence[StackSummary]) -> bool:
    """Whether it carries more than each: a claim that holds only where all its parts do needs no correction."""
    compared = [verdict("throughput", best, other) for other in others]
    return all(one is not None and one.outcome == "faster" for one in compared)


def _on_load(found: Verdict, contrasts: Sequence[Contrast], parsed: Mapping[str, Stack], leads: bool) -> Statement:
    ratio, more, less = found.ratio, found.stack, found.against
    if ratio.value < 1:
        ratio, more, less = inverse(ratio), less, more
    value, sure = times(ratio), sureness(ratio)
    if found.outcome == "tie":
        return Statement(claim=fact("carries.tie", more=more, less=less, margin=found.margin, ratio=value, sure=sure))
    if found.outcome == "undecided":
        if ratio.interval is None:
            return Statement(claim=fact("carries.one-block", more=more, less=less, ratio=value))
        what = fact("carries.undecided", more=more, less=less, margin=found.margin, ratio=value, sure=sure)
        return Statement(claim=_among_many(what, ratio, found), additions=(_to_decide(found),))
    claim = fact("carries.most" if leads else "carries", more=more, less=less, ratio=value, sure=sure)
    return Statement(claim=claim, additions=tuple(_where_from(more, less, ratio, contrasts, parsed)))


def _among_many(what: Fact, ratio: Estimate, found: Verdict) -> Fact:
    """Said so where the interval by itself lies outside the margin, but not as one of many."""
    ends = ratio.interval
    if ends is None or (ends.low <= 1 + found.margin and ends.high >= 1 / (1 + found.margin)):
        return what
    return fact("one-of-many", what=what, comparisons=found.comparisons)


def _to_decide(found: Verdict) -> Fact:
    if found.p_tie is not None and found.p_tie <= ALPHA:
        return fact("decide.longer")
    if found.blocks_needed is None:
        return fact("decide.near")
    if found.seconds_needed is None:
        return fact("decide.blocks", blocks=found.blocks_needed)
    return fact("decide.blocks-in", blocks=found.blocks_needed, seconds=found.seconds_needed)


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
    what, additions = _cost(found, stack), tuple[Fact, ...]()
    if found.outcome == "tie":
        what = fact("cost.tie", what=what, margin=found.margin)
    elif found.outcome == "undecided":
        what = fact("cost.undecided", what=_among_many(what, found.ratio, found), margin=found.margin)
        additions = (_to_decide(found),)
    yield Statement(claim=what, additions=additions)


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
