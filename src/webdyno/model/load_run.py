"""Load run: one load against one address, as `webdyno load` measured it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from .base import Value
from .load import Load, Window
from .trial import Count, LoadResult, SystemUse

LOAD_SCHEMA: Final = 1


class LoadRun(Value):
    """One load as carried out: the document that `webdyno load --json` prints and `--compare` reads.

    Attributes:
        schema_number: version of this format, written as `schema`.
        document: tells it from the document of a comparison.
        url: what was asked for.
        address: the address that its host was resolved to, once, and the port.
        started: when the load began, UTC.
        method: HTTP method.
        headers: name and value pairs that were sent beyond those of the engine; secrets are written as `...`.
        body_bytes: length of the request's body.
        expected_status: the status that counted as right.
        body_checked: every body was held against a given one.
        load, window: how and how long.
        seed: of the arrivals.
        webdyno: our version.
        system: the machine that the load came from, during the window; None where it could not be read.
        result: what was counted and timed.
    """

    schema_number: Annotated[Literal[1], Field(alias="schema")] = LOAD_SCHEMA
    document: Literal["load"] = "load"
    url: str
    address: str
    started: datetime
    method: str
    headers: tuple[tuple[str, str], ...]
    body_bytes: Count
    expected_status: int
    body_checked: bool
    load: Load
    window: Window
    seed: int
    webdyno: str
    system: SystemUse | None = None
    result: LoadResult
