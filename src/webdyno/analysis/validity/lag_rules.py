"""What the load generator's own lag does to each percentile that is shown: taken out, and held against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...model.fact import Fact, fact
from ...model.histogram import Histogram
from ...model.load import OpenLoad
from ..measured_load import MeasuredLoad
from ..statistics.percentiles import Times, merged, samples_needed

# As with stolen time: 5 % is as much as what is usually compared. A fifth is no figure of the server's any more.
LAG_CAUTION, LAG_INVALID = 0.05, 0.20
# What a timer costs a generator that may not spin. That is said, but no server is left out for being quicker.
TIMER_MS = 0.1
_DECIDING = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
# Beyond p99, and in the mean, one odd moment of the machine decides, which says nothing of the other figures.
_SHOWN = {**_DECIDING, "p99.9": 0.999}


class Moved(NamedTuple):
    """A figure of the response time, in milliseconds: as it is shown, and as it is without the generator's lag."""

    name: str
    shown_ms: float
    prompt_ms: float

    @property
    def share(self) -> float:
        """By how much of itself the lag has moved it."""
        return self.shown_ms / max(self.prompt_ms, 1e-6) - 1


class _Response(NamedTuple):
    """Response times: as they are shown, without the lag of their sends, and without that of their reads as well."""

    shown: Times
    punctual: Times
    undelayed: Times
    late: Histogram


def moved_beyond(measured: MeasuredLoad) -> list[Moved]:
    """What the lag has moved, where that makes one load unfit for use; nothing where it does not, or is not told."""
    response = _response([measured])
    moved = list(_percentiles(response, _DECIDING, measured.samples_needed)) or list(_mean(response))
    unfit = any(one.share > LAG_INVALID and one.shown_ms - one.prompt_ms > TIMER_MS for one in moved)
    return [one for one in moved if one.share > LAG_CAUTION] if unfit else []


def moved_together(several: Sequence[MeasuredLoad]) -> list[Moved]:
    """What the lag has moved enough to be said, of these loads as one."""
    response = _response(several)
    moved = (*_percentiles(response, _SHOWN, samples_needed), *_mean(response))
    return [one for one in moved if one.share > LAG_CAUTION]


def what_moved(moved: Sequence[Moved]) -> Fact:
    """Each of them, as it is and as it would be."""
    each = tuple(fact("lag.figure", name=one.name, prompt_ms=one.prompt_ms, shown_ms=one.shown_ms) for one in moved)
    return fact("lag.moved", figures=each)


def worst(moved: Sequence[Moved]) -> float:
    """How much the one is moved that is moved most."""
    return max(one.share for one in moved)


def _response(several: Sequence[MeasuredLoad]) -> _Response | None:
    """The response times of all loads that tell how late they were sent; None of none."""
    told = [one for one in several if isinstance(one.load, OpenLoad) and one.result.punctual and one.result.late]
    shown = merged([one.times for one in told])
    punctual = merged([one.times._replace(answered=one.punctual) for one in told])
    undelayed = merged([one.times._replace(answered=one.undelayed) for one in told])
    late = Histogram.merged(one.result.late for one in told)
    return _Response(shown, punctual, undelayed, late) if shown and punctual and undelayed else None


def _percentiles(
    response: _Response | None, quantiles: Mapping[str, float], needed: Callable[[float], int]
) -> Iterator[Moved]:
    for name, q in quantiles.items() if response else ():
        assert response
        shown_ms, prompt_ms = response.shown.known_ms(q, needed(q)), response.punctual.known_ms(q, needed(q))
        if shown_ms is None or prompt_ms is None:
            continue
        # Reads are taken for late only where the sends were, so many of them and by so much that it could be seen.
        if (response.late.quantile_ns(q) or 0.0) / 1e6 > LAG_CAUTION * prompt_ms:
            prompt_ms = response.undelayed.known_ms(q, needed(q)) or prompt_ms
        yield Moved(name, shown_ms, prompt_ms)


def _mean(response: _Response | None) -> Iterator[Moved]:
    if response and response.shown.mean_ms is not None and response.punctual.mean_ms is not None:
        yield Moved("mean", response.shown.mean_ms, response.punctual.mean_ms)
