"""The thresholds of `webdyno load`, held against what was measured."""

from __future__ import annotations

from ...model.base import Figure
from ...model.histogram import Histogram
from ...model.trial import LoadFigures
from ..failure_counts import count_errors
from ..statistics.percentiles import quantile_ms, samples_needed
from .threshold import Threshold


class ThresholdOutcome(Figure):
    """A threshold held against a load.

    Attributes:
        text: as the user wrote it.
        value: as text with its unit; empty where it is not known.
        met: False also where it cannot be known.
        why: why it is not known; empty where it is.
    """

    text: str
    value: str
    met: bool
    why: str = ""


def outcome(threshold: Threshold, result: LoadFigures, times: Histogram, beyond: int) -> ThresholdOutcome:
    """Hold a threshold against a load.

    Args:
        threshold: the user's.
        result: of the load.
        times: its reported time.
        beyond: requests that are known to be slower than every answered one.
    """
    known = _value(threshold, result, times, beyond)
    if isinstance(known, str):
        return ThresholdOutcome(text=threshold.text, value="", met=False, why=known)
    return ThresholdOutcome(text=threshold.text, value=threshold.show(known), met=threshold.holds(known))


def _value(threshold: Threshold, result: LoadFigures, times: Histogram, beyond: int) -> float | str:
    """The value in the threshold's unit, or why it is not known."""
    if threshold.metric == "throughput":
        return result.throughput
    if threshold.metric == "errors":
        errors = count_errors([result])
        return errors.rate if threshold.unit == "share" else errors.failed
    total = times.count + beyond
    q = threshold.quantile
    if not times.count:
        return "there was no right answer"
    if q is None:
        value = times.mean_ns() if threshold.metric == "mean" else times.quantile_ns(1.0)
        return f"{beyond:,} requests had no answer in time" if beyond or value is None else value / 1e9
    if total < samples_needed(q):
        return f"{times.count:,} answers, it needs {samples_needed(q):,}"
    value_ms = quantile_ms(times, q, beyond, samples_needed(q))
    return "it lies among the requests without an answer in time" if value_ms is None else value_ms / 1e3
