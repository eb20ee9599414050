"""All checks of a machine."""

from __future__ import annotations

from collections.abc import Callable

from ...model.machine import MachineFacts
from .check import Check
from .cpus import cores, governor, pinning, quota, siblings, turbo
from .quiet import others, pressure, steal, stops, throttling
from .sockets_and_clock import clock, descriptors, ports


def judge_machine(facts: MachineFacts) -> tuple[Check, ...]:
    """Say of each property whether it disturbs a measurement; pure."""
    return tuple(check(facts) for check in _CHECKS)


_CHECKS: tuple[Callable[[MachineFacts], Check], ...] = (
    cores,
    pinning,
    quota,
    siblings,
    governor,
    turbo,
    steal,
    pressure,
    throttling,
    others,
    stops,
    descriptors,
    ports,
    clock,
)
