"""Sanic's own server: a manager process, and the workers that it starts."""

from __future__ import annotations

from ..entries import Integer, Mode, Option, Server, Serving


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m sanic ...`."""
    bind = ("--host", "127.0.0.1", "--port", "{port}", "--no-access-logs", "--no-motd")
    return ("-m", "sanic", *bind, *serving.flags(), serving.target)


SERVER = Server(
    name="sanic",
    package="sanic",
    summary="the server inside Sanic, on uvloop",
    modes=(
        Mode(
            interface="sanic",
            packages=("sanic",),
            options=(Option("workers", Integer(1, 512), "worker processes", "1"),),
            notes=(
                "sanic's server has processes beside its workers (a manager and two helpers), whose memory counts",
                "sanic's server sends no Date header",
            ),
        ),
    ),
    arguments=arguments,
    variables=("SANIC_*",),
)
