"""What a run leaves open, and the command that goes on with it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from ...analysis.comparison.analysis import Analysis, Remaining, Statement
from ...analysis.comparison.what_is_open import more
from ...model.fact import Fact, fact
from ...model.run import Run
from ...units import printable

_ROUND_S = 30
_SAID_BELOW = ("decide.blocks", "decide.blocks-in", "decide.direction")


def headline(analysis: Analysis) -> Statement:
    """What a reader needs first; how many blocks would decide it is left to `still_open`, where that says so."""
    if not analysis.statements:
        return Statement(claim=fact("nothing-compared"))
    first = analysis.statements[0]
    if still_open(analysis) is None:
        return first
    return Statement(claim=first.claim, additions=tuple(one for one in first.additions if one.key not in _SAID_BELOW))


def still_open(analysis: Analysis) -> Fact | None:
    """What is open, and how many blocks would decide it; None where nothing is, or the headline says it all."""
    left, asked = analysis.remaining, sum(one.family == "primary" for one in analysis.verdicts)
    if left is None or (asked == 1 and analysis.order is None and left.first_blocks == left.blocks):
        return None
    return fact("remaining", parts=left.parts, needs=_needs(left))


def continue_command(run: Run, analysis: Analysis, continued_by: Sequence[str]) -> str:
    """What adds blocks to the run, for as long as it takes; empty where nothing is open, or none can be added.

    Args:
        run: what was measured.
        analysis: what it says.
        continued_by: what adds blocks to it, as arguments; empty where no store has it.
    """
    left = analysis.remaining
    if left is None or not run.takes_blocks or not continued_by:
        return ""
    argv = list(continued_by)
    if left.seconds is not None and left.seconds > run.experiment.max_time_s:
        argv += ["--max-time", f"{math.ceil(left.seconds / _ROUND_S) * _ROUND_S}s"]
    return printable(shlex.join(argv))


def _needs(left: Remaining) -> Fact:
    if left.blocks is None or left.first_blocks is None:
        return fact("remaining.blocks")
    if left.first_blocks == left.blocks:
        return more(left.blocks, left.seconds)
    first, everything = more(left.first_blocks, left.first_seconds), more(left.blocks, left.seconds)
    return fact("remaining.first", first=first, all=everything)
