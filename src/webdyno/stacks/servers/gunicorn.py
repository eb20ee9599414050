"""Gunicorn: a pre-forking master; its worker class decides what it serves and how."""

from __future__ import annotations

from ...model.fact import fact
from ..entries import IDLE_S, SERVICES, FilePath, Integer, Mode, Server, ServerOption, Serving

_WORKERS = ServerOption("workers", Integer(1, 512), "worker processes", "1")
_COMMON = (
    ServerOption("backlog", Integer(1, 65535), "connections that may wait to be accepted"),
    ServerOption("timeout", Integer(0, 86400), "seconds after which a silent worker is killed; 0: never"),
    ServerOption("graceful_timeout", Integer(0, 86400), "seconds a worker gets to finish when it is stopped"),
    ServerOption("max_requests", Integer(0, 10**9), "requests after which a worker is replaced; 0: never"),
    ServerOption("max_requests_jitter", Integer(0, 10**9), "random amount added to max_requests"),
    ServerOption(
        "config",
        FilePath(),
        "configuration file of your own app; what the notation and webdyno set goes before",
        flag=None,
    ),
)
_THREADS = ServerOption("threads", Integer(1, 1024), "threads per worker that run the app", "1")
_KEEP_ALIVE = ServerOption("keep_alive", Integer(0, 86400), "seconds an idle connection is kept open", IDLE_S)
_CONNECTIONS = ServerOption("worker_connections", Integer(1, 10**6), "connections that one worker holds at most")


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m gunicorn ...`; the access log is off by Gunicorn's own default."""
    config = str(SERVICES / "settings" / "gunicorn.conf.py")
    bind = ("--config", config, "--bind", "127.0.0.1:{port}")
    # With more, of a configuration file, Gunicorn would take gthread for sync.
    threads = ("--threads", "1") if serving.mode.name == "sync" else ()
    return ("-m", "gunicorn", *bind, "--worker-class", serving.mode.worker, *threads, *serving.flags(), serving.target)


SERVER = Server(
    name="gunicorn",
    package="gunicorn",
    summary="pre-forking server; sync and threaded workers for WSGI, Uvicorn's or its own for ASGI, aiohttp's",
    modes=(
        Mode(
            name="sync",
            worker="sync",
            interface="wsgi",
            packages=("gunicorn",),
            options=(_WORKERS, *_COMMON),
            notes=(fact("server.gunicorn-closes"),),
        ),
        Mode(
            name="gthread",
            worker="gthread",
            interface="wsgi",
            packages=("gunicorn",),
            options=(_WORKERS, _THREADS, _KEEP_ALIVE, _CONNECTIONS, *_COMMON),
        ),
        Mode(
            name="uvicorn",
            worker="uvicorn_worker.UvicornWorker",
            interface="asgi",
            packages=("gunicorn", "uvicorn-worker", "uvicorn[standard]"),
            options=(_WORKERS, _KEEP_ALIVE, *_COMMON),
            only_by_name=True,
        ),
        Mode(
            name="asgi",
            worker="asgi",
            interface="asgi",
            packages=("gunicorn", "uvloop"),
            options=(_WORKERS, _KEEP_ALIVE, _CONNECTIONS, *_COMMON),
            only_by_name=True,
            notes=(fact("server.gunicorn-parser"),),
            spoils={"sanic": "it reads an answer's headers twice, which Sanic gives but once, so that none are sent"},
        ),
        Mode(
            name="aiohttp",
            worker="aiohttp.GunicornUVLoopWebWorker",
            interface="aiohttp",
            packages=("gunicorn", "aiohttp", "uvloop"),
            options=(_WORKERS, _KEEP_ALIVE, *_COMMON),
        ),
    ),
    arguments=arguments,
    variables=("FORWARDED_ALLOW_IPS", "SENDFILE", "WEB_CONCURRENCY"),
)
