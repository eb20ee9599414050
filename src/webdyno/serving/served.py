"""Served: a stack that is being served, wherever it runs. All that the lab knows of it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..model.http_request import authority_of, header_fields
from ..model.tls import Tls
from ..model.workload import Request
from .launch_request import Answer


class Address(NamedTuple):
    """Where a stack is asked, and by which name.

    Attributes:
        host, port: the host is an IP literal.
        authority: the value of the `Host` header of a request that brings none.
        tls: None for plain HTTP.
    """

    host: str
    port: int
    authority: str
    tls: Tls | None = None

    def as_sent(self, request: Request) -> Request:
        """The request with all its headers: whoever sends it may know the bare address only."""
        return request.model_copy(update={"headers": tuple(header_fields(request, self.authority))})


def plain_address(host: str, port: int) -> Address:
    """An address that is asked by its own numbers, over plain HTTP."""
    return Address(host, port, authority_of(host, port))


class Served(Protocol):
    """A stack that answers, from the moment on at which `serve` hands it out until it is let go."""

    @property
    def address(self) -> Address:
        """Where it is asked; it may be another one once it is ready."""

    @property
    def pid(self) -> int | None:
        """The root of its process tree; None where its processes cannot be seen."""

    @property
    def fresh(self) -> bool:
        """Its processes were started for whoever was handed it, and nobody else has asked them anything."""

    def wait_ready(self, request: Request, deadline_s: float = 20.0) -> Answer:
        """Wait until it answers a request; an error status is an answer too.

        Raises:
            MeasurementError: it does not within so many seconds.
        """

    def check_alive(self) -> None:
        """Make sure that it still serves.

        Raises:
            MeasurementError: it does not, or somebody else does in its place.
        """

    def begin_end(self) -> None:
        """Have what was started for us begin to end, without waiting for it: nothing more is asked of it."""

    def output_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its output, safe to show; none where it cannot be seen."""

    @property
    def output_bytes(self) -> int:
        """How much it has written to its output so far; 0 where it cannot be seen."""
