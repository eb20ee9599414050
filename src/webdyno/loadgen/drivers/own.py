"""webdyno's own engine: can do everything, watches itself, and tells each thing that it counts."""

from __future__ import annotations

from importlib.metadata import version

from ..driver import ABILITIES, Driver, Seat
from ..generator import LoadGenerator


def _generator(seat: Seat) -> LoadGenerator:
    return LoadGenerator(cpus=seat.cpus, spin=seat.spin, processes=seat.processes)


DRIVER = Driver(
    name="own",
    summary="webdyno's own engine: closed and open load, each response checked, lag and its own use told",
    abilities=frozenset(ABILITIES),
    version=lambda: version("webdyno"),
    generator=_generator,
)
