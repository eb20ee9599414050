"""What a comparison leaves open, why, and what would decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from ...model.fact import Fact, fact
from ...model.verdict import Verdict
from ..statistics.estimates import ALPHA, MOST_BLOCKS
from .analysis import Remaining

Way = tuple[int, float | None]
"""So many blocks, and how many seconds these take."""
_NOTHING = (None, None)


def not_known(what: Fact, found: Verdict) -> Fact:
    """Say of a comparison that its direction is not known; why, where its interval alone would tell it."""
    if found.fails_correction:
        return fact("open.corrected", what=what, why=_correction(found))
    return fact("open", what=what)


def to_decide(found: Verdict) -> Fact:
    """What would decide what is open of it next."""
    if found.p_tie is not None and found.p_tie <= ALPHA:
        # It would be a tie, were the windows not too short to rule a difference out.
        return fact("decide.longer")
    if way := _next(found):
        by_then = more(*way)
        return by_then if way == _whole(found) else fact("decide.direction", more=by_then)
    # However near the ratio seems to one, or to the margin: with this scatter it may well be far from it.
    return fact("decide.many", blocks=MOST_BLOCKS)


def about_size(found: Verdict) -> Iterator[Fact]:
    """That it is open whether a difference exceeds the margin, where it is, and what would decide that."""
    if not found.size_is_open:
        return
    ends = found.ratio.interval
    beyond = ends is not None and (ends.low > 1 + found.margin or ends.high < 1 / (1 + found.margin))
    if beyond and found.is_corrected:
        yield fact("open.size.corrected", margin=found.margin, why=_correction(found))
    else:
        yield fact("open.size", margin=found.margin)
    yield to_decide(found)


def remaining(verdicts: Sequence[Verdict], labels: Mapping[str, str]) -> Remaining | None:
    """What is open of that which the run is about, as far as more blocks would decide it; None of nothing.

    Args:
        verdicts: of the run.
        labels: of the stacks, by notation.
    """
    still_open = [one for one in verdicts if one.family == "primary" and one.is_open]
    if not still_open:
        return None
    nexts = [way for one in still_open if (way := _next(one))]
    (first, first_s), (blocks, seconds) = _NOTHING, _NOTHING
    if len(nexts) == len(still_open):
        first, first_s = min(nexts, key=itemgetter(0))
        blocks, seconds = max((way for one in still_open if (way := _whole(one))), key=itemgetter(0))
    return Remaining(
        parts=tuple(_parts(still_open, labels)),
        first_blocks=first,
        first_seconds=first_s,
        blocks=blocks,
        seconds=seconds,
    )


def more(blocks: int, seconds: float | None) -> Fact:
    """That so many blocks would decide."""
    if seconds is None:
        return fact("decide.blocks", blocks=blocks)
    return fact("decide.blocks-in", blocks=blocks, seconds=seconds)


def _next(found: Verdict) -> Way | None:
    """About how many blocks, and seconds, decide what is open next; None where nothing can be said.

    The direction comes first; whether there is no difference beyond the margin may show sooner.
    """
    return min(_ways(found), key=itemgetter(0), default=None)


def _whole(found: Verdict) -> Way | None:
    """About how many blocks, and seconds, leave nothing open that more of them may decide: `--continue` waits for it.

    Once the size is known there is nothing more to ask; where nothing can be said of that, the direction is the last.
    """
    return next(iter(_ways(found)), None)


def _ways(found: Verdict) -> Sequence[Way]:
    """What decides the size, then what decides the direction, as far as something can be said of them."""
    known = (
        (found.blocks_needed, found.seconds_needed),
        (found.blocks_for_direction, found.seconds_for_direction),
    )
    return [(blocks, seconds) for blocks, seconds in known if blocks is not None]


def _correction(found: Verdict) -> Fact:
    """What makes a verdict stricter than its interval."""
    if found.looks == 1:
        return fact("corrected.comparisons", comparisons=found.comparisons)
    if found.comparisons == 1:
        return fact("corrected.looks", looks=found.looks)
    return fact("corrected.both", comparisons=found.comparisons, looks=found.looks)


def _parts(verdicts: Sequence[Verdict], labels: Mapping[str, str]) -> Iterator[Fact]:
    for metric in dict.fromkeys(one.metric for one in verdicts):
        of_metric = [one for one in verdicts if one.metric == metric]
        noun = fact(f"metric.{metric}")
        both, direction, size = (
            [one for one in of_metric if _open_part(one) == part] for part in ("both", "direction", "size")
        )
        if both:
            yield fact("remaining.both", metric=noun, pairs=_named(both, labels), margin=_margin(both))
        if direction:
            yield fact("remaining.direction", metric=noun, pairs=_named(direction, labels))
        if size:
            yield fact("remaining.size", metric=noun, pairs=_named(size, labels), margin=_margin(size))


def _open_part(found: Verdict) -> str:
    """What is open of it, as far as more blocks may decide it."""
    if found.direction is not None:
        return "size"
    return "both" if found.blocks_needed else "direction"


def _margin(pairs: Sequence[Verdict]) -> float:
    return max(one.margin for one in pairs)


def _named(pairs: Sequence[Verdict], labels: Mapping[str, str]) -> tuple[Fact, ...]:
    both = sorted(tuple(sorted((labels[one.stack], labels[one.against]))) for one in pairs)
    return tuple(fact("remaining.pair", one=one, other=other) for one, other in both)
