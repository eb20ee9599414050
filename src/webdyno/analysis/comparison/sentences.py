"""Verdicts in plain words: the first sentence says which stack carries more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...model.metric import Metric
from ...model.stack import Stack
from ...model.verdict import Estimate, Interval, Verdict
from ...units import decimals_of, format_number, format_percent, format_rate
from ..statistics.estimates import ALPHA
from .analysis import Contrast, StackSummary
from .contrasts import PARTS, difference, shares
from .verdicts import verdict

NOUNS: dict[Metric, str] = {
    "p50": "median response time",
    "p99": "p99 response time",
    "cpu_per_request": "CPU time per request",
    "memory": "memory",
}
_DIFFERENT = ("faster", "slower")


def tell(
    baseline: StackSummary,
    stacks: Sequence[StackSummary],
    ranked: Sequence[StackSummary],
    verdicts: Sequence[Verdict],
    contrasts: Sequence[Contrast],
    parsed: Mapping[str, Stack],
) -> tuple[str, ...]:
    """All that a run shows in sentences, the most important first.

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
    return f"{times(ratio)} ({sureness(ratio)})"


def times(ratio: Estimate) -> str:
    """A ratio with as many decimals as its interval carries: `3.1x`."""
    return f"{ratio.value:,.{_decimals(ratio)}f}x"


def sureness(ratio: Estimate) -> str:
    """How sure a ratio is: `95 % CI 2.9-3.3, 6 blocks`."""
    blocks = f"{ratio.blocks} block" + ("s" if ratio.blocks > 1 else "")
    if ratio.interval is None:
        return f"{blocks}, so no interval"
    places = _decimals(ratio)
    low, high = (f"{end:,.{places}f}" for end in (ratio.interval.low, ratio.interval.high))
    return f"{ratio.interval.level * 100:.0f} % CI {low}-{high}, {blocks}"


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
) -> Iterator[str]:
    if not ranked:
        return
    best = ranked[0]
    if len(ranked) == 1:
        load = format_number(best.throughput.value) if best.throughput else ""
        yield f"{best.notation} carries {load} requests/s; there is no other valid stack to compare it with."
        return
    on_load = {(one.stack, one.against): one for one in verdicts if one.metric == "throughput"}
    pairs = [(one.notation, baseline.notation) for one in ranked if one is not baseline]
    if best is baseline:
        most_telling = [(ranked[1].notation, best.notation)]
    else:
        most_telling = [(best.notation, baseline.notation), (best.notation, ranked[1].notation)]
    decided = all(on_load[pair].outcome in _DIFFERENT for pair in most_telling if pair in on_load)
    for place, pair in enumerate(dict.fromkeys([*most_telling, *pairs])):
        if pair in on_load:
            leads = place == 0 and len(ranked) > 2 and decided and _beats_all(best, ranked[1:])
            yield _on_load(on_load[pair], contrasts, parsed, leads)


def _beats_all(best: StackSummary, others: Sequence[StackSummary]) -> bool:
    """Whether it carries more than each: a claim that holds only where all its parts do needs no correction."""
    compared = [verdict("throughput", best, other) for other in others]
    return all(one is not None and one.outcome == "faster" for one in compared)


def _on_load(found: Verdict, contrasts: Sequence[Contrast], parsed: Mapping[str, Stack], leads: bool) -> str:
    ratio, more, less = found.ratio, found.stack, found.against
    if ratio.value < 1:
        ratio, more, less = inverse(ratio), less, more
    margin = format_percent(found.margin)
    if found.outcome == "tie":
        return f"{more} and {less} carry the same load to within {margin}: {ratio_text(ratio)}."
    if found.outcome == "undecided":
        if ratio.interval is None:
            return f"{more} carried {times(ratio)} the load of {less} in one block, which decides nothing."
        what = f"It is undecided whether {more} carries over {margin} more than {less}"
        return f"{what}: {ratio_text(ratio)}{_alone(ratio, found)}; {_to_decide(found)}."
    most = "the most: " if leads else ""
    where_from = _where_from(more, less, ratio, contrasts, parsed)
    return f"{more} carries {most}{times(ratio)} the load of {less} ({sureness(ratio)}){where_from}."


def _alone(ratio: Estimate, found: Verdict) -> str:
    """What to say where the interval by itself lies outside the margin, but not as one of many."""
    ends = ratio.interval
    if ends is None or (ends.low <= 1 + found.margin and ends.high >= 1 / (1 + found.margin)):
        return ""
    return f", which would decide if it were not one of {found.comparisons} comparisons"


