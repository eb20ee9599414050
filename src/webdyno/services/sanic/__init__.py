"""Sanic in the catalogue, with its own server: a manager process, and the workers that it starts."""

from __future__ import annotations

from ...model.fact import Fact
from ...stacks.apps import reference_app
from ...stacks.entries import Integer, Mode, Server, ServerOption, Serving, SpokenInterface


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m sanic ...`."""
    bind = ("--host", "127.0.0.1", "--port", "{port}", "--no-access-logs", "--no-motd")
    return ("-m", "sanic", *bind, *serving.flags(), serving.target)


INTERFACE = SpokenInterface("sanic", server="sanic", also=("asgi",), classes=("sanic.app.Sanic",))
APP = reference_app(
    "sanic",
    "sanic",
    "sanic",
    "an asyncio framework with a server of its own; ASGI as well",
    both_handlers=True,
)
SERVER = Server(
    name="sanic",
    package="sanic",
    summary="the server inside Sanic, on uvloop",
    modes=(
        Mode(
            interface="sanic",
            packages=("sanic",),
            options=(ServerOption("workers", Integer(1, 512), "worker processes", "1"),),
            notes=(
                Fact(
                    key="sanic.helpers",
                    template="sanic's server has processes beside its workers (a manager and two helpers), whose "
                    "memory counts",
                ),
                Fact(key="sanic.no-date", template="sanic's server sends no Date header"),
            ),
        ),
    ),
    arguments=arguments,
    variables=("SANIC_*",),
)
