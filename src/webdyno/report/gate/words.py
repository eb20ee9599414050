"""What a gate says of a limit, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...analysis.comparison.analysis import Analysis
from ...analysis.gate.judge_gate import Change
from ...model.fact import fact
from ...model.run import Run
from ...model.verdict import Estimate
from ...texts.catalogue import told
from ...units import format_roughly
from ..comparison.view import ABSENT


def limit_sentence(change: Change, measured: Sequence[tuple[Run, Analysis]]) -> str:
    """What a limit comes to; `measured` are the one or two runs."""
    assert change.limit
    noun, limit = told(fact(f"metric.{change.metric}")), percent_text(change.limit.change, whole=True)
    found, again = _sure(change.ratio), _sure(change.again)
    match change.state:
        case "regression":
            return f"{noun}: {found}, measured again {again}: beyond the limit of {limit} both times"
        case "not confirmed":
            return (
                f"{noun}: {found}, measured again {again}: beyond the limit of {limit} the first time only, "
                "within it the second time"
            )
        case "inconclusive":
            second = f", measured again {again}" if _beyond_first(change) else ""
            what = f"{noun}: {found}{second}: INCONCLUSIVE against the limit of {limit}"
            return f"{what}: {_what_it_takes(change, measured[-1 if second else 0][0])}"
        case "not measured":
            return f"{noun}: {_why_not_measured(change, found, limit)}"
    return f"{noun}: {found}: within the limit of {limit}"


def _why_not_measured(change: Change, found: str, limit: str) -> str:
    if change.ratio is None:
        return f"could not be compared, so the limit of {limit} was not checked"
    if change.ratio.interval is None:
        return f"{found}: one valid block has no interval, so the limit of {limit} was not checked"
    return f"{found}: beyond the limit of {limit}, but it could not be measured again"


def _beyond_first(change: Change) -> bool:
    assert change.limit
    return change.limit.place(change.ratio) == "beyond"


def _what_it_takes(change: Change, deciding: Run) -> str:
    if not change.resolved:
        return "the windows hold too few responses to rule it out, so give a longer --duration"
    if change.blocks_needed is None:
        return "too near to it for more blocks to decide, so change the limit or accept the change"
    more = "1 more block" if change.blocks_needed == 1 else f"{change.blocks_needed} more blocks"
    lasting = "" if change.seconds_needed is None else f" ({format_roughly(change.seconds_needed)})"
    return f"about {more}{lasting} would decide: {_option(change.blocks_needed, change.seconds_needed, deciding)}"


def _option(more_blocks: int, more_s: float | None, deciding: Run) -> str:
    """What to give when measuring once more: the number of blocks where it was given, else the time."""
    if deciding.experiment.looks is None or more_s is None:
        return f"--blocks {(deciding.experiment.blocks or 0) + more_blocks}"
    # Up to the next half minute: it is an estimate.
    return f"--max-time {math.ceil((deciding.measured_s + more_s) / 30) * 30}s"


def _sure(ratio: Estimate | None) -> str:
    if ratio is None:
        return ABSENT
    blocks = f"{ratio.blocks} block" + ("s" if ratio.blocks > 1 else "")
    level = f"{ratio.interval.level * 100:.3g} % CI {interval_text(ratio)}, " if ratio.interval else ""
    return f"{change_text(ratio)} ({level}{blocks})"


def change_text(ratio: Estimate | None) -> str:
    """How much more or less it is: `+5.2 %`."""
    return ABSENT if ratio is None else percent_text(ratio.value - 1)


def interval_text(ratio: Estimate | None) -> str:
    """The ends of its interval: `+1.2 to +9.5 %`."""
    if ratio is None or ratio.interval is None:
        return ABSENT
    return f"{percent_text(ratio.interval.low - 1)[:-2]} to {percent_text(ratio.interval.high - 1)}"


def percent_text(change: float, *, whole: bool = False) -> str:
    """A relative change: `+5.2 %`, `-12 %`; whole: as a limit was given, `+5 %`."""
    percent = change * 100
    if whole:
        return f"{percent:+.6g} %"
    # Adding zero turns what is rounded to -0.0 into 0.0.
    return f"{round(percent, 1) + 0.0:+.1f} %" if abs(percent) < 9.95 else f"{percent:+,.0f} %"
