"""What the load tool did not tell, and what it did not hold a response against: nobody may take that for a 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model.fact import fact
from ...model.load import OpenLoad
from ...model.trial import LoadFigures
from ...units import printable
from ..measured_load import MeasuredLoad
from .finding import Finding

OWN_DRIVER = fact("own-driver")
_UNTOLD: dict[str, Callable[[LoadFigures], object]] = {
    "pauses": lambda result: result.engine and result.engine.loop_gap_max_s,
    "reconnects": lambda result: result.reconnects,
    "statuses": lambda result: result.statuses,
    "unfinished": lambda result: result.unfinished,
    "in-flight": lambda result: result.in_flight_mean,
}


def responses_unchecked(measured: MeasuredLoad) -> Iterator[Finding]:
    """Responses counted as right that may have been none: what came before the load was checked, and no more."""
    driver = measured.result.driver
    if driver.checked != "all":
        against = fact(f"checked.{driver.checked}")
        what = fact("responses-unchecked", driver=_name(measured), against=against)
        yield Finding("responses-unchecked", "caution", what, OWN_DRIVER, 1)


def generator_unwatched(measured: MeasuredLoad) -> Iterator[Finding]:
    """Nothing says whether the load tool was the bottleneck."""
    if measured.result.engine is None:
        what = fact("generator-unwatched", driver=_name(measured))
        yield Finding("generator-unwatched", "caution", what, OWN_DRIVER, 1)


def lag_untold(measured: MeasuredLoad) -> Iterator[Finding]:
    """Nothing says whether requests left when they were due."""
    if isinstance(measured.load, OpenLoad) and measured.lag is None:
        yield Finding("lag-untold", "caution", fact("lag-untold", driver=_name(measured)), OWN_DRIVER, 1)


def times_untold(measured: MeasuredLoad) -> Iterator[Finding]:
    """There is nothing to take a percentile from, or there are times of wrong responses in it."""
    times, ok = measured.times.answered, measured.result.ok
    if ok and not times.count:
        yield Finding("times-untold", "caution", fact("times-untold", driver=_name(measured)), OWN_DRIVER, 1)
    elif times.count > ok:
        wrong = times.count - ok
        what = fact("times-mixed", driver=_name(measured), wrong=wrong, times=times.count)
        yield Finding("times-mixed", "caution", what, OWN_DRIVER, wrong)


def driver_untold(measured: MeasuredLoad) -> Iterator[Finding]:
    """What else is not told, and so cannot speak against the trial."""
    missing = tuple(fact(f"untold.{what}") for what, value in _UNTOLD.items() if value(measured.result) is None)
    if missing:
        what = fact("driver-untold", driver=_name(measured), what=missing)
        yield Finding("driver-untold", "caution", what, OWN_DRIVER, len(missing))


def _name(measured: MeasuredLoad) -> str:
    return printable(measured.result.driver.name)
