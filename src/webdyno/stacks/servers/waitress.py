"""Waitress: one process, a pool of threads."""

from __future__ import annotations

from ...model.fact import fact
from ..entries import IDLE_S, Integer, Mode, Server, ServerOption, Serving


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m waitress ...`; it has no access log."""
    return ("-m", "waitress", "--host", "127.0.0.1", "--port", "{port}", *serving.flags(), serving.target)


SERVER = Server(
    name="waitress",
    package="waitress",
    summary="WSGI server in pure Python: one process, a pool of threads",
    modes=(
        Mode(
            interface="wsgi",
            packages=("waitress",),
            options=(
                ServerOption("threads", Integer(1, 1024), "threads that run the app", "1"),
                ServerOption("backlog", Integer(1, 65535), "connections that may wait to be accepted"),
                ServerOption("connection_limit", Integer(1, 10**6), "connections held at most; above, they wait"),
                ServerOption("channel_timeout", Integer(1, 86400), "seconds an idle connection is kept open", IDLE_S),
            ),
            notes=(fact("server.waitress-thread"),),
        ),
    ),
    arguments=arguments,
)
