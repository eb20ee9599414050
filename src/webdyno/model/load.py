"""Load: how the requests of a workload are sent."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from .base import Value
from .fact import Fact, fact

# From the intended moment, or from the send, to the last byte.
TimeKind = Literal["response time", "service time"]


class ClosedLoad(Value):
    """N connections, each sends its next request when the last one is answered. Reports service time.

    Attributes:
        kind: tells the loads apart.
        connections: how many connections send at once.
    """

    reports: ClassVar[TimeKind] = "service time"
    kind: Literal["closed"] = "closed"
    connections: Annotated[int, Field(ge=1, le=10_000)] = 32

    @property
    def what(self) -> Fact:
        """The load, to be told."""
        return fact("load.closed", connections=self.connections)


MOST_REPLAYED = 1_000_000
# So many steps are told one by one.
_STEPS_TOLD = 4
_Rate = Annotated[float, Field(ge=0, le=1_000_000)]


class Ramp(Value):
    """A rate that goes evenly from one to another over the window; the warm-up is at the first.

    Attributes:
        kind: tells the profiles apart.
        start, end: arrivals per second at the window's opening and at its end.
    """

    kind: Literal["ramp"] = "ramp"
    start: _Rate
    end: _Rate

    @property
    def rate(self) -> float:
        """The highest rate."""
        return max(self.start, self.end)

    @property
    def what(self) -> Fact:
        """The profile, to be told."""
        return fact("profile.ramp", start=self.start, end=self.end)


class RateStep(Value):
    """One rate for a while.

    Attributes:
        rate: arrivals per second; 0 for a pause.
        seconds: for how long.
    """

    rate: _Rate
    seconds: Annotated[float, Field(gt=0, le=3600)]


class RateSteps(Value):
    """One rate after the other; the warm-up is at the first, and the last lasts to the window's end.

    Attributes:
        kind: tells the profiles apart.
        steps: in their order; what is beyond the window's end is excluded.
    """

    kind: Literal["steps"] = "steps"
    steps: Annotated[tuple[RateStep, ...], Field(min_length=1, max_length=10_000)]

    @property
    def rate(self) -> float:
        """The highest rate."""
        return max(step.rate for step in self.steps)

    @property
    def what(self) -> Fact:
        """The profile, to be told."""
        if len(self.steps) > _STEPS_TOLD:
            return fact("profile.many-steps", count=len(self.steps), rate=self.rate)
        steps = tuple(fact("profile.step", rate=step.rate, seconds=step.seconds) for step in self.steps)
        return fact("profile.steps", steps=steps)


class Burst(Value):
    """Many arrivals at one moment, again and again.

    Attributes:
        kind: tells the profiles apart.
        size: arrivals in a burst.
        every_s: seconds from one burst to the next, one of them at the window's opening; under `poisson` arrivals the
            bursts come at random, and this is their mean distance.
    """

    kind: Literal["burst"] = "burst"
    size: Annotated[int, Field(ge=1, le=1_000_000)]
    every_s: Annotated[float, Field(ge=0.001, le=3600)]

    @property
    def rate(self) -> float:
        """The mean rate."""
        return self.size / self.every_s

    @property
    def what(self) -> Fact:
        """The profile, to be told."""
        return fact("profile.burst", size=self.size, every_s=self.every_s)


class Replay(Value):
    """Arrivals at recorded moments; in the warm-up, arrivals at the recording's mean rate.

    Attributes:
        kind: tells the profiles apart.
        offsets_s: the moments, in seconds from the window's opening, ascending; those beyond its end are excluded.
    """

    kind: Literal["replay"] = "replay"
    offsets_s: Annotated[
        tuple[Annotated[float, Field(ge=0, le=3600)], ...], Field(min_length=1, max_length=MOST_REPLAYED)
    ]

    @field_validator("offsets_s")
    @classmethod
    def _ascend(cls, offsets_s: tuple[float, ...]) -> tuple[float, ...]:
        if any(late < early for early, late in pairwise(offsets_s)):
            raise ValueError("the recorded moments must ascend")
        return offsets_s

    @property
    def rate(self) -> float:
        """The mean rate from the window's opening to the last moment, which counts as a second at least."""
        return len(self.offsets_s) / max(self.offsets_s[-1], 1.0)

    @property
    def what(self) -> Fact:
        """The profile, to be told."""
        return fact("profile.replay", count=len(self.offsets_s))


Profile = Annotated[Ramp | RateSteps | Burst | Replay, Field(discriminator="kind")]


class OpenLoad(Value):
    """Arrivals at a rate, whatever the server does. Reports response time, from the intended moment.

    Attributes:
        kind: tells the loads apart.
        rate: arrivals per second; where there is a profile, its `rate`.
        arrivals: `poisson` (independent users) or `constant` (evenly spaced).
        profile: how the rate changes over the window; None where it does not.
        connections: the most connections open at once; an arrival that finds none free waits, and its wait counts.
        waiting: the most arrivals that may wait; those beyond are counted as dropped.
    """

    reports: ClassVar[TimeKind] = "response time"
    kind: Literal["open"] = "open"
    rate: Annotated[float, Field(gt=0, le=1_000_000)]
    arrivals: Literal["constant", "poisson"] = "poisson"
    profile: Profile | None = None
    connections: Annotated[int, Field(ge=1, le=10_000)] = 128
    waiting: Annotated[int, Field(ge=0)] = 100_000

    @property
    def what(self) -> Fact:
        """The load, to be told."""
        profile = self.profile.what if self.profile else fact("profile.even", rate=self.rate)
        if isinstance(self.profile, Replay):
            return fact("load.open.replay", profile=profile)
        return fact("load.open", arrivals=self.arrivals, profile=profile)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.profile and self.rate != self.profile.rate:
            raise ValueError(f"the rate of this profile is {self.profile.rate:g}/s, not {self.rate:g}/s")
        return self


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
