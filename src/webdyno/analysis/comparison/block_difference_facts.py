"""What is said of blocks that differ much."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...model.block_differences import BlockDifferences, Disturbed, Signal, Stray
from ...model.fact import Fact, fact
from ...model.metric import Metric
from ..validity.reason import ValidityReason
from .ratio_facts import sure_ratio
from .signals import LEAST


def differences_reason(found: BlockDifferences | None) -> list[ValidityReason]:
    """One line about it; nothing where the blocks agree."""
    if found is None:
        return []
    reason = ValidityReason(
        name="blocks-differ",
        severity="caution",
        what=_what(found),
        advice=fact("calmer.see-without" if found.without else "calmer"),
        blocks=tuple(sorted({one.block for one in found.strays})),
    )
    return [reason]


def what_happened(found: BlockDifferences) -> Iterator[Fact]:
    """All of it: how much the blocks differ, what strays, what was seen where, and the ratios without that."""
    yield fact("happened.spread", metric=fact(f"metric.{found.metric}"), spread=found.spread)
    yield from (_stray(one, found.metric) for one in found.strays)
    for name in LEAST:
        seen = [(one.block, signal) for one in found.disturbed for signal in one.signals if signal.name == name]
        if seen:
            _, most = max(seen, key=lambda each: each[1].value - each[1].usual)
            places = tuple(map(str, sorted({block for block, _ in seen})))
            yield fact("happened.seen", blocks=places, count=len(places), most=_signal(most))
    blocks = tuple(map(str, found.disturbed_blocks))
    yield from (
        fact(
            "happened.without",
            blocks=blocks,
            count=len(blocks),
            stack=one.stack,
            against=one.against,
            without=sure_ratio(one.without),
            whole=sure_ratio(one.whole),
        )
        for one in found.without
    )
    if found.disturbed and not found.without:
        yield fact("happened.too-many")


def _what(found: BlockDifferences) -> Fact:
    if not found.strays:
        metric = fact(f"metric.{found.metric}")
        return fact("blocks-differ", spread=found.spread, metric=metric, cause=_cause(found))
    what = _stray(max(found.strays, key=lambda one: abs(math.log(one.factor))), found.metric)
    further = len(found.strays) - 1
    return fact("blocks-differ.more", what=what, count=further) if further else what


def _cause(found: BlockDifferences) -> Fact:
    if not found.disturbed:
        return fact("signal.none")
    worst = max(found.disturbed, key=_weight)
    count = len(found.disturbed_blocks)
    return fact("blocks-differ.disturbed", count=count, block=worst.block, signal=_signal(worst.signals[0]))


def _weight(one: Disturbed) -> float:
    first = one.signals[0]
    return (first.value - first.usual) / LEAST[first.name]


def _stray(stray: Stray, metric: Metric) -> Fact:
    what = fact(f"metric.{metric}")
    seen = tuple(map(_signal, stray.signals)) or (fact("signal.none"),)
    block, stack, factor = stray.block, stray.stack, stray.factor
    if stray.against is None:
        return fact("stray", block=block, metric=what, stack=stack, factor=factor, seen=seen)
    return fact("stray.ratio", block=block, metric=what, stack=stack, against=stray.against, factor=factor, seen=seen)


def _signal(signal: Signal) -> Fact:
    return fact(f"signal.{signal.name}", value=signal.value, usual=signal.usual)
