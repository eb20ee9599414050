"""The catalogue: apps, servers and the interfaces between them, by name.

Those of webdyno stand in the tables below;
other packages add theirs as entry points in the groups `webdyno.apps`, `webdyno.servers` and `webdyno.interfaces`. All
are read by the same loader (`plugins`).
"""

from __future__ import annotations

from ..errors import UsageError
from ..plugins import find, names
from .entries import App, Server, SpokenInterface

WITH_OWN_SERVER = ("sanic", "aiohttp")
"""Frameworks with a server and an interface of their own: the `APP`, `SERVER` and `INTERFACE` of their folder."""


def _own(attribute: str) -> dict[str, str]:
    return {name: f"webdyno.services.{name}:{attribute}" for name in WITH_OWN_SERVER}


APPS = {
    "bare-wsgi": "webdyno.stacks.apps:BARE_WSGI",
    "bare-asgi": "webdyno.stacks.apps:BARE_ASGI",
    "flask": "webdyno.stacks.apps:FLASK",
    "quart": "webdyno.stacks.apps:QUART",
    "starlette": "webdyno.stacks.apps:STARLETTE",
    "fastapi": "webdyno.stacks.apps:FASTAPI",
    "litestar": "webdyno.stacks.apps:LITESTAR",
    "django": "webdyno.stacks.apps:DJANGO",
    "django-wsgi": "webdyno.stacks.apps:DJANGO_WSGI",
    "falcon": "webdyno.stacks.apps:FALCON",
    "falcon-asgi": "webdyno.stacks.apps:FALCON_ASGI",
    **_own("APP"),
}

SERVERS = {
    "gunicorn": "webdyno.stacks.servers.gunicorn:SERVER",
    "uvicorn": "webdyno.stacks.servers.uvicorn:SERVER",
    "hypercorn": "webdyno.stacks.servers.hypercorn:SERVER",
    "granian": "webdyno.stacks.servers.granian:SERVER",
    "waitress": "webdyno.stacks.servers.waitress:SERVER",
    **_own("SERVER"),
}

INTERFACES = {
    "wsgi": "webdyno.stacks.entries:WSGI",
    "asgi": "webdyno.stacks.entries:ASGI",
    **_own("INTERFACE"),
}


def find_app(name: str) -> App | None:
    """The app of that name, or None.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return find(name, APPS, "webdyno.apps", App)


def find_server(name: str) -> Server | None:
    """The server of that name, or None.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return find(name, SERVERS, "webdyno.servers", Server)


def find_interface(name: str) -> SpokenInterface:
    """The interface of that name.

    Raises:
        UsageError: there is none, or another package's entry cannot be loaded.
    """
    found = find(name, INTERFACES, "webdyno.interfaces", SpokenInterface)
    if found is None:
        remedy = f"known interfaces: {', '.join(interface_names())}; another package adds one in webdyno.interfaces"
        raise UsageError(f"there is no interface {name!r}", remedy)
    return found


def app_names() -> list[str]:
    """The names of all apps, webdyno's own first."""
    return names(APPS, "webdyno.apps")


def server_names() -> list[str]:
    """The names of all servers, webdyno's own first."""
    return names(SERVERS, "webdyno.servers")


def interface_names() -> list[str]:
    """The names of all interfaces, webdyno's own first."""
    return names(INTERFACES, "webdyno.interfaces")
