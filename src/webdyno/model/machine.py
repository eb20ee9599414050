"""What can be seen of a machine before anything is measured on it; None where it cannot be read, never a guess."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Value
from .run import CpuPlan, HostFacts
from .trial import SystemUse

_Seconds = Annotated[float, Field(ge=0)]
_Watched = Annotated[float, Field(gt=0)]


class SpinFacts(Value):
    """One CPU as a loop saw it that did nothing but read the clock.

    Attributes:
        cpu: its number; None where the loop could not be bound to one.
        watched_s: how long it looked.
        stops: how often it stood still for 5 us or longer.
        longest_s: the longest stop.
        lost_s: all stops together.
        waited_s: of that, the time in which other processes had the CPU; None where unknown.
    """

    cpu: int | None
    watched_s: _Watched
    stops: Annotated[int, Field(ge=0)]
    longest_s: _Seconds
    lost_s: _Seconds
    waited_s: _Seconds | None


class OtherProcess(Value):
    """Another process that used CPU time meanwhile.

    Attributes:
        pid, name: as the system gives them.
        cores: CPU time by time.
    """

    pid: int
    name: str
    cores: float


class SocketFacts(Value):
    """What limits the number of connections.

    Attributes:
        descriptors: how many files one process may open, the soft and the hard limit; -1 for no limit.
        ports: first and last of the local ports for outgoing connections.
        reused: whether a port in TIME_WAIT is used again for a new connection on this machine.
        time_wait: connections in TIME_WAIT.
    """

    descriptors: tuple[int, int]
    ports: tuple[int, int] | None
    reused: bool | None
    time_wait: int | None


class ClockFacts(Value):
    """The clock that times every request.

    Attributes:
        source: the kernel's name for it.
        step_s: the smallest step seen between two readings that differ.
        read_s: what one reading costs, mean.
    """

    source: str | None
    step_s: float
    read_s: float


class FrequencyFacts(Value):
    """What sets the speed of the CPUs.

    Attributes:
        governor: names of the kernel's governors.
        mhz: lowest and highest frequency that it may choose, over all CPUs.
        turbo: whether a CPU may go above its nominal frequency for a while.
        heat_events: how often a CPU was slowed down for heat or power while we looked.
    """

    governor: str | None
    mhz: tuple[float, float] | None
    turbo: bool | None
    heat_events: int | None


class MachineFacts(Value):
    """The machine and what happened on it for a few seconds.

    Attributes:
        host: the machine; `virtual`: whether it is a virtual one.
        cpus: how its CPUs would be shared out for servers with one worker.
        may_pin: whether a process may be bound to a CPU.
        quota_cores: CPUs that the control group may use on average, or `none` for no limit.
        siblings: for each CPU of the plan the hardware threads of its core, as far as they are shown.
        frequency: what sets the speed of the CPUs.
        watched_s: how long the machine was watched; one of the plan's CPUs after the other was kept busy meanwhile.
        system: what the whole machine did; steal is that of the plan's CPUs.
        others_cores: CPU time by time that was used beside ours; `others`: the processes that used most of it, as far
            as they are visible.
        spins: each CPU of the plan as a spinning loop saw it.
        sockets: what limits the number of connections.
        clock: the clock.
    """

    host: HostFacts
    virtual: bool | None
    cpus: CpuPlan
    may_pin: bool
    quota_cores: float | Literal["none"] | None
    siblings: dict[int, tuple[int, ...]]
    frequency: FrequencyFacts
    watched_s: _Watched
    system: SystemUse
    others_cores: Annotated[float, Field(ge=0)]
    others: tuple[OtherProcess, ...]
    spins: Annotated[tuple[SpinFacts, ...], Field(min_length=1)]
    sockets: SocketFacts
    clock: ClockFacts
