"""By which rules the verdicts of a run were reached."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.fact import Fact, fact
from ...model.verdict import Verdict


def judged(verdicts: Sequence[Verdict]) -> Fact:
    """At which level and margin, and how many comparisons each family has; there is at least one."""
    least, most = (of(one.margin for one in verdicts) for of in (min, max))
    what = fact("how.verdicts", margin=least)
    if least != most:
        what = fact("how.verdicts.margins", least=least, most=most)
    primary, secondary = ([one for one in verdicts if one.family == family] for family in ("primary", "secondary"))
    if primary and any(one.p_difference is not None for one in verdicts) and len(verdicts) > 1:
        metrics = tuple(fact(f"metric.{metric}") for metric in dict.fromkeys(one.metric for one in primary))
        what = fact("how.corrected", what=what, comparisons=primary[0].comparisons, metrics=metrics)
        return fact("how.families", what=what, comparisons=secondary[0].comparisons) if secondary else what
    return what
