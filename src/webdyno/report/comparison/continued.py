"""When blocks were added to a run, and what that costs its verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analysis.comparison.looks import looks_of
from ...model.fact import Fact, fact
from ...model.run import Continuation, Run
from ...model.verdict import Verdict
from ...texts.catalogue import noted


def continued(run: Run, verdicts: Sequence[Verdict]) -> Iterator[Fact]:
    """Each continuation, and at which level ratios are told after so many looks."""
    for one in run.continuations:
        yield _continuation(one)
    *before, _ = looks_of(run).blocks or (0,)
    levels = [one.ratio.interval.level for one in verdicts if one.ratio.interval]
    if before and levels:
        yield fact("how.looks-again", looks=tuple(map(str, before)), level=levels[0])


def _continuation(one: Continuation) -> Fact:
    what = fact("how.continued", at=f"{one.started:%Y-%m-%d %H:%M} UTC", after=one.after)
    if not one.differences:
        return what
    return fact("how.continued.otherwise", what=what, differences=tuple(map(noted, one.differences)))