def _to_decide(found: Verdict) -> str:
    if found.p_tie is not None and found.p_tie <= ALPHA:
        return "the windows are too short to rule one out, so give a longer --duration"
    if found.blocks_needed is None:
        return "it lies too near that margin for more blocks to decide"
    about = "" if found.seconds_needed is None else f", {roughly(found.seconds_needed)},"
    return f"about {found.blocks_needed} more block{'s' if found.blocks_needed > 1 else ''}{about} would decide"


def roughly(seconds: float) -> str:
    """A time that is only estimated: `1 s`, `40 s`, `3 min`, `2 h`."""
    if seconds < 90:
        return f"{max(round(seconds), 1) if seconds < 10 else round(seconds, -1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"


def _where_from(
    more: str, less: str, whole: Estimate, contrasts: Sequence[Contrast], parsed: Mapping[str, Stack]
) -> str:
    """What part of a difference belongs to which part of the stack, as far as measured stacks show it.

    Nothing is said of a part that would exceed the whole.
    """
    only = difference(parsed[more], parsed[less])
    if only:
        return f"; they differ in {_definite(only)} only"
    told: dict[str, str] = {}
    for contrast in contrasts:
        bound = contrast.ratio.interval
        from_it = contrast.stack == more and shares(contrast.part, parsed[contrast.against], parsed[less])
        within = bound is not None and bound.low > 1 and contrast.ratio.value <= whole.value
        if from_it and within and contrast.part not in told:
            told[contrast.part] = (
                f"; {times(contrast.ratio)} of it comes with the {contrast.part} (against {contrast.against})"
            )
    return "".join(told.values())


def _definite(part: str) -> str:
    return f"the {part}" if part in PARTS else part


def _at_what_cost(baseline: StackSummary, ranked: Sequence[StackSummary], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Of the best rival what differs; where throughput was not asked, all that was."""
    by_name = {stack.notation: stack for stack in ranked}
    asked_load = any(one.metric == "throughput" for one in verdicts)
    rival = next((stack.notation for stack in ranked if stack is not baseline), None)
    costs = [one for one in verdicts if one.metric != "throughput" and one.stack in by_name]
    if asked_load:
        of_rival = {one.metric: one for one in costs if one.stack == rival}
        costs = [of_rival[metric] for metric in ("p99", "cpu_per_request", "memory") if metric in of_rival]
    for found in costs:
        if not asked_load or found.metric != "memory" or found.outcome in _DIFFERENT:
            yield from _on_cost(found, by_name[found.stack])


def _on_cost(found: Verdict, stack: StackSummary) -> Iterator[str]:
    if found.ratio.interval is None:
        return
    start, figure = "The", ""
    if found.metric in ("p50", "p99") and stack.offered_rate and stack.response:
        start = f"At {format_rate(stack.offered_rate)}, the"
        time_ms = stack.response.p50 if found.metric == "p50" else stack.response.p99
        figure = f"{format_number(time_ms)} ms, " if time_ms is not None else ""
    margin, outcome = format_percent(found.margin), ""
    if found.outcome == "tie":
        outcome = f": the same to within {margin}"
    elif found.outcome == "undecided":
        alone = _alone(found.ratio, found)
        outcome = f"{alone}: a difference of over {margin} is undecided; {_to_decide(found)}"
    ratio = f"{times(found.ratio)} that of {found.against} ({sureness(found.ratio)})"
    yield f"{start} {NOUNS[found.metric]} of {found.stack} is {figure}{ratio}{outcome}."


def _not_ranked(stacks: Sequence[StackSummary]) -> Iterator[str]:
    because: dict[tuple[bool, str], list[str]] = {}
    for stack in stacks:
        invalid = [reason for reason in stack.reasons if reason.severity == "invalid"]
        told = [reason.sentence for reason in invalid if (reason.phase == "rate") == stack.valid] or (
            [] if stack.valid else [reason.sentence for reason in invalid]
        )
        if told and not (stack.valid and stack.response):
            because.setdefault((stack.valid, "; ".join(dict.fromkeys(told))), []).append(stack.notation)
    for (ranked, sentence), names in because.items():
        one = len(names) == 1
        if ranked:
            yield f"{_listed(names)} {'has' if one else 'have'} no response time: {sentence}."
        elif len(names) == len(stacks) > 1:
            yield f"No stack can be ranked: {sentence}."
        else:
            yield f"{_listed(names)} {'is' if one else 'are'} not ranked: {sentence}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
