"""One job dealt out to several engine processes."""

from __future__ import annotations

from ..model.load import ClosedLoad, Load
from .job import LoadJob


def shares(job: LoadJob, processes: int) -> list[LoadJob]:
    """Deal a job out, so that the parts together put the server under the very load that was asked for.

    Connections are divided as evenly as possible, and so is the bound on waiting; of the arrivals, whose schedule stays
    the same, each process takes every n-th.

    Args:
        job: the whole.
        processes: how many there are at most. No more take part than there are connections, and only one where a
            number of journeys is asked for, since their flows take turns.

    Returns:
        A job for each process that takes part; the very same one where that is one.
    """
    taking_part = 1 if job.journeys else min(processes, job.load.connections)
    if taking_part == 1:
        return [job]
    return [
        job.model_copy(
            update={
                "load": _part(job.load, place, taking_part),
                "share": (place, taking_part),
                "waits": True,
                # Percentiles of a second cannot be merged, its histograms can.
                "seconds": True,
            }
        )
        for place in range(taking_part)
    ]


def _part(load: Load, place: int, parts: int) -> Load:
    connections = _portion(load.connections, place, parts)
    if isinstance(load, ClosedLoad):
        return load.model_copy(update={"connections": connections})
    return load.model_copy(update={"connections": connections, "waiting": _portion(load.waiting, place, parts)})


def _portion(total: int, place: int, parts: int) -> int:
    return total // parts + (place < total % parts)
