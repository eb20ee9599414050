"""Conditions as users write them, `p99<50ms` or `memory > +10%`: taken apart, with the exact place of an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ..errors import UsageError
from ..units import printable


class Syntax(NamedTuple):
    """How the conditions of one option are written.

    Attributes:
        option: its name, as `--threshold`.
        shape: matches any text; groups `metric`, `operator`, `number` and `unit`, each None where it is missing.
        metrics: those there are, `operators`: those allowed, for errors.
        example: how to write it right.
    """

    option: str
    shape: re.Pattern[str]
    metrics: str
    operators: str
    example: str

    def wrong(self, text: str, at: int, what: str, remedy: str = "") -> UsageError:
        """The error that something is wrong at this place of the text."""
        pointer = " " * len(printable(text[:at])) + "^"
        message = f"{self.option} {printable(text)!r}: {what}"
        return UsageError(message, remedy or f"write it as {self.example}", (printable(text), pointer))


# Room for every metric, operator, number and unit, and for generous spaces.
_LONGEST = 200


def read_condition(text: str, syntax: Syntax, check_metric: Callable[[int, str], None]) -> re.Match[str]:
    """Take a condition apart; in the match, metric, operator and number are there, the unit may be missing.

    Args:
        text: as the user wrote it.
        syntax: how it is to be written.
        check_metric: given the place and name of the metric, raises where it is unknown.

    Raises:
        UsageError: it does not parse; the details show where.
    """
    if len(text) > _LONGEST:
        raise UsageError(f"{syntax.option} has {len(text):,} characters", f"write it as {syntax.example}")
    match = syntax.shape.match(text)
    assert match, "every part of the pattern is optional"
    if match["metric"] is None:
        raise syntax.wrong(text, _after_spaces(text, 0), "a metric is expected", f"one of: {syntax.metrics}")
    check_metric(match.start("metric"), match["metric"])
    if match["operator"] is None:
        raise syntax.wrong(text, _after_spaces(text, match.end("metric")), f"{syntax.operators} is expected")
    if match["number"] is None:
        raise syntax.wrong(text, _after_spaces(text, match.end("operator")), "a number is expected")
    if match.end() != len(text):
        raise syntax.wrong(text, match.end(), "nothing may follow here")
    return match


def unit_place(match: re.Match[str]) -> int:
    """Where the unit stands, or would."""
    return match.start("unit") if match["unit"] else len(match.string.rstrip())


def _after_spaces(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())
