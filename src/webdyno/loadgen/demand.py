"""What a load asks of the load tool, beyond what each can do."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.load import Load, OpenLoad, Window
from ..model.workload import Request
from .driver import Ability
from .job import LoadJob

LONGEST_WHOLE_S = 60.0


def of_job(job: LoadJob, processes: int) -> set[Ability]:
    """What the load of a running server asks for, as it was given."""
    needed = {*of_load(job.load), *of_request(job.request), *of_window(job.window)}
    conditions: dict[Ability, bool] = {
        "scenario": job.scenario is not None,
        "status": job.expected.status is not None,
        "bodies": job.expected.body is not None or bool(job.expected.json_values),
        "tls": job.tls is not None,
        "unix-socket": job.unix_socket is not None,
        "requests-per-connection": job.requests_per_connection is not None,
        "processes": processes > 1,
    }
    return needed | {ability for ability, asked in conditions.items() if asked}


def of_load(load: Load) -> Iterator[Ability]:
    """What the arrivals ask for."""
    if isinstance(load, OpenLoad):
        yield load.arrivals
        if load.profile:
            yield "profile"


def of_request(request: Request) -> Iterator[Ability]:
    """What the request asks for."""
    if request.websocket:
        yield "websocket"
    if request.method == "HEAD":
        yield "head"


def of_window(window: Window) -> Iterator[Ability]:
    """What the times ask for."""
    if not window.timeout_s.is_integer() or window.timeout_s > LONGEST_WHOLE_S:
        yield "fractions"
