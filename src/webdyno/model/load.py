"""Load: how the requests of a workload are sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Value


class ClosedLoad(Value):
    """N connections, each sends its next request when the last one is answered. Reports service time.

    Attributes:
        kind: tells the loads apart.
        connections: how many connections send at once.
    """

    kind: Literal["closed"] = "closed"
    connections: Annotated[int, Field(ge=1, le=10_000)] = 32

    def __str__(self) -> str:
        """Say the load in words."""
        return f"closed, {self.connections} connections"


class OpenLoad(Value):
    """Arrivals at a rate, whatever the server does. Reports response time, from the intended moment.

    Attributes:
        kind: tells the loads apart.
        rate: arrivals per second.
        arrivals: `poisson` (independent users) or `constant` (evenly spaced).
        connections: the most connections open at once; an arrival that finds none free waits, and its wait counts.
        waiting: the most arrivals that may wait; those beyond are counted as dropped.
    """

    kind: Literal["open"] = "open"
    rate: Annotated[float, Field(gt=0, le=1_000_000)]
    arrivals: Literal["constant", "poisson"] = "poisson"
    connections: Annotated[int, Field(ge=1, le=10_000)] = 128
    waiting: Annotated[int, Field(ge=0)] = 100_000

    def __str__(self) -> str:
        """Say the load in words."""
        return f"open, {self.arrivals} arrivals at {self.rate:g}/s"


Load = Annotated[ClosedLoad | OpenLoad, Field(discriminator="kind")]


class Window(Value):
    """When a trial counts: after the warm-up, for the duration.

    Attributes:
        warmup_s: seconds of the same load before anything is counted.
        duration_s: seconds that are counted.
        timeout_s: seconds from the send after which a request counts as timed out.
    """

    warmup_s: Annotated[float, Field(ge=0, le=3600)] = 0.3
    duration_s: Annotated[float, Field(ge=0.05, le=3600)] = 1.0
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 10.0
