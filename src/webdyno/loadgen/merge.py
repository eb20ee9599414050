"""What several engine processes counted and timed, as if one had: counts are added, histograms by their counts.

No percentile is ever averaged: those of the whole are read from the merged histograms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar

from ..errors import EngineFailed
from ..model.histogram import Histogram
from ..model.trial import (
    Bodies,
    Counted,
    EndpointResult,
    EngineUse,
    FailureKind,
    FailureSample,
    LoadFigures,
    Second,
    SecondTimes,
)
from .job import Tick

_SAMPLES_PER_KIND = 3
_TIMES = (*SecondTimes.model_fields, "punctual")
_SAME_WINDOW_S = 1e-6
_Key = TypeVar("_Key", FailureKind, int)
_Number = TypeVar("_Number", int, float)


def merge_results(results: Sequence[LoadFigures], *, open_load: bool, seconds: bool) -> LoadFigures:
    """Add up the results of processes that began together.

    Neither the order nor the grouping matters, as long as `seconds` are kept on the way.

    Args:
        results: one of each process, at least one, each with its `times`.
        open_load: response time is reported, not service time.
        seconds: keep the merged `times`.

    Raises:
        EngineFailed: the results do not belong together, or cannot be read.
    """
    windows_s = [result.window_s for result in results]
    if max(windows_s) - min(windows_s) > _SAME_WINDOW_S:
        raise _disagree(f"measured for {min(windows_s):g} s and for {max(windows_s):g} s")
    counted = partial(_merge_counted, open_load=open_load, seconds=seconds)
    endpoints: dict[str, list[EndpointResult]] = {}
    for endpoint in chain.from_iterable(result.endpoints for result in results):
        endpoints.setdefault(endpoint.name, []).append(endpoint)
    try:
        return results[0].model_copy(
            update=counted(results)
            | {
                "window_s": max(windows_s),
                "warmup_s": max(result.warmup_s or 0.0 for result in results),
                "connects": add_known(result.connects for result in results),
                "reconnects": add_known(result.reconnects for result in results),
                "bytes_in": add_known(result.bytes_in for result in results),
                "answered": add_known(result.answered for result in results),
                "in_flight_mean": add_known(result.in_flight_mean for result in results),
                "timed_out_mean": add_known(result.timed_out_mean for result in results),
                "failed_in_window": sum(result.failed_in_window for result in results),
                "warmup_failed": sum(result.warmup_failed for result in results),
                "failed_outside": add_known(result.failed_outside for result in results),
                "cut_s": add_known(result.cut_s for result in results),
                "endpoints": tuple(parts[0].model_copy(update=counted(parts)) for parts in endpoints.values()),
                "bodies": merge_bodies([result.bodies for result in results]),
                "engine": _merge_use([result.engine for result in results if result.engine]),
            }
        )
    except ValueError as error:
        raise unreadable(error) from error


def merge_ticks(ticks: Sequence[Tick], latest: Iterable[Tick], since_s: float | None) -> Tick:
    """Add up what was said about the same interval.

    Args:
        ticks: what is added up, at least one.
        latest: what each process said last, for what is under way at this moment.
        since_s: `at_s` of the merged tick before; None where there is none.

    Raises:
        EngineFailed: a histogram cannot be read.
    """
    last = max(ticks, key=lambda tick: tick.at_s)
    now = list(latest)
    try:
        times = _merge_encoded(tick.times for tick in ticks)
        p50_us, p99_us = _percentiles([times])
    except ValueError as error:
        raise unreadable(error) from error
    return Tick(
        at_s=last.at_s,
        interval_s=last.interval_s if since_s is None else last.at_s - since_s,
        sent=sum(tick.sent for tick in ticks),
        ok=sum(tick.ok for tick in ticks),
        failed=sum(tick.failed for tick in ticks),
        dropped=sum(tick.dropped for tick in ticks),
        in_flight=sum(tick.in_flight for tick in now),
        waiting=sum(tick.waiting for tick in now),
        times=times,
        p50_us=p50_us,
        p99_us=p99_us,
    )


def _merge_counted(parts: Sequence[Counted], *, open_load: bool, seconds: bool) -> dict[str, object]:
    """The fields of `Counted`."""
    if any(len(part.series) != len(parts[0].series) or len(part.times) != len(part.series) for part in parts):
        raise _disagree("tell of different seconds")
    return counted_together(parts) | {
        "series": _merge_series(parts, "response" if open_load else "service"),
        "times": _merge_times(parts) if seconds else (),
    }


def counted_together(parts: Sequence[Counted]) -> dict[str, object]:
    """The fields of `Counted`, but for those that go second by second.

    Raises:
        ValueError: a histogram cannot be read.
    """
    return {
        "scheduled": sum(part.scheduled for part in parts),
        "ok": sum(part.ok for part in parts),
        "completed": sum(part.completed for part in parts),
        "ok_in_window": add_known(part.ok_in_window for part in parts),
        "failures": _add(part.failures for part in parts),
        "dropped": sum(part.dropped for part in parts),
        "unfinished": add_known(part.unfinished for part in parts),
        "statuses": _add(part.statuses or {} for part in parts),
        **{name: _merge_encoded(getattr(part, name) for part in parts) for name in _TIMES},
        "failed_response": {
            kind: _merge_encoded(part.failed_response.get(kind, "") for part in parts)
            for kind in sorted(set().union(*(part.failed_response for part in parts)))
        },
        "failure_samples": _merge_samples(chain.from_iterable(part.failure_samples for part in parts)),
    }


def _merge_times(parts: Sequence[Counted]) -> tuple[SecondTimes, ...]:
    return tuple(
        SecondTimes(
            **{name: _merge_encoded(getattr(second, name) for second in same) for name in SecondTimes.model_fields}
        )
        for same in zip(*(part.times for part in parts), strict=True)
    )


def _merge_series(parts: Sequence[Counted], reported: str) -> tuple[Second, ...]:
    merged = []
    counts, times = (
        zip(*(part.series for part in parts), strict=True),
        zip(*(part.times for part in parts), strict=True),
    )
    for same, histograms in zip(counts, times, strict=True):
        p50_us, p99_us = _percentiles(getattr(histogram, reported) for histogram in histograms)
        ok, failed = sum(second.ok for second in same), sum(second.failed for second in same)
        merged.append(Second(ok=ok, failed=failed, p50_us=p50_us, p99_us=p99_us))
    return tuple(merged)


def _merge_encoded(encoded: Iterable[str]) -> str:
    """One encoded histogram; those that are missing are passed over, and where there is none it is missing as well."""
    known = [text for text in encoded if text]
    return Histogram.merged(known).encode() if known else ""


def _percentiles(encoded: Iterable[str]) -> tuple[float | None, float | None]:
    """The 50th and the 99th of all together, in microseconds."""
    times = Histogram.merged(text for text in encoded if text)
    p50, p99 = times.quantile_ns(0.5), times.quantile_ns(0.99)
    return (None, None) if p50 is None or p99 is None else (p50 / 1e3, p99 / 1e3)


def _add(counts: Iterable[Mapping[_Key, int]]) -> dict[_Key, int]:
    total: Counter[_Key] = Counter()
    for some in counts:
        total.update(some)
    return dict(sorted(total.items()))


def _merge_samples(samples: Iterable[FailureSample]) -> tuple[FailureSample, ...]:
    """A few of each kind, different ones; which ones does not depend on who saw them."""
    by_kind: dict[FailureKind, set[str]] = {}
    for sample in samples:
        by_kind.setdefault(sample.kind, set()).add(sample.detail)
    return tuple(
        FailureSample(kind=kind, detail=detail)
        for kind, details in sorted(by_kind.items())
        for detail in sorted(details)[:_SAMPLES_PER_KIND]
    )


def merge_bodies(parts: Sequence[Bodies]) -> Bodies:
    """What was seen of bodies, all together."""
    return Bodies(
        looked=sum(part.looked for part in parts),
        varied=sum(part.varied for part in parts),
        misshapen=sum(part.misshapen for part in parts),
        misfits=tuple(sorted(set(chain.from_iterable(part.misfits for part in parts)))[:_SAMPLES_PER_KIND]),
    )


def _merge_use(parts: Sequence[EngineUse]) -> EngineUse:
    """The worst of each: the load is no better than what its weakest process could send."""
    return EngineUse(
        cpu_s=max(use.cpu_s for use in parts),
        loop_gap_max_s=_worst(use.loop_gap_max_s for use in parts),
        spinning=any(use.spinning for use in parts),
        busy_s=_worst(use.busy_s for use in parts),
        core_wait_s=_worst(use.core_wait_s for use in parts),
        render_s=max(use.render_s for use in parts),
        ports_exhausted=add_known(use.ports_exhausted for use in parts),
        descriptors_exhausted=add_known(use.descriptors_exhausted for use in parts),
        processes=sum(use.processes for use in parts),
    )


def _worst(values: Iterable[float | None]) -> float | None:
    """The greatest; unknown as soon as one is, since that may be the worst."""
    known = _known(values)
    return None if known is None else max(known)


def add_known(values: Iterable[_Number | None]) -> _Number | None:
    """The sum; unknown as soon as one is."""
    known = _known(values)
    # Of nothing but whole numbers it is a whole number.
    return None if known is None else sum(known[1:], start=known[0])


def _known(values: Iterable[_Number | None]) -> list[_Number] | None:
    known: list[_Number] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return known


def _disagree(how: str) -> EngineFailed:
    return EngineFailed(f"the processes of the load generator {how}", "run it again; if it repeats, report it")


def unreadable(error: ValueError) -> EngineFailed:
    """That a histogram is damaged."""
    return _disagree(f"sent a histogram that cannot be read ({error})")
