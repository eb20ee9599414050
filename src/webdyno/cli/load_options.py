"""The options of `webdyno load` as the user typed them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LoadOptions:
    """What each one means is in `webdyno load --help`."""

    connections: int | None = None
    rate: float | None = None
    ramp: str | None = None
    steps: str | None = None
    burst: str | None = None
    replay: Path | None = None
    arrivals: str | None = None
    waiting: int | None = None
    seed: int | None = None
    duration: str | None = None
    warmup: str = "1s"
    timeout: str = "10s"
    scenario: Path | None = None
    no_cookies: bool = False
    method: str | None = None
    header: list[str] | None = None
    body: str | None = None
    user: str | None = None
    bearer: str | None = None
    compressed: bool = False
    status: int | None = None
    expect_body: str | None = None
    unix_socket: str | None = None
    no_keep_alive: bool = False
    requests_per_connection: int | None = None
    ca: Path | None = None
    insecure: bool = False
    processes: int = 1
    threshold: list[str] | None = None
    compare: Path | None = None
    plot: Path | None = None
    json: bool = False
    quiet: bool = False
