"""What is measured again and again for the table: pairs whose truth is known, and the default comparison."""

from __future__ import annotations

from typing import NamedTuple

from webdyno.model.metric import Metric
from webdyno.questions.compare import DEFAULT_STACKS
from webdyno.questions.options import CompareOptions

# How each design is asked for.
DESIGNS: dict[str, CompareOptions] = {"in-turn": {"in_turn": True}, "alternating": {}, "duet": {"duet": True}}
# The one that was the default, and beside it the one that is.
DEFAULT_DESIGNS = ("in-turn", "alternating")

# One stack under two names: one worker is what it has anyway.
SAME = ("bare-wsgi@gunicorn", "bare-wsgi@gunicorn?workers=1")


class Line(NamedTuple):
    """A kind of comparison.

    Attributes:
        name: by which it is asked for.
        stacks: the last one is judged against the first.
        metric: in which it is.
        options: of the comparison, beside its longest time.
        response_times: as `compare` takes it.
        seconds: it takes at most, after set-up.
        many, few: of how many the table is made, and a first look.
        conditions: with a burner on the server's core (True), without (False), or both.
    """

    name: str
    stacks: tuple[str, ...]
    metric: Metric
    options: CompareOptions
    response_times: bool | None
    seconds: float
    many: int
    few: int
    conditions: tuple[bool, ...]


_SHORT: CompareOptions = {"duration": 0.5, "warmup": 0.2}
FALSE = Line("false-verdicts", SAME, "throughput", _SHORT, False, 25.0, 40, 2, (False, True))


def _known(
    metric: Metric, apps: tuple[str, str], difference: float, seconds: float, conditions: tuple[bool, ...]
) -> Line:
    # Known to a third of the difference: enough to tell it from the margin of 2 %.
    options: CompareOptions = {**_SHORT, "metrics": (metric,), "precision": difference / 3}
    name = f"{metric.partition('_')[0]}-{100 * difference:g}"
    stacks = tuple(f"{app}:app@gunicorn" for app in apps)
    return Line(name, stacks, metric, options, None, seconds, 10, 1, conditions)


CPU_10 = _known("cpu_per_request", ("hashes", "hashes_10_more"), 0.10, 60.0, (False, True))
CPU_5 = _known("cpu_per_request", ("hashes", "hashes_5_more"), 0.05, 180.0, (False,))
THROUGHPUT_5 = _known("throughput", ("sleeps", "sleeps_longer"), 0.05, 180.0, (False,))
# As `make compare` runs it.
DEFAULT = Line("default", DEFAULT_STACKS, "throughput", {}, None, 150.0, 10, 1, (False, True))
LINES = {line.name: line for line in (FALSE, CPU_10, CPU_5, THROUGHPUT_5, DEFAULT)}
