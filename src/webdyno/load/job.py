"""What the load generator is asked to do, and what it says while it does it."""

from __future__ import annotations

from typing import Literal

from ..model.base import Value
from ..model.load import Load, Window
from ..model.trial import LoadResult
from ..model.workload import Expected, Request


class LoadJob(Value):
    """One load against one address.

    Attributes:
        host, port: the address, an IP literal.
        request: what is sent.
        expected: what each answer is held against.
        load, window: how and how long.
        seed: of the arrivals.
    """

    host: str
    port: int
    request: Request
    expected: Expected = Expected()
    load: Load
    window: Window = Window()
    seed: int = 0


class WindowOpened(Value):
    """The warm-up is over: what follows counts. `at` is on the monotonic clock, in seconds."""

    event: Literal["opened"] = "opened"
    at: float


class WindowClosed(Value):
    """The window ended; answers that are under way may still come in. `at` is on the monotonic clock, in seconds."""

    event: Literal["closed"] = "closed"
    at: float


class Finished(Value):
    """The job is done."""

    event: Literal["finished"] = "finished"
    result: LoadResult


class Failed(Value):
    """The generator could not do the job."""

    event: Literal["failed"] = "failed"
    message: str


LoadEvent = WindowOpened | WindowClosed
