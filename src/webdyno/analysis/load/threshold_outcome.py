"""The thresholds of `webdyno load`, held against what was measured."""

from __future__ import annotations

from pydantic import computed_field

from ...model.fact import Fact, InWords, fact
from ...model.histogram import Histogram
from ...model.trial import LoadFigures
from ...texts.catalogue import told
from ..failure_counts import count_errors
from ..statistics.percentiles import quantile_ms, samples_needed
from .threshold import Threshold


class ThresholdOutcome(InWords):
    """A threshold held against a load.

    Attributes:
        text: as the user wrote it.
        value: as text with its unit; empty where it is not known.
        met: False also where it cannot be known.
        what: why it is not known: a key and the figures; None where it is.
        why: the same in words; empty where it is known.
    """

    text: str
    value: str
    met: bool
    what: Fact | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why(self) -> str:
        """Why it is not known."""
        return told(self.what)


def outcome(threshold: Threshold, result: LoadFigures, times: Histogram, beyond: int) -> ThresholdOutcome:
    """Hold a threshold against a load.

    Args:
        threshold: the user's.
        result: of the load.
        times: its reported time.
        beyond: requests that are known to be slower than every response.
    """
    known = _value(threshold, result, times, beyond)
    if isinstance(known, Fact):
        return ThresholdOutcome(text=threshold.text, value="", met=False, what=known)
    return ThresholdOutcome(text=threshold.text, value=threshold.show(known), met=threshold.holds(known))


def _value(threshold: Threshold, result: LoadFigures, times: Histogram, beyond: int) -> float | Fact:
    """The value in the threshold's unit, or why it is not known."""
    if threshold.metric == "throughput":
        return result.throughput
    if threshold.metric == "errors":
        errors = count_errors([result])
        return errors.rate if threshold.unit == "share" else errors.failed
    total = times.count + beyond
    q = threshold.quantile
    if not times.count:
        return fact("unknown.no-responses")
    if q is None:
        value = times.mean_ns() if threshold.metric == "mean" else times.quantile_ns(1.0)
        return fact("unknown.unanswered", count=beyond) if beyond or value is None else value / 1e9
    if total < samples_needed(q):
        return fact("unknown.few-samples", count=times.count, needed=samples_needed(q))
    value_ms = quantile_ms(times, q, beyond, samples_needed(q))
    return fact("unknown.beyond-timeout") if value_ms is None else value_ms / 1e3
