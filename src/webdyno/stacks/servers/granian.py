"""Granian: HTTP in Rust, the app in Python."""

from __future__ import annotations

from ..entries import Choice, Integer, Mode, Option, Server, Serving

_OPTIONS = (
    Option("workers", Integer(1, 512), "worker processes", "1"),
    Option("runtime_threads", Integer(1, 1024), "threads per worker that do the network's work, outside Python", "1"),
    Option("runtime_mode", Choice(("auto", "mt", "st")), "whether those threads share one runtime"),
    Option("http", Choice(("auto", "1")), "HTTP version; the load is HTTP/1.1"),
    Option("backlog", Integer(128, 65535), "connections that may wait to be accepted"),
    Option("backpressure", Integer(1, 10**6), "requests that one worker takes on at most at the same time"),
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
                Option("loop", Choice(("auto", "asyncio", "uvloop")), "event loop; auto: uvloop where installed"),
                Option("task_impl", Choice(("asyncio", "rust")), "which tasks run the app"),
            ),
        ),
        Mode(
            interface="wsgi",
            packages=("granian[uvloop]",),
            options=(
                *_OPTIONS,
                Option("blocking_threads", Integer(1, 1024), "threads per worker that run the app", "1"),
            ),
            notes=("granian runs WSGI apps in one thread here, as all servers do; left alone it takes up to 512",),
        ),
    ),
    arguments=arguments,
    variables=("GRANIAN_*",),
)
