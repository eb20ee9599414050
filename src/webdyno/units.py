"""Figures as people read and write them: durations, rates, bytes, ratios."""

from __future__ import annotations

import math
import re

from .errors import UsageError

LONGEST_S = 86_400.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(us|ms|s|m|min|h)?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})\s*%", re.ASCII)
# Beyond it three digits would say 100 %.
_NEARLY_SURE = 0.9995
_SECONDS = {"us": 1e-6, "ms": 1e-3, None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def parse_duration(text: str, what: str = "duration") -> float:
    """Read `1.5s`, `200ms`, `500us`, `2m`, `1h` or plain seconds.

    Args:
        text: as the user wrote it.
        what: how an error names it, such as `--warmup`.

    Returns:
        Seconds, from zero to a day.

    Raises:
        UsageError: the text is not a duration, or out of that range.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{printable(text)!r} is not a {what}", "write it as 1.5s, 200ms or 2m")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST_S:
        raise UsageError(f"the {what} {printable(text)!r} is out of range", "give at most 24h")
    return seconds


def parse_percent(text: str, what: str) -> float:
    """Read `3%` or `0.5 %`.

    Args:
        text: as the user wrote it.
        what: how an error names it, such as `--precision`.

    Returns:
        The share: 0.03 for `3%`.

    Raises:
        UsageError: the text is not a percentage.
    """
    match = _PERCENT.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{what} {printable(text)!r} is not a percentage", "write it as 3% or 0.5%")
    return float(match[1]) / 100


def format_number(value: float, digits: int = 3) -> str:
    """At least `digits` significant digits, thousands separated: `0.274`, `12.3`, `11,592`."""
    if value == 0:
        return "0"
    return f"{value:,.{decimals_of(value, digits)}f}"


def decimals_of(value: float, digits: int) -> int:
    """How many decimals show `digits` significant digits of a value; none where it has that many before the point."""
    return max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value and math.isfinite(value) else 0


def format_duration(seconds: float) -> str:
    """A time in the unit that fits, without idle zeros: `340 us`, `1.25 ms`, `12.3 s`, `1 s`, `2 min 5 s`."""
    if math.isfinite(seconds) and seconds >= 59.95:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    for factor, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= factor:
            return f"{_trimmed(seconds / factor)} {unit}"
    return f"{_trimmed(seconds * 1e6)} us"


def _trimmed(value: float) -> str:
    text = format_number(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_rate(per_second: float) -> str:
    """A rate: `11,592/s`; below 100 with three digits."""
    return f"{format_number(per_second)}/s"


def format_bytes(count: float) -> str:
    """Bytes in decimal units: `512 B`, `52.4 MB`."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{format_number(count / factor)} {unit}"
    return f"{count:.0f} B"


def format_percent(share: float, unit: str = " %") -> str:
    """A share (0-1) in percent, two digits: `48 %`, `2 %`, `0.2 %`, `<0.1 %` for what is not quite nothing."""
    percent = share * 100
    if 0 < percent < 0.1:
        return f"<0.1{unit}"
    return f"{percent:.0f}{unit}" if percent >= 9.95 else f"{percent:.2g}{unit}"


def format_change(change: float, unit: str = " %") -> str:
    """A relative change in percent: `+5.2 %`, `-12 %`."""
    percent = change * 100
    # Adding zero turns what is rounded to -0.0 into 0.0.
    text = f"{round(percent, 1) + 0.0:+.1f}" if abs(percent) < 9.95 else f"{percent:+,.0f}"
    return text + unit


def format_limit(change: float) -> str:
    """A relative change as a limit was given: `+5 %`."""
    return f"{change * 100:+.6g} %"


def format_level(share: float) -> str:
    """How sure an interval is: `95 %`, `99.5 %`; never `100 %`."""
    return f"{share * 100:.{3 if share < _NEARLY_SURE else 5}g} %"


def format_roughly(seconds: float) -> str:
    """A time that is only estimated: `1 s`, `40 s`, `3 min`, `2 h`."""
    if seconds < 90:
        return f"{max(round(seconds), 1) if seconds < 10 else round(seconds, -1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h"


def printable(text: str) -> str:
    r"""The text with every control and format character written as an escape, so that no terminal acts on it.

    Line breaks and tabs are escaped as well (`\n`): what comes back is one line.
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
