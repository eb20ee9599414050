"""What the load tool did not tell, and what it did not hold a response against: nobody may take that for a 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model.load import OpenLoad
from ...model.trial import LoadResult
from ...units import printable
from ..measured_trial import MeasuredTrial
from .finding import Finding

OWN_DRIVER = "leave out --driver: webdyno's own engine does it"
_CHECKED = {"below-400": "a status below 400", "nothing": "nothing"}
_UNTOLD: dict[str, Callable[[LoadResult], object]] = {
    "how long it stood still": lambda result: result.engine and result.engine.loop_gap_max_s,
    "how often connections were opened anew": lambda result: result.reconnects,
    "which statuses came": lambda result: result.statuses,
    "how many requests had no answer at the end": lambda result: result.unfinished,
    "how many were under way": lambda result: result.in_flight_mean,
}


def responses_unchecked(measured: MeasuredTrial) -> Iterator[Finding]:
    """Responses counted as right that may have been none: what came before the load was checked, and no more."""
    driver = measured.result.driver
    if driver.checked != "all":
        against = _CHECKED[driver.checked]
        sentence = f"{_name(measured)} held responses against {against} only: any body and other status counts as right"
        yield Finding("responses-unchecked", "caution", sentence, OWN_DRIVER, 1)


def generator_unwatched(measured: MeasuredTrial) -> Iterator[Finding]:
    """Nothing says whether the load tool was the bottleneck."""
    if measured.result.engine is None:
        sentence = f"{_name(measured)} does not tell what it used itself: whether it was the limit is not known"
        yield Finding("generator-unwatched", "caution", sentence, OWN_DRIVER, 1)


def lag_untold(measured: MeasuredTrial) -> Iterator[Finding]:
    """Nothing says whether requests left when they were due."""
    if isinstance(measured.trial.load, OpenLoad) and measured.lag is None:
        sentence = f"{_name(measured)} does not tell how late it sent: times and rate may look better than they were"
        yield Finding("lag-untold", "caution", sentence, OWN_DRIVER, 1)


def times_untold(measured: MeasuredTrial) -> Iterator[Finding]:
    """There is nothing to take a percentile from, or there are times of wrong responses in it."""
    times = measured.response if isinstance(measured.trial.load, OpenLoad) else measured.service
    ok = measured.result.ok
    if ok and not times.count:
        sentence = f"{_name(measured)} does not tell how long responses took: there are no percentiles"
        yield Finding("times-untold", "caution", sentence, OWN_DRIVER, 1)
    elif times.count > ok:
        wrong = times.count - ok
        sentence = f"{_name(measured)} times wrong responses as well: {wrong:,} of {times.count:,} times are theirs"
        yield Finding("times-mixed", "caution", sentence, OWN_DRIVER, wrong)


def driver_untold(measured: MeasuredTrial) -> Iterator[Finding]:
    """What else is not told, and so cannot speak against the trial."""
    missing = [what for what, value in _UNTOLD.items() if value(measured.result) is None]
    if missing:
        sentence = f"{_name(measured)} does not tell {_listed(missing)}: that is not judged"
        yield Finding("driver-untold", "caution", sentence, OWN_DRIVER, len(missing))


def _name(measured: MeasuredTrial) -> str:
    return printable(measured.result.driver.name)


def _listed(parts: list[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
