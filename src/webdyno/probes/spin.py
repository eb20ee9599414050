"""A loop that does nothing but read the clock: whenever it stands still, something else had its CPU."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

from ..model.machine import ClockFacts, SpinFacts

# A turn of the loop takes some 0.1 us; a timer's tick 1 to 4 us. What is longer is seen in the times of requests.
STOP_NS = 5_000
_READINGS = 2000
_CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")


def may_pin() -> bool:
    """Whether this process may be bound to CPUs; it is asked to stay where it is."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    try:
        os.sched_setaffinity(0, os.sched_getaffinity(0))
    except OSError:
        return False
    return True


def spin(seconds: float, cpu: int | None = None) -> SpinFacts:
    """Keep a CPU busy for a while and note when it was taken away.

    Args:
        seconds: for how long.
        cpu: which one; None for whichever the system gives.
    """
    with _bound_to(cpu), _no_collection():
        waited = core_wait_ns()
        stops, longest, lost, lasted = _turn(round(seconds * 1e9))
        after = core_wait_ns()
    known = waited is not None and after is not None
    return SpinFacts(
        cpu=cpu,
        watched_s=lasted / 1e9,
        stops=stops,
        longest_s=longest / 1e9,
        lost_s=lost / 1e9,
        waited_s=((after or 0) - (waited or 0)) / 1e9 if known else None,
    )


def _turn(length_ns: int) -> tuple[int, int, int, int]:
    """Number of stops, the longest, all together, and how long the loop ran; nanoseconds."""
    clock, stop = time.monotonic_ns, STOP_NS
    stops = longest = lost = 0
    began = last = clock()
    end = began + length_ns
    while last < end:
        now = clock()
        if now - last >= stop:
            stops += 1
            lost += now - last
            longest = max(longest, now - last)
        last = now
    return stops, longest, lost, last - began


def clock_facts() -> ClockFacts:
    """The monotonic clock, by which every request is timed."""
    clock = time.monotonic_ns
    readings = [clock() for _ in range(_READINGS)]
    steps = sorted(later - earlier for earlier, later in pairwise(readings))
    source = None
    with suppress(OSError):
        source = _CLOCK_SOURCE.read_text().strip() or None
    return ClockFacts(
        source=source,
        step_s=min((step for step in steps if step), default=0) / 1e9,
        read_s=(readings[-1] - readings[0]) / (_READINGS - 1) / 1e9,
    )


def core_wait_ns() -> int | None:
    """How long this thread has been ready to run and had no CPU, from the second figure of schedstat."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/schedstat").read_text().split()[1])
    return None


@contextmanager
def _bound_to(cpu: int | None) -> Iterator[None]:
    if cpu is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python's own garbage collection would be a stop as well."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
