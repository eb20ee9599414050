"""Bars and sparklines made of characters, in blocks or in plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...model.histogram import Histogram

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = {True: " ▁▂▃▄▅▆▇█", False: " .:-=+*#@"}


class Bin(NamedTuple):
    """One row of a histogram: answers that took up to `upper_ms`, and longer than the row before."""

    upper_ms: float
    answers: int


def bins(histogram: Histogram, rows: int) -> list[Bin]:
    """Cut the times into rows of equal ratio, from the fastest to the slowest; of none, no rows."""
    times_ns, counts = histogram.points()
    if not counts.size:
        return []
    low, high = max(float(times_ns[0]), 1.0), max(float(times_ns[-1]), 1.0)
    if high <= low * 1.01:
        return [Bin(high / 1e6, int(counts.sum()))]
    edges = np.geomspace(low, high, rows + 1)
    # Floating point must not push the slowest out of the last row.
    at = np.clip(np.searchsorted(edges, times_ns) - 1, 0, rows - 1)
    sums = np.bincount(at, weights=counts, minlength=rows)
    return [Bin(float(edge) / 1e6, int(count)) for edge, count in zip(edges[1:], sums, strict=True)]


def bar(share: float, width: int, *, blocks: bool) -> str:
    """A bar of `share` (0-1) of the width; something that is not nothing can always be seen."""
    if share <= 0:
        return ""
    if not blocks:
        return "#" * max(round(share * width), 1)
    eighths = max(round(share * width * 8), 1)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def sparkline(values: Sequence[float | None], *, blocks: bool, width: int = 60) -> str:
    """The last values as one line, from nought to their greatest; what is None or nought is blank."""
    heights = _HEIGHTS[blocks]
    shown = [value or 0.0 for value in values[-width:]]
    top = max(shown, default=0.0)
    return "".join(heights[max(round(value / top * 8), 1)] if value > 0 else " " for value in shown)
