"""The thresholds of `webdyno load`, held against what was measured."""

from __future__ import annotations

from pydantic import computed_field

from ...model.fact import Fact, InWords, fact
from ...model.trial import LoadFigures
from ...texts.catalogue import told
from ..failure_counts import count_errors
from ..statistics.percentiles import Times, samples_needed
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


def outcome(threshold: Threshold, result: LoadFigures, times: Times) -> ThresholdOutcome:
    """Hold a threshold against a load.

    Args:
        threshold: the user's.
        result: of the load.
        times: those that it reports.
    """
    known = _value(threshold, result, times)
    if isinstance(known, Fact):
        return ThresholdOutcome(text=threshold.text, value="", met=False, what=known)
    return ThresholdOutcome(text=threshold.text, value=threshold.show(known), met=threshold.holds(known))


def _value(threshold: Threshold, result: LoadFigures, times: Times) -> float | Fact:
    """The value in the threshold's unit, or why it is not known."""
    if threshold.metric == "throughput":
        return result.throughput
    if threshold.metric == "errors":
        errors = count_errors([result])
        return errors.rate if threshold.unit == "share" else errors.failed
    answered, q = times.answered.count, threshold.quantile
    if not answered:
        return fact("unknown.no-responses")
    if q is None:
        value_ms = times.mean_ms if threshold.metric == "mean" else times.max_ms
        return fact("unknown.unanswered", count=times.censored) if value_ms is None else value_ms / 1e3
    if times.why_unknown(q) == "few-samples":
        return fact("unknown.few-samples", count=answered, needed=samples_needed(q))
    value_ms = times.shown_ms(q)
    return fact("unknown.beyond-timeout") if value_ms is None else value_ms / 1e3
