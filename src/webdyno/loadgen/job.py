"""What the load generator is asked to do, and what it says while it does it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..model.base import Value
from ..model.load import Load, Window
from ..model.scenario import Scenario
from ..model.tls import Tls
from ..model.trial import LoadFigures
from ..model.workload import Expected, Request


class LoadJob(Value):
    """One load against one address.

    Attributes:
        host, port: the address, an IP literal.
        request: what is sent.
        expected: what each answer is held against.
        scenario: what is sent in place of `request`, with its own expectations; None for always the same request.
        load, window: how and how long.
        seed: of the arrivals.
        unix_socket: the path of a Unix socket to send to; host and port then only stand in the Host header.
        tls: None for plain HTTP. A failed handshake is a `connect` failure.
        keep_alive: False sends `Connection: close` and opens a connection for every request. Opening it is part of
            the response time of open load; the service time begins at the send, whatever came before.
        requests_per_connection: a connection is closed by us after so many; None for no limit. What replaces it is
            no reconnect in the result, which counts those that the server brought about.
        ticks: say about once a second how it goes, which costs the generator a little.
        seconds: keep the histograms of every second of the window (`LoadFigures.times`).
        journeys: end as soon as so many journeys through the scenario's flows have ended, each flow in its turn, or so
            many requests where there is no scenario; None to go on until the window closes. Closed load only.
        counted: numbers that `${counter}` has given before: it goes on with the next.
        share: this process's place among several that share the load, from 0, and their number. Arrivals are dealt out
            in turn; connections, their bound and the bound on waiting are given for this process alone.
        parks: begin with the connections that the last such job against the same address has left open in this process,
            and leave those open that are free at the end. Not with WebSockets.
        waits: prepare, say `Ready`, and begin at the moment that `Begin` names; under closed load with a warm-up say
            `Steady` as well, and open the window at the moment that `Open` names: so several begin and count together.
    """

    host: str
    port: int
    request: Request = Request()
    expected: Expected = Expected()
    scenario: Scenario | None = None
    load: Load
    window: Window = Window()
    seed: int = 0
    unix_socket: str | None = None
    tls: Tls | None = None
    keep_alive: bool = True
    requests_per_connection: Annotated[int, Field(ge=1)] | None = None
    ticks: bool = False
    seconds: bool = False
    journeys: Annotated[int, Field(ge=1)] | None = None
    counted: Annotated[int, Field(ge=0)] = 0
    share: tuple[int, int] = (0, 1)
    parks: bool = False
    waits: bool = False


class Ready(Value):
    """The engine is prepared and waits for `Begin`; only for jobs that ask for it."""

    name: Literal["ready"] = "ready"


class Begin(Value):
    """Told to an engine that is ready: begin at this moment of the monotonic clock, in seconds."""

    at: float


class Steady(Value):
    """The warm-up is over and the load is steady: the engine waits for `Open`; only for jobs that ask for it."""

    name: Literal["steady"] = "steady"


class Open(Value):
    """Told to an engine whose load is steady: open the window at this moment of the monotonic clock, in seconds."""

    at: float


class WindowOpened(Value):
    """The warm-up is over: what follows counts. `at` is on the monotonic clock, in seconds."""

    name: Literal["window-opened"] = "window-opened"
    at: float


class WindowClosed(Value):
    """The window ended; answers that are under way may still come in. `at` is on the monotonic clock, in seconds."""

    name: Literal["window-closed"] = "window-closed"
    at: float


class Tick(Value):
    """How it goes: what came since the last tick, or since the start, whenever it was due.

    One comes at about every whole second, and at the end of the warm-up and of the window: no interval spans the two.

    Attributes:
        at_s: seconds since the window opened, negative or 0 in the warm-up.
        interval_s: seconds since the last tick.
        sent: requests sent in the interval.
        ok: right answers.
        failed: requests that ended in a failure.
        dropped: arrivals given up because too many were waiting (open load only).
        in_flight: requests that are sent and not answered at this moment.
        waiting: arrivals that wait for a free connection at this moment (open load only).
        times: encoded histogram of the reported time (service time under closed, response time under open load) of the
            right answers, so that the ticks of several processes can be added up.
        p50_us, p99_us: percentiles of it in microseconds; None where there were none.
    """

    name: Literal["tick"] = "tick"
    at_s: float
    interval_s: float
    sent: int
    ok: int
    failed: int
    dropped: int
    in_flight: int
    waiting: int
    times: str = ""
    p50_us: float | None = None
    p99_us: float | None = None


class Finished(Value):
    """The job is done."""

    name: Literal["finished"] = "finished"
    result: LoadFigures


class Failed(Value):
    """The generator could not do the job."""

    name: Literal["failed"] = "failed"
    message: str


LoadEvent = WindowOpened | WindowClosed | Tick
RunEvent = LoadEvent | Steady
