"""Granian: HTTP in Rust, the app in Python."""

from __future__ import annotations

from ...model.fact import fact
from ..entries import Integer, Mode, OneOf, Server, ServerOption, Serving

_OPTIONS = (
    ServerOption("workers", Integer(1, 512), "worker processes", "1"),
    ServerOption(
        "runtime_threads", Integer(1, 1024), "threads per worker that do the network's work, outside Python", "1"
    ),
    ServerOption("runtime_mode", OneOf(("auto", "mt", "st")), "whether those threads share one runtime"),
    ServerOption("http", OneOf(("auto", "1")), "HTTP version; the load is HTTP/1.1"),
    ServerOption("backlog", Integer(128, 65535), "connections that may wait to be accepted"),
    ServerOption("backpressure", Integer(1, 10**6), "requests that one worker takes on at most at the same time"),
)


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m granian ...`; the access log is off by Granian's own default."""
    bind = ("--host", "127.0.0.1", "--port", "{port}", "--interface", serving.mode.interface)
    return ("-m", "granian", *bind, *serving.flags(), serving.target)


SERVER = Server(
    name="granian",
    package="granian",
    summary="ASGI and WSGI server whose HTTP side is written in Rust",
    modes=(
        Mode(
            interface="asgi",
            packages=("granian[uvloop]",),
            options=(
                *_OPTIONS,
                ServerOption("loop", OneOf(("auto", "asyncio", "uvloop")), "event loop; auto: uvloop where installed"),
                ServerOption("task_impl", OneOf(("asyncio", "rust")), "which tasks run the app"),
            ),
        ),
        Mode(
            interface="wsgi",
            packages=("granian[uvloop]",),
            options=(
                *_OPTIONS,
                ServerOption("blocking_threads", Integer(1, 1024), "threads per worker that run the app", "1"),
            ),
            notes=(fact("server.granian-thread"),),
        ),
    ),
    arguments=arguments,
    variables=("GRANIAN_*",),
)
