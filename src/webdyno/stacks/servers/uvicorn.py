"""Uvicorn, with the extra `standard` (uvloop, httptools) as its documentation recommends."""

from __future__ import annotations

from ..entries import IDLE_S, Integer, Mode, OneOf, Server, ServerOption, Serving


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m uvicorn ...`."""
    bind = ("--host", "127.0.0.1", "--port", "{port}", "--no-access-log")
    return ("-m", "uvicorn", *bind, *serving.flags(), serving.target)


SERVER = Server(
    name="uvicorn",
    package="uvicorn",
    summary="ASGI server on asyncio; uvloop and httptools are installed with it",
    modes=(
        Mode(
            interface="asgi",
            packages=("uvicorn[standard]",),
            options=(
                ServerOption("workers", Integer(1, 512), "worker processes", "1"),
                ServerOption("loop", OneOf(("auto", "asyncio", "uvloop")), "event loop; auto: uvloop where installed"),
                ServerOption(
                    "http", OneOf(("auto", "h11", "httptools")), "HTTP parser; auto: httptools where installed"
                ),
                ServerOption("lifespan", OneOf(("auto", "on", "off")), "whether start-up and shutdown events are sent"),
                ServerOption("backlog", Integer(1, 65535), "connections that may wait to be accepted"),
                ServerOption(
                    "keep_alive",
                    Integer(0, 86400),
                    "seconds an idle connection is kept open",
                    IDLE_S,
                    flag="--timeout-keep-alive",
                ),
                ServerOption(
                    "limit_concurrency", Integer(1, 10**6), "connections or tasks above which 503 is answered"
                ),
                ServerOption(
                    "limit_max_requests",
                    Integer(1, 10**9),
                    "requests after which a worker ends; the last one ends the server",
                ),
            ),
        ),
    ),
    arguments=arguments,
    variables=("FORWARDED_ALLOW_IPS", "UVICORN_*", "WEB_CONCURRENCY"),
)
