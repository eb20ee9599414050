"""aiohttp in the catalogue, with its own server: one process on one event loop."""

from __future__ import annotations

from ...stacks.apps import reference_app
from ...stacks.entries import IDLE_S, SERVICES, Integer, Mode, OneOf, Server, ServerOption, Serving, SpokenInterface

_OPTIONS = (
    ServerOption(
        "workers", OneOf(("1",)), "aiohttp's server is one process; for several: aiohttp@gunicorn?workers=N", "1"
    ),
    ServerOption("backlog", Integer(1, 65535), "connections that may wait to be accepted"),
    ServerOption("keep_alive", Integer(0, 86400), "seconds an idle connection is kept open", IDLE_S),
)


def arguments(serving: Serving) -> tuple[str, ...]:
    """`serve_aiohttp.py ...`, which calls `web.run_app` without an access log."""
    bind = ("--host", "127.0.0.1", "--port", "{port}", "--worker-class", serving.mode.worker)
    return (str(SERVICES / "aiohttp" / "serve_aiohttp.py"), *bind, *serving.flags(), serving.target)


INTERFACE = SpokenInterface("aiohttp", server="aiohttp", classes=("aiohttp.web_app.Application",))
APP = reference_app("aiohttp", "aiohttp", "aiohttp", "the web framework of aiohttp, on a server of its own")
SERVER = Server(
    name="aiohttp",
    package="aiohttp",
    summary="the server inside aiohttp; here on uvloop unless worker_class=asyncio",
    modes=tuple(
        Mode(name=loop, worker=loop, interface="aiohttp", packages=packages, options=_OPTIONS)
        for loop, packages in (("uvloop", ("aiohttp", "uvloop")), ("asyncio", ("aiohttp",)))
    ),
    arguments=arguments,
    variables=("AIOHTTP_NO_EXTENSIONS",),
)
