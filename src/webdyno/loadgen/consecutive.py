"""What windows that followed one another counted and timed, as if they had been one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ..model.trial import EndpointResult, EngineUse, LoadFigures
from .merge import add_known, counted_together, merge_bodies, unreadable


def join_windows(results: Sequence[LoadFigures]) -> LoadFigures:
    """Add up the results of windows of the same load; of one, itself.

    Counts and times are added, histograms by their counts; the seconds of the windows follow one another.

    Args:
        results: one of each window, at least one.

    Raises:
        EngineFailed: they cannot be read.
    """
    first, *others = results
    if not others:
        return first
    endpoints: dict[str, list[EndpointResult]] = {}
    for endpoint in chain.from_iterable(result.endpoints for result in results):
        endpoints.setdefault(endpoint.name, []).append(endpoint)
    try:
        return first.model_copy(
            update=counted_together(results)
            | {
                "series": tuple(chain.from_iterable(result.series for result in results)),
                "times": tuple(chain.from_iterable(result.times for result in results)),
                "window_s": sum(result.window_s for result in results),
                "warmup_s": add_known(result.warmup_s for result in results),
                "connects": add_known(result.connects for result in results),
                "reconnects": add_known(result.reconnects for result in results),
                "bytes_in": add_known(result.bytes_in for result in results),
                "answered": add_known(result.answered for result in results),
                "in_flight_mean": _mean([result.in_flight_mean for result in results], results),
                "timed_out_mean": _mean([result.timed_out_mean for result in results], results),
                "failed_in_window": sum(result.failed_in_window for result in results),
                "cut_s": add_known(result.cut_s for result in results),
                "warmup_failed": sum(result.warmup_failed for result in results),
                "failed_outside": add_known(result.failed_outside for result in results),
                "endpoints": tuple(parts[0].model_copy(update=counted_together(parts)) for parts in endpoints.values()),
                "bodies": merge_bodies([result.bodies for result in results]),
                "engine": _use([result.engine for result in results]),
            }
        )
    except ValueError as error:
        raise unreadable(error) from error


def _mean(values: Sequence[float | None], results: Sequence[LoadFigures]) -> float | None:
    """Over the time of all windows; unknown as soon as one is."""
    times = [None if value is None else value * result.window_s for value, result in zip(values, results, strict=True)]
    total = add_known(times)
    return None if total is None else total / sum(result.window_s for result in results)


def _use(parts: Sequence[EngineUse | None]) -> EngineUse | None:
    """All that was used, and the longest gap; unknown as soon as one is."""
    known = [use for use in parts if use is not None]
    if len(known) < len(parts):
        return None
    gaps_s = [use.loop_gap_max_s for use in known if use.loop_gap_max_s is not None]
    return EngineUse(
        cpu_s=sum(use.cpu_s for use in known),
        loop_gap_max_s=max(gaps_s) if len(gaps_s) == len(known) else None,
        spinning=any(use.spinning for use in known),
        busy_s=add_known(use.busy_s for use in known),
        core_wait_s=add_known(use.core_wait_s for use in known),
        render_s=sum(use.render_s for use in known),
        ports_exhausted=add_known(use.ports_exhausted for use in known),
        descriptors_exhausted=add_known(use.descriptors_exhausted for use in known),
        processes=max(use.processes for use in known),
    )
