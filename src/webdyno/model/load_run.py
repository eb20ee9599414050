"""Load run: one load against one address, as `webdyno load` measured it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from .base import Value
from .load import Load, TimeKind, Window
from .trial import Count, LoadFigures, SystemUse

LOAD_SCHEMA: Final = 1


class LoadRun(Value):
    """One load as carried out: the document that `webdyno load --json` prints and `--compare` reads.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from documents of other kinds.
        id: sortable and unique, from the start time; empty in documents from before loads were kept.
        url: what was asked for.
        address: the address that its host was resolved to, once, and the port.
        started: when the load began, UTC.
        scenario: the name of the file with the scenario that was sent; None where it was always the same request.
        method: HTTP method; empty with a scenario.
        headers: name and value pairs that were sent beyond those of the engine; secrets are masked as `***`.
        body_bytes: length of the request's body.
        expected_status: the status that counted as right; None with a scenario, whose steps have their own.
        body_checked: every body was held against a given one.
        unix_socket: the path of the Unix socket that it was sent to; None over TCP.
        cookies: the users of the scenario kept cookies.
        insecure: any certificate was trusted.
        keep_alive, requests_per_connection: as in the options of `webdyno load`.
        load, window: how and how long.
        seed: of the arrivals.
        webdyno: our version.
        thresholds: what was to be met, as given: `p99<50ms`.
        system: the machine that the load came from, during the window; None where it could not be read.
        result: what was counted and timed.
    """

    schema_number: Annotated[Literal[1], Field(alias="schema")] = LOAD_SCHEMA
    document: Literal["load"] = "load"
    id: str = ""
    url: str
    address: str
    started: datetime
    scenario: str | None = None
    method: str
    headers: tuple[tuple[str, str], ...]
    body_bytes: Count
    expected_status: int | None
    body_checked: bool
    unix_socket: str | None = None
    cookies: bool = False
    insecure: bool = False
    keep_alive: bool = True
    requests_per_connection: Count | None = None
    load: Load
    window: Window
    seed: int
    webdyno: str
    thresholds: tuple[str, ...] = ()
    system: SystemUse | None = None
    result: LoadFigures

    @property
    def title(self) -> str:
        """What was asked for, in words."""
        return f"{self.scenario} at {self.url}" if self.scenario else f"{self.method} {self.url}"


class LoadPart(Value):
    """The part of a load that was measured until it was interrupted: no result, and nothing is compared with it.

    It is made of what the engine says about once a second, so it knows less than a `LoadRun`: requests under way are
    missing from it, and of failures only the number is known.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from the document of a whole load.
        url, scenario: what was asked for.
        load, window: what had been planned.
        measured_s: seconds of the window that were measured.
        ok: successful responses in them; failed: failed requests; dropped: arrivals given up because too many were
            waiting.
        kind: `response time` or `service time`.
        p50_ms, p90_ms, p99_ms: percentiles of it, of the successful responses, in milliseconds; None where there are
            too few.
        times: their encoded histogram; empty where there were none.
    """

    schema_number: Annotated[Literal[1], Field(alias="schema")] = LOAD_SCHEMA
    document: Literal["load-part"] = "load-part"
    url: str
    scenario: str | None = None
    load: Load
    window: Window
    measured_s: Annotated[float, Field(gt=0)]
    ok: Count
    failed: Count
    dropped: Count
    kind: TimeKind
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    times: str
