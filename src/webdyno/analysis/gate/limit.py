"""Limits of `webdyno gate`: `cpu_per_request > +5%`, how much worse the head may be than the base."""

from __future__ import annotations

import re
from typing import Literal, get_args

from ...model.base import Figure
from ...model.metric import METRICS, Metric
from ...model.verdict import Estimate
from ..condition_syntax import Syntax, read_condition, unit_place

# CPU time per request is what a busy machine disturbs least; the others notice what costs no CPU. A p99 is left out,
# since a short run of a slow app has too few answers for one.
DEFAULT_LIMITS = ("cpu_per_request > +5%", "throughput < -10%", "memory > +10%")
HIGHEST_PERCENT = 10_000.0
_METRICS = ", ".join(get_args(Metric))
_SHAPE = re.compile(
    r"\s*(?P<metric>[A-Za-z][A-Za-z0-9_.]*)?\s*(?P<operator>[<>])?\s*"
    r"(?P<number>[+-]?\s*(?:\d+(?:\.\d*)?|\.\d+))?\s*(?P<unit>[A-Za-z%/]+)?\s*",
    re.ASCII,
)
_SYNTAX = Syntax("--fail-if", _SHAPE, _METRICS, "< or >", "'cpu_per_request > +5%' or 'throughput < -5%'")

Place = Literal["beyond", "within", "open", "unknown"]


class Limit(Figure):
    """How much worse a metric of the head may be.

    Attributes:
        text: as the user wrote it.
        metric: what is compared.
        change: the relative change that is still allowed: `0.05` for 5 % more, `-0.05` for 5 % less.
    """

    text: str
    metric: Metric
    change: float

    def place(self, ratio: Estimate | None) -> Place:
        """Where head/base stands to the limit.

        `beyond` or `within` where the whole interval of the ratio lies there, `open` where it reaches over the limit,
        `unknown` where there is none: the metric was not compared, or in one block only.
        """
        if ratio is None or ratio.interval is None:
            return "unknown"
        low, high, limit = ratio.interval.low, ratio.interval.high, 1 + self.change
        if METRICS[self.metric].more_is_better:
            low, high, limit = -high, -low, -limit
        return "beyond" if low > limit else "within" if high <= limit else "open"


def parse_limit(text: str) -> Limit:
    """Read `METRIC > +N%`, or `METRIC < -N%` where more is better.

    Raises:
        UsageError: it does not parse, or speaks of a change for the better; the details show where.
    """

    def check(at: int, metric: str) -> None:
        if metric not in get_args(Metric):
            raise _SYNTAX.wrong(text, at, f"{metric} is no metric", f"one of: {_METRICS}")

    match = read_condition(text, _SYNTAX, check)
    metric: Metric = next(known for known in get_args(Metric) if known == match["metric"])
    operator, sign = ("<", "-") if METRICS[metric].more_is_better else (">", "+")
    worse = f"{'less' if operator == '<' else 'more'} is worse: write {metric} {operator} {sign}5%"
    number = "".join(match["number"].split())
    if match["operator"] != operator:
        raise _SYNTAX.wrong(text, match.start("operator"), f"{match['operator']} is a change for the better", worse)
    if match["unit"] != "%":
        raise _SYNTAX.wrong(text, unit_place(match), "a change is given in %")
    percent = float(number)
    if percent * float(f"{sign}1") < 0 or (operator == "<" and number[0] != "-"):
        raise _SYNTAX.wrong(text, match.start("number"), f"{number}% is a change for the better", worse)
    if abs(percent) > HIGHEST_PERCENT or percent <= -100:
        raise _SYNTAX.wrong(text, match.start("number"), "this number is out of range")
    return Limit(text=text.strip(), metric=metric, change=percent / 100)
