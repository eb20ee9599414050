"""Connections that stay open from one job to the next, so that a load can pause without being opened anew."""

from __future__ import annotations

import select

from ..job import LoadJob
from .connection import Connection

_SAID_SOMETHING = select.POLLIN | select.POLLRDHUP


class Parked:
    """Those of one process, by where they lead to."""

    def __init__(self) -> None:
        self._kept: dict[object, list[Connection]] = {}

    def keep(self, job: LoadJob, connection: Connection) -> None:
        """Take over a free connection of a job."""
        connection.due = 0
        self._kept.setdefault(_place(job), []).append(connection)

    def take(self, job: LoadJob, most: int) -> list[Connection]:
        """Give back up to so many that the server has not closed meanwhile."""
        kept = self._kept.get(_place(job), [])
        taken: list[Connection] = []
        while kept and len(taken) < most:
            connection = kept.pop()
            if _is_open(connection):
                taken.append(connection)
            else:
                connection.close()
        return taken


def _place(job: LoadJob) -> object:
    return job.unix_socket or (job.host, job.port), job.tls


def _is_open(connection: Connection) -> bool:
    poll = select.poll()
    poll.register(connection.fd, _SAID_SOMETHING)
    return not poll.poll(0) or connection.is_quiet()
