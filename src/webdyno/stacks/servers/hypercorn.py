"""Hypercorn: its worker class is its event loop."""

from __future__ import annotations

from ...model.fact import fact
from ...model.run import Interface
from ..entries import IDLE_S, SERVICES, Integer, Mode, Server, ServerOption, Serving

_OPTIONS = (
    ServerOption("workers", Integer(1, 512), "worker processes", "1"),
    ServerOption("backlog", Integer(1, 65535), "connections that may wait to be accepted"),
    ServerOption("keep_alive", Integer(0, 86400), "seconds an idle connection is kept open", IDLE_S),
    ServerOption("max_requests", Integer(1, 10**9), "requests after which a worker is replaced"),
    ServerOption("max_requests_jitter", Integer(0, 10**9), "random amount added to max_requests"),
    ServerOption("graceful_timeout", Integer(0, 86400), "seconds a worker gets to finish when it is stopped"),
)
_INTERFACES: tuple[Interface, ...] = ("wsgi", "asgi")


def arguments(serving: Serving) -> tuple[str, ...]:
    """`-m hypercorn ...`; the access log is off by Hypercorn's own default."""
    config = str(SERVICES / "settings" / "hypercorn.toml")
    bind = ("--config", config, "--bind", "127.0.0.1:{port}", "--worker-class", serving.mode.worker)
    return ("-m", "hypercorn", *bind, *serving.flags(), f"{serving.mode.interface}:{serving.target}")


def _mode(loop: str, packages: tuple[str, ...], interface: Interface) -> Mode:
    notes = (fact("server.hypercorn-pool"),) if interface == "wsgi" else ()
    return Mode(name=loop, worker=loop, interface=interface, packages=packages, options=_OPTIONS, notes=notes)


SERVER = Server(
    name="hypercorn",
    package="hypercorn",
    summary="ASGI and WSGI server on asyncio; here on uvloop unless worker_class=asyncio",
    modes=(
        *(_mode("uvloop", ("hypercorn", "uvloop"), interface) for interface in _INTERFACES),
        *(_mode("asyncio", ("hypercorn",), interface) for interface in _INTERFACES),
    ),
    arguments=arguments,
)
