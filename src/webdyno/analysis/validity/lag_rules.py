"""What the load generator's own lag does to each percentile that is shown: taken out, and held against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...model.fact import Fact, fact
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
    punctual_ms: float

    @property
    def share(self) -> float:
        """By how much of itself the lag has moved it."""
        return self.shown_ms / max(self.punctual_ms, 1e-6) - 1


def moved_beyond(measured: MeasuredLoad) -> list[Moved]:
    """What the lag has moved, where that makes one load unfit for use; nothing where it does not, or is not told."""
    shown, punctual = _times([measured])
    moved = list(_percentiles(shown, punctual, _DECIDING, measured.samples_needed)) or list(_mean(shown, punctual))
    unfit = any(one.share > LAG_INVALID and one.shown_ms - one.punctual_ms > TIMER_MS for one in moved)
    return [one for one in moved if one.share > LAG_CAUTION] if unfit else []


def moved_together(several: Sequence[MeasuredLoad]) -> list[Moved]:
    """What the lag has moved enough to be said, of these loads as one."""
    shown, punctual = _times(several)
    moved = (*_percentiles(shown, punctual, _SHOWN, samples_needed), *_mean(shown, punctual))
    return [one for one in moved if one.share > LAG_CAUTION]


def what_moved(moved: Sequence[Moved]) -> Fact:
    """Each of them, as it is and as it would be."""
    each = tuple(fact("lag.figure", name=one.name, punctual_ms=one.punctual_ms, shown_ms=one.shown_ms) for one in moved)
    return fact("lag.moved", figures=each)


def worst(moved: Sequence[Moved]) -> float:
    """How much the one is moved that is moved most."""
    return max(one.share for one in moved)


def _times(several: Sequence[MeasuredLoad]) -> tuple[Times | None, Times | None]:
    """The response times of those loads that tell of both, as they are shown and without the lag."""
    told = [one for one in several if isinstance(one.load, OpenLoad) and one.punctual]
    punctual = [one.times._replace(answered=one.punctual) for one in told if one.punctual]
    return merged([one.times for one in told]), merged(punctual)


def _percentiles(
    shown: Times | None, punctual: Times | None, quantiles: Mapping[str, float], needed: Callable[[float], int]
) -> Iterator[Moved]:
    for name, q in quantiles.items():
        as_shown, as_punctual = (times and times.known_ms(q, needed(q)) for times in (shown, punctual))
        if as_shown is not None and as_punctual is not None:
            yield Moved(name, as_shown, as_punctual)


def _mean(shown: Times | None, punctual: Times | None) -> Iterator[Moved]:
    if shown and punctual and shown.mean_ms is not None and punctual.mean_ms is not None:
        yield Moved("mean", shown.mean_ms, punctual.mean_ms)
